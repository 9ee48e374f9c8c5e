import type { Platform } from '../../definition/platform.ts';
import type { Artefact } from '../system.ts';
import { type AlertGroup, rulesOf } from './alert.ts';
import { appAlerts } from './alerts-app.ts';
import { daprAlerts } from './alerts-dapr.ts';
import { kafkaAlerts } from './alerts-kafka.ts';
import { kubernetesAlerts } from './alerts-kubernetes.ts';

/** All alerts of an environment; what it does not have cannot alarm. */
export function alertsOf(platform: Platform): AlertGroup[] {
  return [...appAlerts(platform), ...kafkaAlerts(platform), ...daprAlerts(platform), ...kubernetesAlerts()];
}

/** One PrometheusRule per group. */
export function alertArtefacts(platform: Platform, runbooks: string): Artefact[] {
  return alertsOf(platform).map((group) => ({
    owner: 'release',
    file: `rules-${group.name}.yaml`,
    template: 'monitoring/prometheus-rule.yaml.hbs',
    view: { name: `${platform.name}-${group.name}`, groups: [rulesOf(group, runbooks)] },
  }));
}
