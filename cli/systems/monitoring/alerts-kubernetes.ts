import type { AlertGroup } from './alert.ts';

/** What kube-state-metrics, kubelets and cert-manager say, in all namespaces: what breaks beside the app breaks the app. */
export function kubernetesAlerts(): AlertGroup[] {
  const left = 'kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes';
  return [
    {
      name: 'kubernetes',
      alerts: [
        {
          name: 'PodNotReady',
          // A Job's pod that is done is not ready either.
          expr: 'max by (namespace, pod) (kube_pod_status_ready{condition="true"}) == 0 unless on (namespace, pod) (kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1)',
          for: '5m',
          severity: 'warning',
          summary: 'A pod is not ready',
          description: '{{ $labels.namespace }}/{{ $labels.pod }} has not been ready for five minutes.',
        },
        {
          name: 'PodKilledForMemory',
          expr: 'sum by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[15m])) > 0 and on (namespace, pod, container) kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1',
          for: '0m',
          severity: 'warning',
          summary: 'A container was killed because it used too much memory',
          description: '{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} met its memory limit.',
        },
        {
          name: 'VolumeFillingUp',
          expr: `${left} < 0.15`,
          for: '10m',
          severity: 'warning',
          summary: 'A volume is almost full',
          description: '{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left.',
        },
        {
          name: 'VolumeFull',
          expr: `${left} < 0.05`,
          for: '1m',
          severity: 'critical',
          summary: 'A volume is full',
          description: '{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left.',
        },
        {
          name: 'CertificateExpiring',
          expr: 'min by (exported_namespace, name) (certmanager_certificate_expiration_timestamp_seconds) - time() < 14 * 86400',
          for: '1h',
          severity: 'warning',
          summary: 'A certificate expires within two weeks, and was not renewed',
          description: 'The certificate {{ $labels.name }} expires in {{ $value | humanizeDuration }}.',
        },
      ],
    },
  ];
}
