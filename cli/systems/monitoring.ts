import { alertArtefacts } from './monitoring/alerts.ts';
import { dashboardArtefacts } from './monitoring/dashboards.ts';
import { monitorArtefacts, monitored } from './monitoring/monitors.ts';
import { MONITORING_NAMESPACE, monitoringSettings } from './monitoring/settings.ts';
import { prometheusStack } from './monitoring/stack.ts';
import { defineSystem } from './system.ts';

/** Prometheus, Grafana and Alertmanager; what they read of the platform, when they call, what they show. */
export const monitoring = defineSystem({
  id: 'monitoring',
  needs: [],
  settings: monitoringSettings.prefault({}),
  parts(platform, settings) {
    if (!settings.enabled) return undefined;
    return {
      // node-exporter looks at the node itself: its network, its processes, its disks.
      namespace: { name: MONITORING_NAMESPACE, podSecurity: 'privileged' },
      charts: [prometheusStack(platform, settings)],
      artefacts: [...monitorArtefacts(platform), ...alertArtefacts(platform, settings.runbooks), ...dashboardArtefacts(platform)],
      serves: monitored(platform),
      calls: [{ from: { namespace: MONITORING_NAMESPACE, labels: { 'app.kubernetes.io/name': 'prometheus' } }, to: ['metrics'] }],
    };
  },
});
