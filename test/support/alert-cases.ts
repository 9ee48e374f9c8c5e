/** Series by their name, with values as promtool reads them: `0+60x120` rises by 60 each minute, `1x120` stays. */
export type World = Readonly<Record<string, string>>;

const service = (name: string, replica = 0): string => `namespace="todo",service="${name}",pod="${name}-${replica}",container="app"`;
const request = (status: number, route = '/api/tasks'): string => `http_requests_total{${service('task-api')},method="GET",route="${route}",status="${status}"}`;
const bucket = (le: string): string => `api_request_duration_seconds_bucket{${service('task-api')},method="GET",route="/api/tasks",le="${le}"}`;
const up = (labels: string): string => `up{${labels}}`;
const broker = (metric: string, replica: number): string => `${metric}{namespace="todo",pod="todo-broker-${replica}"}`;
const lag = (group: string, partition: number): string => `kafka_consumergroup_lag{namespace="todo",consumergroup="${group}",topic="task-events",partition="${partition}"}`;
const handled = (outcome: string): string => `events_handled_total{${service('audit')},topic="task-events",type="task.created.v1",outcome="${outcome}"}`;
const volume = (part: 'available' | 'capacity', claim = 'data-0-todo-broker-0'): string => `kubelet_volume_stats_${part}_bytes{namespace="todo",persistentvolumeclaim="${claim}"}`;
const published = (success: boolean): string => `dapr_component_pubsub_egress_bulk_count{namespace="todo",app_id="task-api",topic="task-events",success="${success}"}`;
const delivered = (status: string): string => `dapr_component_pubsub_ingress_count{namespace="todo",app_id="audit",topic="task-events",process_status="${status}"}`;
const invoked = (status: number): string => `dapr_runtime_service_invocation_res_recv_total{namespace="todo",app_id="recurrence",src_app_id="task-api",status="${status}"}`;
const ready = (pod: string): string => `kube_pod_status_ready{namespace="todo",pod="${pod}",condition="true"}`;
const deadLetters = (reason: string): string => `dead_letters_total{${service('audit')},topic="task-events",reason="${reason}"}`;
const restarts = 'kube_pod_container_status_restarts_total{namespace="todo",pod="web-0",container="app"}';
const sidecar = up('namespace="todo",pod="audit-0",container="daprd"');
const sentry = 'dapr_sentry_issuercert_expiry_timestamp{namespace="dapr-system",pod="dapr-sentry-0"}';
const authority = 'strimzi_certificate_expiration_timestamp_ms{namespace="strimzi-system",cluster="todo",type="cluster-ca",resource_namespace="todo"}';
const certificate = 'certmanager_certificate_expiration_timestamp_seconds{namespace="cert-manager",exported_namespace="todo",name="todo-tls"}';
const pending = `recurrence_sagas_pending{${service('recurrence')}}`;
const settled = `recurrence_sagas_total{${service('recurrence')},state="done"}`;
const DAY = 86_400;

/** Prod on a good day, with what looks bad and is not: a few 5xx, a finished Job, the group of a replica that is gone. Times begin at zero. */
export const HEALTHY: World = {
  ...Object.fromEntries(['task-api', 'recurrence', 'audit', 'realtime', 'web'].map((name) => [up(service(name)), '1x120'])),
  [request(200)]: '0+60x120',
  [request(500)]: '0+1x120',
  [request(503, '/readyz')]: '0+60x120',
  [bucket('0.1')]: '0+60x120',
  [bucket('+Inf')]: '0+60x120',
  [`metrics_collect_failures_total{${service('task-api')}}`]: '7x120',
  [`nodejs_eventloop_delay_seconds{${service('task-api')},quantile="0.99"}`]: '0.01x120',
  [`nodejs_eventloop_delay_seconds{${service('task-api')},quantile="1"}`]: '2x120',
  [`outbox_oldest_age_seconds{${service('task-api', 0)}}`]: '0.2x120',
  [`outbox_oldest_age_seconds{${service('task-api', 1)}}`]: '0.2x120',
  [`outbox_relay_active{${service('task-api', 0)}}`]: '1x120',
  [`outbox_relay_active{${service('task-api', 1)}}`]: '0x120',
  [`outbox_publish_failures_total{${service('task-api')},topic="task-events"}`]: '5x120',
  [deadLetters('poison')]: '3x120',
  [handled('handled')]: '0+60x120',
  [handled('retry')]: '0+1x120',
  [pending]: '2x120',
  [settled]: '0+1x120',
  [lag('audit', 0)]: '400x120',
  [lag('audit', 1)]: '400x120',
  [lag('realtime-realtime-7d9f', 0)]: '90000x120',
  ...Object.fromEntries([0, 1, 2].map((id) => [broker('kafka_server_replicamanager_leadercount', id), '20x120'])),
  ...Object.fromEntries([0, 1, 2].map((id) => [broker('kafka_controller_kafkacontroller_activecontrollercount', id), id === 1 ? '1x120' : '0x120'])),
  [broker('kafka_controller_kafkacontroller_offlinepartitionscount', 1)]: '0x120',
  [broker('kafka_server_replicamanager_underminisrpartitioncount', 0)]: '0x120',
  [broker('kafka_server_replicamanager_underreplicatedpartitions', 0)]: '0x120',
  // It fills, but slowly.
  [volume('available')]: '45000000000-1000000x120',
  [volume('capacity')]: '100000000000x120',
  [authority]: `${365 * DAY * 1000}x120`,
  [sidecar]: '1x120',
  [up('namespace="dapr-system",pod="dapr-operator-0"')]: '1x120',
  [published(true)]: '0+60x120',
  [published(false)]: '4x120',
  [delivered('success')]: '0+60x120',
  [delivered('retry')]: '0+1x120',
  [invoked(200)]: '0+60x120',
  [invoked(500)]: '0+1x120',
  [sentry]: `${365 * DAY}x120`,
  [ready('web-0')]: '1x120',
  [ready('dump-1')]: '0x120',
  'kube_pod_status_phase{namespace="todo",pod="dump-1",phase="Succeeded"}': '1x120',
  [restarts]: '2x120',
  'kube_pod_container_status_last_terminated_reason{namespace="todo",pod="web-0",container="app",reason="OOMKilled"}': '1x120',
  [certificate]: `${60 * DAY}x120`,
};

