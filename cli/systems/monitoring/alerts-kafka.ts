import type { Platform } from '../../definition/platform.ts';
import { brokersOf, kafkaCluster, kafkaOf } from '../kafka-access.ts';
import { namespaceOf } from '../names.ts';
import type { AlertGroup } from './alert.ts';

/**
 * Consumer groups whose lag means work that waits. Those of `listens` are each replica's own and begin at the newest event;
 * a replica that is gone leaves its group behind, and its lag would grow for days.
 */
export function workingGroups({ services }: Platform): string[] {
  const groups = services.flatMap(({ subscriptions }) => subscriptions.map(({ group }) => group));
  return [...new Set(groups)].filter((group) => !group.includes('{podName}')).sort();
}

/** Kafka of our own, measured by its JMX exporter and by Kafka Exporter. A Kafka that others run has alarms of its own. */
export function kafkaAlerts(platform: Platform): AlertGroup[] {
  if (kafkaOf(platform).provider !== 'strimzi') return [];
  const here = `namespace="${namespaceOf(platform)}"`;
  const cluster = kafkaCluster(platform);
  const brokers = brokersOf(platform);
  const groups = workingGroups(platform);
  const lag = `sum by (namespace, consumergroup, topic) (kafka_consumergroup_lag{${here},consumergroup=~"${groups.join('|')}"})`;
  return [
    {
      name: 'kafka',
      alerts: [
        ...(groups.length === 0
          ? []
          : [
              {
                name: 'KafkaConsumerLag',
                expr: `${lag} > 1000`,
                for: '5m',
                severity: 'warning',
                summary: 'A service is more than 1000 events behind',
                description: '{{ $labels.consumergroup }} has {{ $value | humanize }} events of {{ $labels.topic }} still to handle.',
              } as const,
            ]),
        {
          name: 'KafkaLagUnknown',
          expr: `absent(kafka_consumergroup_lag{${here}})`,
          for: '15m',
          severity: 'warning',
          summary: 'Nobody knows how far behind the consumers are',
          description: 'Kafka Exporter of {{ $labels.namespace }} says nothing of consumer groups, so KafkaConsumerLag cannot fire.',
        },
        {
          name: 'KafkaBrokerDown',
          expr: `(count by (namespace) (kafka_server_replicamanager_leadercount{${here}}) or absent(kafka_server_replicamanager_leadercount{${here}}) * 0) < ${brokers}`,
          for: '5m',
          severity: 'critical',
          summary: 'A Kafka broker is missing',
          description: `{{ $value }} of ${brokers} brokers of ${cluster} can be measured.`,
        },
        {
          name: 'KafkaOfflinePartitions',
          expr: `max by (namespace) (kafka_controller_kafkacontroller_offlinepartitionscount{${here}}) > 0`,
          for: '1m',
          severity: 'critical',
          summary: 'Partitions have no leader: nobody can write to them or read them',
          description: '{{ $value }} partitions have no leader.',
        },
        {
          name: 'KafkaNoController',
          expr: `sum by (namespace) (kafka_controller_kafkacontroller_activecontrollercount{${here}}) != 1`,
          for: '3m',
          severity: 'critical',
          summary: 'Kafka has not exactly one active controller',
          description: '{{ $value }} nodes say that they are the active controller.',
        },
        {
          name: 'KafkaUnderMinIsr',
          expr: `sum by (namespace) (kafka_server_replicamanager_underminisrpartitioncount{${here}}) > 0`,
          for: '2m',
          severity: 'critical',
          summary: 'Partitions have too few replicas in step: writes are refused',
          description: '{{ $value }} partitions are below their min.insync.replicas.',
        },
        {
          name: 'KafkaUnderReplicated',
          expr: `sum by (namespace) (kafka_server_replicamanager_underreplicatedpartitions{${here}}) > 0`,
          for: '10m',
          severity: 'warning',
          summary: 'Partitions have fewer replicas in step than they should',
          description: '{{ $value }} partitions are under-replicated: one more broker lost may stop writes.',
        },
        {
          name: 'KafkaDiskFilling',
          // At the pace of the last six hours it is full within a day, and less than half is left.
          expr: diskFilling(`${here},persistentvolumeclaim=~"data(-[0-9]+)?-${cluster}-.+"`),
          for: '30m',
          severity: 'critical',
          summary: 'A disk of Kafka is full within a day',
          description: '{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left and is full in a day if it goes on like this.',
        },
        {
          name: 'KafkaCertificateExpiring',
          expr: `min by (cluster, type, resource_namespace) (strimzi_certificate_expiration_timestamp_ms{resource_namespace="${namespaceOf(platform)}"}) / 1000 - time() < 14 * 86400`,
          for: '1h',
          severity: 'warning',
          summary: 'A certificate authority of Kafka expires within two weeks',
          description: 'The {{ $labels.type }} of {{ $labels.cluster }} expires in {{ $value | humanizeDuration }}.',
        },
      ],
    },
  ];
}

function diskFilling(selector: string): string {
  const [available, capacity] = [`kubelet_volume_stats_available_bytes{${selector}}`, `kubelet_volume_stats_capacity_bytes{${selector}}`];
  return `${available} / ${capacity} < 0.5 and predict_linear(${available}[6h], 86400) < 0`;
}
