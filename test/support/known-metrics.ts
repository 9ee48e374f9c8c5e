import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const services = path.resolve(import.meta.dirname, '../../services');

/** What our own services say of themselves, read from their sources: every metric is made by a literal name. */
export function appMetrics(): Set<string> {
  const names = globSync('**/*.ts', { cwd: services }).flatMap((file) =>
    [...readFileSync(path.join(services, file), 'utf8').matchAll(/\.(counter|gauge|histogram)\(\s*'([a-z_]+)'/g)].flatMap(([, type, name]) => series(name as string, type === 'histogram')),
  );
  return new Set(names);
}

function series(name: string, histogram: boolean): string[] {
  return histogram ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name];
}

/** dapr/dapr v1.18.2: pkg/diagnostics (daprd; `true` for a distribution) and pkg/sentry/monitoring, in the names that OpenCensus gives them. */
const DAPR: Readonly<Record<string, boolean>> = {
  dapr_http_server_request_count: false,
  dapr_http_server_latency: true,
  dapr_http_client_roundtrip_latency: true,
  dapr_component_pubsub_ingress_count: false,
  dapr_component_pubsub_ingress_latencies: true,
  dapr_component_pubsub_ingress_bulk_event_count: false,
  dapr_component_pubsub_egress_count: false,
  dapr_component_pubsub_egress_latencies: true,
  dapr_component_pubsub_egress_bulk_count: false,
  dapr_component_pubsub_egress_bulk_latencies: true,
  dapr_component_state_count: false,
  dapr_component_state_latencies: true,
  dapr_resiliency_activations_total: false,
  dapr_runtime_component_loaded: false,
  dapr_runtime_component_init_fail_total: false,
  dapr_runtime_service_invocation_res_recv_total: false,
  dapr_runtime_service_invocation_res_recv_latency_ms: true,
  dapr_sentry_issuercert_expiry_timestamp: false,
  dapr_sentry_cert_sign_success_total: false,
  dapr_sentry_cert_sign_failure_total: false,
};

/** Metrics that are not ours, with who says them. */
export const FOREIGN_METRICS: ReadonlySet<string> = new Set([
  // Prometheus itself.
  'up',
  ...Object.entries(DAPR).flatMap(([name, distribution]) => series(name, distribution)),
  // Kafka through the JMX exporter with Strimzi's rules (lower-case names).
  'kafka_controller_kafkacontroller_activecontrollercount',
  'kafka_controller_kafkacontroller_offlinepartitionscount',
  'kafka_log_log_size',
  'kafka_network_requestmetrics_totaltimems',
  'kafka_server_brokertopicmetrics_bytesin_total',
  'kafka_server_brokertopicmetrics_bytesout_total',
  'kafka_server_brokertopicmetrics_failedfetchrequests_total',
  'kafka_server_brokertopicmetrics_failedproducerequests_total',
  'kafka_server_brokertopicmetrics_messagesin_total',
  'kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent',
  'kafka_server_replicamanager_isrexpands_total',
  'kafka_server_replicamanager_isrshrinks_total',
  'kafka_server_replicamanager_leadercount',
  'kafka_server_replicamanager_underminisrpartitioncount',
  'kafka_server_replicamanager_underreplicatedpartitions',
  // Kafka Exporter and Strimzi's operator.
  'kafka_consumergroup_current_offset',
  'kafka_consumergroup_lag',
  'kafka_topic_partitions',
  'strimzi_certificate_expiration_timestamp_ms',
  // kube-state-metrics.
  'kube_deployment_spec_replicas',
  'kube_deployment_status_replicas_available',
  'kube_horizontalpodautoscaler_spec_max_replicas',
  'kube_horizontalpodautoscaler_status_current_replicas',
  'kube_node_status_allocatable',
  'kube_node_status_condition',
  'kube_pod_container_resource_limits',
  'kube_pod_container_resource_requests',
  'kube_pod_container_status_last_terminated_reason',
  'kube_pod_container_status_restarts_total',
  'kube_pod_info',
  'kube_pod_status_phase',
  'kube_pod_status_ready',
  // Kubelets and their cAdvisor.
  'container_cpu_cfs_periods_total',
  'container_cpu_cfs_throttled_periods_total',
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_network_receive_bytes_total',
  'container_network_transmit_bytes_total',
  'kubelet_volume_stats_available_bytes',
  'kubelet_volume_stats_capacity_bytes',
  'kubelet_volume_stats_used_bytes',
  // node-exporter and cert-manager.
  'certmanager_certificate_expiration_timestamp_seconds',
  'node_cpu_seconds_total',
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
]);