export interface Firing {
  alert: string;
  /** What is different from a good day; null: nobody says it any more. */
  change: Readonly<Record<string, string | null>>;
  labels: Readonly<Record<string, string>>;
  /** What a person is told. */
  says: string;
}

const todo = (labels: Record<string, string>): Record<string, string> => ({ namespace: 'todo', ...labels });

/** Each alert, and a day on which it must fire, after 100 minutes. */
export const FIRING: readonly Firing[] = [
  { alert: 'HighErrorRate', change: { [request(500)]: '0+6x120' }, labels: todo({ service: 'task-api' }), says: '9.091% of the requests to task-api are answered with a 5xx.' },
  { alert: 'SlowRequests', change: { [bucket('0.1')]: '0+30x120', [bucket('10')]: '0+60x120' }, labels: todo({ service: 'task-api' }), says: 'The 99th percentile of task-api is 9.802s.' },
  { alert: 'ServiceUnseen', change: { [up(service('web'))]: '0x120' }, labels: todo({ service: 'web' }), says: 'No replica of web answers on /metrics: it is down, or Prometheus cannot reach it.' },
  { alert: 'ServiceUnseen', change: { [up(service('audit'))]: null }, labels: todo({ service: 'audit' }), says: 'No replica of audit answers on /metrics: it is down, or Prometheus cannot reach it.' },
  {
    alert: 'MetricsIncomplete',
    change: { [`metrics_collect_failures_total{${service('task-api')}}`]: '0+2x120' },
    labels: todo({ service: 'task-api' }),
    says: 'task-api could not ask for figures 20 times in ten minutes; most of them come from its database.',
  },
  {
    alert: 'EventLoopSlow',
    change: { [`nodejs_eventloop_delay_seconds{${service('task-api')},quantile="0.99"}`]: '0.75x120' },
    labels: todo({ service: 'task-api', pod: 'task-api-0' }),
    says: 'The event loop of task-api-0 (task-api) is late by 750ms.',
  },
  { alert: 'OutboxOld', change: { [`outbox_oldest_age_seconds{${service('task-api', 0)}}`]: '90x120' }, labels: todo({ service: 'task-api' }), says: 'The oldest event of task-api has waited for 1m 30s.' },
  { alert: 'RelayNotOne', change: { [`outbox_relay_active{${service('task-api', 0)}}`]: '0x120' }, labels: todo({ service: 'task-api' }), says: '0 replicas of task-api relay its outbox; with none nothing is published.' },
  { alert: 'RelayNotOne', change: { [`outbox_relay_active{${service('task-api', 1)}}`]: '1x120' }, labels: todo({ service: 'task-api' }), says: '2 replicas of task-api relay its outbox; with none nothing is published.' },
  {
    alert: 'PublishFailing',
    change: { [`outbox_publish_failures_total{${service('task-api')},topic="task-events"}`]: '0+60x120' },
    labels: todo({ service: 'task-api', topic: 'task-events' }),
    says: 'task-api fails to publish to task-events, 1 times a second; it keeps trying.',
  },
  {
    alert: 'DeadLetters',
    // The first of its reason: there was no series before.
    change: { [deadLetters('exhausted')]: '_x95 1x25' },
    labels: todo({ service: 'audit', topic: 'task-events', reason: 'exhausted' }),
    says: 'audit put 1 events of task-events on the dead-letter topic in 15 minutes (exhausted).',
  },
  { alert: 'DeadLetters', change: { [deadLetters('poison')]: '0+1x120' }, labels: todo({ service: 'audit', topic: 'task-events', reason: 'poison' }), says: 'audit put 15 events of task-events on the dead-letter topic in 15 minutes (poison).' },
  { alert: 'HandlersFailing', change: { [handled('away')]: '0+60x120' }, labels: todo({ service: 'audit', topic: 'task-events' }), says: '50.41% of the deliveries of task-events to audit fail and come again.' },
  { alert: 'SagasStuck', change: { [settled]: '9x120' }, labels: todo({ service: 'recurrence' }), says: '2 sagas of recurrence wait, and none has come to its end for half an hour.' },
  { alert: 'KafkaConsumerLag', change: { [lag('audit', 1)]: '800x120' }, labels: todo({ consumergroup: 'audit', topic: 'task-events' }), says: 'audit has 1.2k events of task-events still to handle.' },
  {
    alert: 'KafkaLagUnknown',
    change: { [lag('audit', 0)]: null, [lag('audit', 1)]: null, [lag('realtime-realtime-7d9f', 0)]: null },
    labels: todo({}),
    says: 'Kafka Exporter of todo says nothing of consumer groups, so KafkaConsumerLag cannot fire.',
  },
  { alert: 'KafkaBrokerDown', change: { [broker('kafka_server_replicamanager_leadercount', 2)]: null }, labels: todo({}), says: '2 of 3 brokers of todo can be measured.' },
  {
    alert: 'KafkaBrokerDown',
    change: Object.fromEntries([0, 1, 2].map((id) => [broker('kafka_server_replicamanager_leadercount', id), null])),
    labels: todo({}),
    says: '0 of 3 brokers of todo can be measured.',
  },
  { alert: 'KafkaOfflinePartitions', change: { [broker('kafka_controller_kafkacontroller_offlinepartitionscount', 1)]: '4x120' }, labels: todo({}), says: '4 partitions have no leader.' },
  { alert: 'KafkaNoController', change: { [broker('kafka_controller_kafkacontroller_activecontrollercount', 1)]: '0x120' }, labels: todo({}), says: '0 nodes say that they are the active controller.' },
  { alert: 'KafkaUnderMinIsr', change: { [broker('kafka_server_replicamanager_underminisrpartitioncount', 0)]: '2x120' }, labels: todo({}), says: '2 partitions are below their min.insync.replicas.' },
  { alert: 'KafkaUnderReplicated', change: { [broker('kafka_server_replicamanager_underreplicatedpartitions', 0)]: '2x120' }, labels: todo({}), says: '2 partitions are under-replicated: one more broker lost may stop writes.' },
  {
    alert: 'KafkaDiskFilling',
    change: { [volume('available')]: '50000000000-100000000x120' },
    labels: todo({ persistentvolumeclaim: 'data-0-todo-broker-0' }),
    says: 'data-0-todo-broker-0 has 40% left and is full in a day if it goes on like this.',
  },
  {
    alert: 'KafkaCertificateExpiring',
    change: { [authority]: `${10 * DAY * 1000 + 6_000_000}x120` },
    labels: { cluster: 'todo', type: 'cluster-ca', resource_namespace: 'todo' },
    says: 'The cluster-ca of todo expires in 10d 0h 0m 0s.',
  },
  {
    alert: 'DaprSidecarDown',
    change: { [sidecar]: '0x120' },
    labels: todo({ pod: 'audit-0', container: 'daprd' }),
    says: 'Nobody can measure the sidecar of audit-0: its service gets no events and cannot call others.',
  },
  { alert: 'DaprPublishFailing', change: { [published(false)]: '0+60x120' }, labels: todo({ app_id: 'task-api', topic: 'task-events' }), says: 'The sidecar of task-api fails to publish to task-events, 1 times a second.' },
  { alert: 'DaprDeliveryFailing', change: { [delivered('drop')]: '0+60x120' }, labels: todo({ app_id: 'audit', topic: 'task-events' }), says: '50.41% of the deliveries of task-events to audit fail.' },
  { alert: 'DaprInvocationFailing', change: { [invoked(500)]: '0+20x120' }, labels: todo({ app_id: 'recurrence', src_app_id: 'task-api' }), says: '25% of the calls from recurrence to task-api fail.' },
  {
    alert: 'DaprComponentFailed',
    change: { 'dapr_runtime_component_init_fail_total{namespace="todo",app_id="audit",component="pubsub.kafka",reason="init"}': '1x120' },
    labels: todo({ app_id: 'audit', component: 'pubsub.kafka', reason: 'init' }),
    says: 'audit has no pubsub.kafka: init.',
  },
  {
    alert: 'DaprControlPlaneDown',
    change: { [up('namespace="dapr-system",pod="dapr-operator-0"')]: '0x120' },
    labels: { namespace: 'dapr-system', pod: 'dapr-operator-0' },
    says: 'dapr-operator-0 in dapr-system does not answer: sidecars cannot start, or get no certificates.',
  },
  {
    alert: 'DaprControlPlaneDown',
    change: { [up('namespace="dapr-system",pod="dapr-operator-0"')]: null },
    labels: { namespace: 'dapr-system' },
    says: 'Every pod in dapr-system does not answer: sidecars cannot start, or get no certificates.',
  },
  { alert: 'DaprCertificateExpiring', change: { [sentry]: `${20 * DAY + 6000}x120` }, labels: { namespace: 'dapr-system' }, says: 'It expires in 20d 0h 0m 0s; then no sidecar trusts another.' },
  { alert: 'PodNotReady', change: { [ready('web-0')]: '0x120' }, labels: todo({ pod: 'web-0' }), says: 'todo/web-0 has not been ready for five minutes.' },
  { alert: 'PodKilledForMemory', change: { [restarts]: '2x95 3x25' }, labels: todo({ pod: 'web-0', container: 'app' }), says: 'app of todo/web-0 met its memory limit.' },
  {
    alert: 'VolumeFillingUp',
    change: { [volume('available')]: '10000000000x120' },
    labels: todo({ persistentvolumeclaim: 'data-0-todo-broker-0' }),
    says: 'todo/data-0-todo-broker-0 has 10% left.',
  },
  { alert: 'VolumeFull', change: { [volume('available')]: '2000000000x120' }, labels: todo({ persistentvolumeclaim: 'data-0-todo-broker-0' }), says: 'todo/data-0-todo-broker-0 has 2% left.' },
  { alert: 'CertificateExpiring', change: { [certificate]: `${5 * DAY + 6000}x120` }, labels: { exported_namespace: 'todo', name: 'todo-tls' }, says: 'The certificate todo-tls expires in 5d 0h 0m 0s.' },
];

