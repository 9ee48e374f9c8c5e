import type { Platform } from '../../definition/platform.ts';
import { namespaceOf } from '../names.ts';
import { workingGroups } from './alerts-kafka.ts';
import type { Variable } from './dashboard.ts';
import { lines, PER, type Row, stat } from './panel.ts';

/** What the page can be narrowed to. */
export function kafkaVariables(platform: Platform): Variable[] {
  return [{ name: 'topic', label: 'Topic', query: `label_values(kafka_topic_partitions{namespace="${namespaceOf(platform)}"}, topic)` }];
}

/** Kafka by its JMX exporter and by Kafka Exporter; what the services and their sidecars could not write stands beside it. */
export function kafkaRows(platform: Platform): Row[] {
  const here = `namespace="${namespaceOf(platform)}"`;
  const topics = `${here},topic=~"$topic"`;
  return [rightNow(here, workingGroups(platform)), flow(topics), errors(here), brokers(here)];
}

const BAD_IF_ANY = { look: 1, bad: 1 };

function rightNow(here: string, groups: readonly string[]): Row {
  const working = groups.length === 0 ? here : `${here},consumergroup=~"${groups.join('|')}"`;
  return {
    title: 'Right now',
    panels: [
      stat('Consumer lag', 'short', 'Events that services have still to handle. KafkaConsumerLag fires above 1000 of one topic.', `sum(kafka_consumergroup_lag{${working}})`, { limits: { look: 500, bad: 1000 } }),
      stat('Offline partitions', 'short', 'Partitions without a leader: nobody can write to them or read them.', `max(kafka_controller_kafkacontroller_offlinepartitionscount{${here}})`, { limits: BAD_IF_ANY }),
      stat('Below min ISR', 'short', 'Partitions that refuse writes because too few replicas are in step.', `sum(kafka_server_replicamanager_underminisrpartitioncount{${here}})`, { limits: BAD_IF_ANY }),
      stat('Under-replicated', 'short', 'Partitions with fewer replicas in step than they should have.', `sum(kafka_server_replicamanager_underreplicatedpartitions{${here}})`, { limits: { look: 1, bad: 10 } }),
      stat('Active controllers', 'short', 'Always one.', `sum(kafka_controller_kafkacontroller_activecontrollercount{${here}})`, { limits: { look: 2, bad: 2 } }),
      stat('Brokers', 'short', 'Brokers that can be measured.', `count(kafka_server_replicamanager_leadercount{${here}})`),
    ],
  };
}

function flow(topics: string): Row {
  return {
    title: 'Topics and consumers',
    panels: [
      lines('Kafka throughput', 'ops', 'Events per second that are written, by topic.', { '{{topic}}': `sum by (topic) (rate(kafka_server_brokertopicmetrics_messagesin_total{${topics}}${PER}))` }),
      lines('Bytes', 'Bps', 'Bytes per second that are written (in) and read (out), by topic.', {
        '{{topic}} in': `sum by (topic) (rate(kafka_server_brokertopicmetrics_bytesin_total{${topics}}${PER}))`,
        '{{topic}} out': `sum by (topic) (rate(kafka_server_brokertopicmetrics_bytesout_total{${topics}}${PER}))`,
      }),
      lines('Consumer lag', 'short', 'Events that a group has still to handle. A replica that is gone leaves its group of listens behind; its lag means nothing.', {
        '{{consumergroup}} {{topic}}': `sum by (consumergroup, topic) (kafka_consumergroup_lag{${topics}})`,
      }, { limits: { look: 500, bad: 1000 } }),
      lines('Handled by groups', 'ops', 'Events per second that each group gets through.', { '{{consumergroup}} {{topic}}': `sum by (consumergroup, topic) (rate(kafka_consumergroup_current_offset{${topics}}${PER}))` }),
      lines('Topic size', 'bytes', 'Bytes on disk, all replicas together.', { '{{topic}}': `sum by (topic) (kafka_log_log_size{${topics}})` }, { stacked: true }),
      lines('Partition size', 'bytes', 'The twenty largest partitions. One far above its sisters has a key that too many events share.', { '{{topic}}-{{partition}}': `topk(20, max by (topic, partition) (kafka_log_log_size{${topics}}))` }),
    ],
  };
}

function errors(here: string): Row {
  return {
    title: 'Errors',
    panels: [
      lines('Producer errors', 'ops', 'Writes per second that failed: as brokers, sidecars and outboxes see it.', {
        'brokers, {{topic}}': `sum by (topic) (rate(kafka_server_brokertopicmetrics_failedproducerequests_total{${here},topic!=""}${PER}))`,
        'sidecar {{app_id}}, bulk': `sum by (app_id) (rate(dapr_component_pubsub_egress_bulk_count{${here},success="false"}${PER}))`,
        'sidecar {{app_id}}': `sum by (app_id) (rate(dapr_component_pubsub_egress_count{${here},success="false"}${PER}))`,
        'outbox of {{service}}': `sum by (service) (rate(outbox_publish_failures_total{${here}}${PER}))`,
      }),
      lines('Failed reads', 'ops', 'Fetches per second that failed, by topic.', { '{{topic}}': `sum by (topic) (rate(kafka_server_brokertopicmetrics_failedfetchrequests_total{${here},topic!=""}${PER}))` }),
      lines('Replicas out of step', 'ops', 'How often replicas fall behind (shrink) and catch up (expand).', {
        'shrink {{pod}}': `sum by (pod) (rate(kafka_server_replicamanager_isrshrinks_total{${here}}${PER}))`,
        'expand {{pod}}': `sum by (pod) (rate(kafka_server_replicamanager_isrexpands_total{${here}}${PER}))`,
      }),
    ],
  };
}

function brokers(here: string): Row {
  const pods = `${here},container="kafka"`;
  return {
    title: 'Brokers',
    panels: [
      lines('Request time (p99)', 'ms', 'How long brokers take for a write (Produce) and a read (FetchConsumer; it waits when there is nothing new).', {
        '{{request}} {{pod}}': `max by (request, pod) (kafka_network_requestmetrics_totaltimems{${here},request=~"Produce|FetchConsumer",quantile="0.99"})`,
      }),
      lines('Idle handlers', 'percentunit', 'Part of the time in which request handlers have nothing to do; below a third a broker is overloaded.', {
        '{{pod}}': `avg by (pod) (kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent{${here}})`,
      }, { max: 1 }),
      lines('Leaders', 'short', 'Partitions that each broker leads; far apart means uneven load.', { '{{pod}}': `sum by (pod) (kafka_server_replicamanager_leadercount{${here}})` }),
      lines('CPU', 'short', 'Cores used by each broker.', { '{{pod}}': `sum by (pod) (rate(container_cpu_usage_seconds_total{${pods}}${PER}))` }),
      lines('Memory', 'bytes', 'Memory that counts against the limit.', { '{{pod}}': `sum by (pod) (container_memory_working_set_bytes{${pods}})` }),
      lines('Disk used', 'percentunit', 'Part of the volumes of each broker that is full.', {
        '{{persistentvolumeclaim}}': `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${here},persistentvolumeclaim=~"data-.+"} / kubelet_volume_stats_capacity_bytes{${here},persistentvolumeclaim=~"data-.+"})`,
      }, { limits: { look: 0.7, bad: 0.85 }, max: 1 }),
    ],
  };
}
