// Which metrics Kafka's figures become. The rules are tried as the JMX exporter tries them: the first that is found anywhere in
// `domain<key=value, …><>attribute: value` counts; what its name may not hold becomes an underscore.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openTemplates } from '../../../cli/render/templates.ts';

interface Rules {
  lowercaseOutputName: boolean;
  rules: { pattern: string; name: string; type: string; labels?: Record<string, string> }[];
}

const { data } = parse(openTemplates().fill('strimzi/metrics.yaml.hbs', { name: 'm', namespace: 'n', labels: {} })) as { data: Record<'metrics.yaml' | 'connect.yaml', string> };
const broker = parse(data['metrics.yaml']) as Rules;
const connect = parse(data['connect.yaml']) as Rules;

/** `name{label=value,…} TYPE` of a figure; undefined when no rule wants it. */
function metric({ rules }: Rules, bean: string): string | undefined {
  for (const { pattern, name, type, labels = {} } of rules) {
    const found = new RegExp(`^.*(?:${pattern}).*$`).exec(`${bean}: 1`);
    if (!found) continue;
    const fill = (text: string): string => text.replaceAll(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
    const shown = Object.entries(labels).map(([key, value]) => `${fill(key)}=${fill(value)}`);
    return `${fill(name).replaceAll(/[^\w:]/g, '_').toLowerCase()}${shown.length > 0 ? `{${shown.join(',')}}` : ''} ${type}`;
  }
  return undefined;
}

describe('a broker', () => {
  test.each([
    ['kafka.server<type=BrokerTopicMetrics, name=MessagesInPerSec><>Count', 'kafka_server_brokertopicmetrics_messagesin_total COUNTER'],
    ['kafka.server<type=BrokerTopicMetrics, name=BytesInPerSec, topic=task-events.dlq><>Count', 'kafka_server_brokertopicmetrics_bytesin_total{topic=task-events.dlq} COUNTER'],
    ['kafka.server<type=BrokerTopicMetrics, name=FailedProduceRequestsPerSec, topic=t><>Count', 'kafka_server_brokertopicmetrics_failedproducerequests_total{topic=t} COUNTER'],
    ['kafka.network<type=RequestMetrics, name=ErrorsPerSec, request=Produce, error=NOT_LEADER_OR_FOLLOWER><>Count', 'kafka_network_requestmetrics_errors_total{request=Produce,error=NOT_LEADER_OR_FOLLOWER} COUNTER'],
    ['kafka.server<type=ReplicaManager, name=UnderReplicatedPartitions><>Value', 'kafka_server_replicamanager_underreplicatedpartitions GAUGE'],
    ['kafka.server<type=ReplicaManager, name=UnderMinIsrPartitionCount><>Value', 'kafka_server_replicamanager_underminisrpartitioncount GAUGE'],
    ['kafka.server<type=ReplicaManager, name=LeaderCount><>Value', 'kafka_server_replicamanager_leadercount GAUGE'],
    ['kafka.controller<type=KafkaController, name=ActiveControllerCount><>Value', 'kafka_controller_kafkacontroller_activecontrollercount GAUGE'],
    ['kafka.controller<type=KafkaController, name=OfflinePartitionsCount><>Value', 'kafka_controller_kafkacontroller_offlinepartitionscount GAUGE'],
    ['kafka.log<type=LogManager, name=OfflineLogDirectoryCount><>Value', 'kafka_log_logmanager_offlinelogdirectorycount GAUGE'],
    ['kafka.log<type=Log, name=Size, topic=task-events, partition=2><>Value', 'kafka_log_log_size{topic=task-events,partition=2} GAUGE'],
    ['kafka.server<type=KafkaRequestHandlerPool, name=RequestHandlerAvgIdlePercent><>MeanRate', 'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent GAUGE'],
    ['kafka.network<type=SocketServer, name=NetworkProcessorAvgIdlePercent><>Value', 'kafka_network_socketserver_networkprocessoravgidle_percent GAUGE'],
    ['kafka.network<type=RequestMetrics, name=TotalTimeMs, request=Produce><>99thPercentile', 'kafka_network_requestmetrics_totaltimems{request=Produce,quantile=0.99} GAUGE'],
    ['kafka.network<type=RequestMetrics, name=TotalTimeMs, request=Produce><>Count', 'kafka_network_requestmetrics_totaltimems_count{request=Produce} COUNTER'],
    ['kafka.server<type=socket-server-metrics, listener=TLS-9093, networkProcessor=2><>connection-count', 'kafka_server_socket_server_metrics_connection_count{listener=TLS-9093,networkProcessor=2} GAUGE'],
    ['kafka.server<type=raft-metrics><>current-leader', 'kafka_server_raft_metrics_current_leader GAUGE'],
  ])('%s', (bean, wanted) => {
    expect(metric(broker, bean)).toBe(wanted);
  });

  test.each(['kafka.server<type=BrokerTopicMetrics, name=MessagesInPerSec><>OneMinuteRate', 'java.lang<type=Runtime><>Uptime', 'kafka.network<type=RequestMetrics, name=TotalTimeMs, request=Produce><>StdDev'])('of no use: %s', (bean) => {
    expect(metric(broker, bean)).toBeUndefined();
  });
});

describe('a worker of Connect', () => {
  test.each([
    ['kafka.connect<type=connector-task-metrics, connector=archive, task=0><>batch-size-avg', 'kafka_connect_connector_task_metrics_batch_size_avg{connector=archive,task=0} GAUGE'],
    ['kafka.connect<type=connect-worker-metrics><>connector-count', 'kafka_connect_connect_worker_metrics_connector_count GAUGE'],
    ['kafka.connect<type=connect-worker-metrics, connector=archive><>connector-failed-task-count', 'kafka_connect_connect_worker_metrics_connector_failed_task_count{connector=archive} GAUGE'],
    ['kafka.connect.mirror<type=MirrorSourceConnector, target=east, topic=t, partition=0><>replication-latency-ms', 'kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms{target=east,topic=t,partition=0} GAUGE'],
  ])('%s', (bean, wanted) => {
    expect(metric(connect, bean)).toBe(wanted);
  });
});

test('names are in lower case, as dashboards look for them', () => {
  expect([broker.lowercaseOutputName, connect.lowercaseOutputName]).toEqual([true, true]);
});