/** Days that are almost bad: why the alert must stay silent. */
export const SILENT: readonly { alert: string; because: string; change: Firing['change'] }[] = [
  { alert: 'HighErrorRate', because: 'hardly anybody asked', change: { [request(200)]: '0x120', [request(500)]: '0+1x120' } },
  { alert: 'HighErrorRate', because: 'it passed after three minutes', change: { [request(500)]: '0x96 1+60x3 200x30' } },
  { alert: 'ServiceUnseen', because: 'another replica answers', change: { [up(service('web', 1))]: '0x120' } },
  { alert: 'OutboxOld', because: 'it was one slow minute', change: { [`outbox_oldest_age_seconds{${service('task-api', 0)}}`]: '0.2x97 90x1 0.2x30' } },
  { alert: 'RelayNotOne', because: 'a new one took over', change: { [`outbox_relay_active{${service('task-api', 1)}}`]: '0x98 1x1 0x30' } },
  { alert: 'DeadLetters', because: 'they are an hour old', change: { [deadLetters('exhausted')]: '_x40 1x100' } },
  { alert: 'SagasStuck', because: 'nothing waits', change: { [pending]: '0x120', [settled]: '9x120' } },
  { alert: 'KafkaConsumerLag', because: 'another topic is behind too, each below a thousand', change: { 'kafka_consumergroup_lag{namespace="todo",consumergroup="audit",topic="reminders",partition="0"}': '900x120' } },
  { alert: 'KafkaNoController', because: 'it moved', change: { [broker('kafka_controller_kafkacontroller_activecontrollercount', 1)]: '1x98 0x1 1x30' } },
  { alert: 'KafkaDiskFilling', because: 'it is another claim', change: { [volume('available', 'prometheus')]: '50000000000-100000000x120', [volume('capacity', 'prometheus')]: '100000000000x120' } },
  { alert: 'DaprPublishFailing', because: 'it failed long ago', change: { [published(false)]: '0+60x60 3600x60' } },
  { alert: 'PodNotReady', because: 'it has just started', change: { [ready('web-1')]: '_x97 0x30' } },
  { alert: 'PodKilledForMemory', because: 'it restarted for another reason', change: { [restarts]: '2x95 3x25', 'kube_pod_container_status_last_terminated_reason{namespace="todo",pod="web-0",container="app",reason="OOMKilled"}': null } },
  { alert: 'VolumeFillingUp', because: 'a fifth is left', change: { [volume('available')]: '20000000000x120' } },
];
