import type { Platform } from '../../definition/platform.ts';
import { DAPR_NAMESPACE } from '../dapr.ts';
import { namespaceOf } from '../names.ts';
import type { Variable } from './dashboard.ts';
import { lines, PER, quantile, type Row, stat } from './panel.ts';

/** What the page can be narrowed to. */
export function daprVariables(platform: Platform): Variable[] {
  return [{ name: 'app', label: 'App', query: `label_values(dapr_runtime_component_loaded{namespace="${namespaceOf(platform)}"}, app_id)` }];
}

/** Sidecars by their own metrics (dapr/dapr v1.18.2 pkg/diagnostics). Dapr counts in milliseconds. */
export function daprRows(platform: Platform): Row[] {
  const here = `namespace="${namespaceOf(platform)}",app_id=~"$app"`;
  return [rightNow(here, platform), sidecars(here, namespaceOf(platform)), invocation(here), pubsub(here), state(here), controlPlane()];
}

function rightNow(here: string, platform: Platform): Row {
  const calls = `dapr_runtime_service_invocation_res_recv_total{${here}`;
  return {
    title: 'Right now',
    panels: [
      stat('Sidecars', 'short', 'Sidecars that can be measured.', `count(up{namespace="${namespaceOf(platform)}",container="daprd"} == 1)`),
      stat('Sidecar p99', 'ms', 'Ninety-nine of a hundred requests to a sidecar take less than this.', quantile(0.99, `dapr_http_server_latency_bucket{${here}}`, ''), { limits: { look: 250, bad: 1000 } }),
      stat('Invocation success', 'percentunit', 'Part of the calls between services that do not end with a 5xx.', `1 - (sum(rate(${calls},status=~"5.."}${PER})) or vector(0)) / sum(rate(${calls}}${PER}))`, { max: 1 }),
      stat('Publishing failed', 'ops', 'Tries per second to write to Kafka that failed.', `sum(rate(dapr_component_pubsub_egress_bulk_count{${here},success="false"}${PER}) or rate(dapr_component_pubsub_egress_count{${here},success="false"}${PER})) or vector(0)`, {
        limits: { look: 0.01, bad: 0.1 },
      }),
      stat('Deliveries refused', 'ops', 'Deliveries per second that a service did not take.', `sum(rate(dapr_component_pubsub_ingress_count{${here},process_status!="success"}${PER})) or vector(0)`, {
        limits: { look: 0.01, bad: 1 },
      }),
      stat('Failed components', 'short', 'Components that a sidecar could not open.', `sum(dapr_runtime_component_init_fail_total{${here}}) or vector(0)`, { limits: { look: 1, bad: 1 } }),
    ],
  };
}

function sidecars(here: string, namespace: string): Row {
  const pods = `namespace="${namespace}",container="daprd"`;
  return {
    title: 'Sidecars',
    panels: [
      lines('Sidecar latency', 'ms', 'Time of requests to the API of a sidecar, what is behind it included.', {
        '{{app_id}} p95': quantile(0.95, `dapr_http_server_latency_bucket{${here}}`, 'app_id'),
        '{{app_id}} p99': quantile(0.99, `dapr_http_server_latency_bucket{${here}}`, 'app_id'),
      }),
      lines('Service latency (p99)', 'ms', 'How long a service takes for what its sidecar asks of it: deliveries and calls.', { '{{app_id}}': quantile(0.99, `dapr_http_client_roundtrip_latency_bucket{${here}}`, 'app_id') }),
      lines('Requests to sidecars', 'reqps', 'Requests per second by answer.', { '{{app_id}} {{status}}': `sum by (app_id, status) (rate(dapr_http_server_request_count{${here}}${PER}))` }),
      lines('CPU', 'short', 'Cores used by each sidecar.', { '{{pod}}': `sum by (pod) (rate(container_cpu_usage_seconds_total{${pods}}${PER}))` }),
      lines('Memory', 'bytes', 'Memory of each sidecar that counts against its limit.', { '{{pod}}': `sum by (pod) (container_memory_working_set_bytes{${pods}})` }),
      lines('Resiliency', 'ops', 'Retries and time-outs per second that a policy caused.', { '{{app_id}} {{policy}} {{target}}': `sum by (app_id, policy, target) (rate(dapr_resiliency_activations_total{${here}}${PER}))` }),
    ],
  };
}

