import type { Platform } from '../../definition/platform.ts';
import { DAPR_NAMESPACE } from '../dapr.ts';
import { namespaceOf } from '../names.ts';
import type { AlertGroup } from './alert.ts';

/**
 * Sidecars and the control plane, by their own metrics (dapr/dapr v1.18.2 pkg/diagnostics and pkg/sentry/monitoring).
 * `namespace` is the label of the scrape; daprd's own one of that name becomes exported_namespace.
 */
export function daprAlerts(platform: Platform): AlertGroup[] {
  if (!platform.services.some(({ sidecar }) => sidecar)) return [];
  const here = `namespace="${namespaceOf(platform)}"`;
  const sent = `dapr_runtime_service_invocation_res_recv_total{${here}`;
  return [
    {
      name: 'dapr',
      alerts: [
        {
          name: 'DaprSidecarDown',
          expr: `up{${here},container="daprd"} == 0`,
          for: '5m',
          severity: 'critical',
          summary: 'A sidecar does not answer',
          description: 'Nobody can measure the sidecar of {{ $labels.pod }}: its service gets no events and cannot call others.',
        },
        {
          name: 'DaprPublishFailing',
          expr: `sum by (namespace, app_id, topic) (rate(dapr_component_pubsub_egress_bulk_count{${here},success="false"}[5m]) or rate(dapr_component_pubsub_egress_count{${here},success="false"}[5m])) > 0`,
          for: '5m',
          severity: 'critical',
          summary: 'Sidecars cannot write to Kafka',
          description: 'The sidecar of {{ $labels.app_id }} fails to publish to {{ $labels.topic }}, {{ $value | humanize }} times a second.',
        },
        {
          name: 'DaprDeliveryFailing',
          expr: `sum by (namespace, app_id, topic) (rate(dapr_component_pubsub_ingress_count{${here},process_status!="success"}[5m])) / sum by (namespace, app_id, topic) (rate(dapr_component_pubsub_ingress_count{${here}}[5m])) > 0.2`,
          for: '10m',
          severity: 'warning',
          summary: 'A service refuses what its sidecar delivers',
          description: '{{ $value | humanizePercentage }} of the deliveries of {{ $labels.topic }} to {{ $labels.app_id }} fail.',
        },
        {
          name: 'DaprInvocationFailing',
          expr: `sum by (namespace, app_id, src_app_id) (rate(${sent},status=~"5.."}[5m])) / sum by (namespace, app_id, src_app_id) (rate(${sent}}[5m])) > 0.05`,
          for: '5m',
          severity: 'critical',
          summary: 'Calls between services fail',
          description: '{{ $value | humanizePercentage }} of the calls from {{ $labels.app_id }} to {{ $labels.src_app_id }} fail.',
        },
        {
          name: 'DaprComponentFailed',
          expr: `sum by (namespace, app_id, component, reason) (dapr_runtime_component_init_fail_total{${here}}) > 0`,
          for: '1m',
          severity: 'critical',
          summary: 'A sidecar could not open a component',
          description: '{{ $labels.app_id }} has no {{ $labels.component }}: {{ $labels.reason }}.',
        },
        {
          name: 'DaprControlPlaneDown',
          expr: `up{namespace="${DAPR_NAMESPACE}"} == 0 or absent(up{namespace="${DAPR_NAMESPACE}"})`,
          for: '5m',
          severity: 'critical',
          summary: 'A part of the control plane of Dapr is down',
          description: '{{ or $labels.pod "Every pod" }} in {{ $labels.namespace }} does not answer: sidecars cannot start, or get no certificates.',
        },
        {
          name: 'DaprCertificateExpiring',
          expr: `min by (namespace) (dapr_sentry_issuercert_expiry_timestamp{namespace="${DAPR_NAMESPACE}"}) - time() < 30 * 86400`,
          for: '1h',
          severity: 'critical',
          summary: 'The certificate authority of Dapr expires within a month',
          description: 'It expires in {{ $value | humanizeDuration }}; then no sidecar trusts another.',
        },
      ],
    },
  ];
}