function invocation(here: string): Row {
  // The metric's src_app_id is who answered.
  const answered = `dapr_runtime_service_invocation_res_recv_total{${here}`;
  const by = 'app_id, src_app_id';
  return {
    title: 'Calls between services',
    panels: [
      lines('Invocation success', 'percentunit', 'Part of the calls that do not end with a 5xx, by caller and called.', {
        '{{app_id}} to {{src_app_id}}': `1 - (sum by (${by}) (rate(${answered},status=~"5.."}${PER})) or sum by (${by}) (rate(${answered}}${PER})) * 0) / sum by (${by}) (rate(${answered}}${PER}))`,
      }, { max: 1 }),
      lines('Invocation rate', 'reqps', 'Calls per second by caller, called and answer.', { '{{app_id}} to {{src_app_id}} {{status}}': `sum by (${by}, status) (rate(${answered}}${PER}))` }),
      lines('Invocation latency (p99)', 'ms', 'From the sidecar of the caller to the called service and back.', { '{{app_id}} to {{src_app_id}}': quantile(0.99, `dapr_runtime_service_invocation_res_recv_latency_ms_bucket{${here}}`, by) }),
    ],
  };
}

function pubsub(here: string): Row {
  return {
    title: 'Publish and subscribe',
    panels: [
      lines('Publish rate', 'ops', 'Publishing requests per second; one in bulk holds many events.', {
        '{{app_id}} {{topic}}, bulk': `sum by (app_id, topic) (rate(dapr_component_pubsub_egress_bulk_count{${here}}${PER}))`,
        '{{app_id}} {{topic}}': `sum by (app_id, topic) (rate(dapr_component_pubsub_egress_count{${here}}${PER}))`,
      }),
      lines('Delivery rate', 'ops', 'Deliveries per second by what the service answered.', {
        '{{app_id}} {{topic}} {{process_status}}': `sum by (app_id, topic, process_status) (rate(dapr_component_pubsub_ingress_count{${here}}${PER}))`,
        '{{app_id}} {{topic}} {{process_status}}, bulk': `sum by (app_id, topic, process_status) (rate(dapr_component_pubsub_ingress_bulk_event_count{${here}}${PER}))`,
      }),
      lines('Publish latency (p99)', 'ms', 'Until Kafka has acknowledged.', {
        '{{app_id}} {{topic}}, bulk': quantile(0.99, `dapr_component_pubsub_egress_bulk_latencies_bucket{${here}}`, 'app_id, topic'),
        '{{app_id}} {{topic}}': quantile(0.99, `dapr_component_pubsub_egress_latencies_bucket{${here}}`, 'app_id, topic'),
      }),
      lines('Delivery latency (p99)', 'ms', 'Until the service has answered a delivery.', { '{{app_id}} {{topic}}': quantile(0.99, `dapr_component_pubsub_ingress_latencies_bucket{${here}}`, 'app_id, topic') }),
    ],
  };
}

function state(here: string): Row {
  return {
    title: 'State',
    panels: [
      lines('State operations', 'ops', 'Operations per second on state stores.', { '{{app_id}} {{operation}}': `sum by (app_id, operation) (rate(dapr_component_state_count{${here}}${PER}))` }),
      lines('State operations that failed', 'ops', 'Failures per second; normal is none.', { '{{app_id}} {{operation}}': `sum by (app_id, operation) (rate(dapr_component_state_count{${here},success="false"}${PER}))` }),
      lines('State latency (p99)', 'ms', 'Time of an operation.', { '{{app_id}} {{operation}}': quantile(0.99, `dapr_component_state_latencies_bucket{${here}}`, 'app_id, operation') }),
    ],
  };
}

function controlPlane(): Row {
  const there = `namespace="${DAPR_NAMESPACE}"`;
  return {
    title: 'Control plane',
    panels: [
      lines('Parts that answer', 'short', 'Pods of the control plane: 1 answers, 0 does not.', { '{{pod}}': `max by (pod) (up{${there}})` }, { max: 1 }),
      lines('Certificate of the authority', 's', 'Time until it expires; then no sidecar trusts another.', { 'time left': `min(dapr_sentry_issuercert_expiry_timestamp{${there}}) - time()` }),
      lines('Certificates signed', 'ops', 'Certificates that sentry gives to sidecars, and those that it could not.', {
        signed: `sum(rate(dapr_sentry_cert_sign_success_total{${there}}${PER}))`,
        'failed, {{reason}}': `sum by (reason) (rate(dapr_sentry_cert_sign_failure_total{${there}}${PER}))`,
      }),
    ],
  };
}
