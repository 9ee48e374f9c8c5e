import type { Platform } from '../../definition/platform.ts';
import { kafkaOf } from '../kafka-access.ts';
import type { Artefact } from '../system.ts';
import { appRows, appVariables } from './dashboard-app.ts';
import { daprRows, daprVariables } from './dashboard-dapr.ts';
import { kafkaRows, kafkaVariables } from './dashboard-kafka.ts';
import { kubernetesRows, kubernetesVariables } from './dashboard-kubernetes.ts';
import { type Dashboard, dashboardModel, type Variable } from './dashboard.ts';
import type { Row } from './panel.ts';

/** Grafana's uids have at most 40 characters; the longest name after the platform's is `-kubernetes`. */
const UID_PREFIX = 29;

/** The dashboards of an environment: of the app, and of what it has of Kafka, Dapr and Kubernetes. */
export function dashboardsOf(platform: Platform): Dashboard[] {
  const { name, environment, services } = platform;
  const dashboard = (id: string, title: string, variables: readonly Variable[], rows: readonly Row[]): Dashboard => ({
    uid: `${name.slice(0, UID_PREFIX)}-${id}`,
    title: `${name} / ${title}`,
    environment: environment.name,
    tags: [name, environment.name],
    variables,
    rows,
  });
  return [
    dashboard('app', 'App', appVariables(platform), appRows(platform)),
    ...(kafkaOf(platform).provider === 'strimzi' ? [dashboard('kafka', 'Kafka', kafkaVariables(platform), kafkaRows(platform))] : []),
    ...(services.some(({ sidecar }) => sidecar) ? [dashboard('dapr', 'Dapr', daprVariables(platform), daprRows(platform))] : []),
    dashboard('kubernetes', 'Kubernetes', kubernetesVariables, kubernetesRows),
  ];
}

/** One ConfigMap per dashboard; Grafana's sidecar finds them by their label. */
export function dashboardArtefacts(platform: Platform): Artefact[] {
  return dashboardsOf(platform).map((dashboard) => {
    const id = dashboard.uid.slice(dashboard.uid.lastIndexOf('-') + 1);
    return {
      owner: 'release',
      file: `dashboard-${id}.yaml`,
      template: 'monitoring/dashboard.yaml.hbs',
      view: { name: `dashboard-${id}`, folder: platform.name, data: { [`${dashboard.uid}.json`]: `${JSON.stringify(dashboardModel(dashboard), undefined, 1)}\n` } },
    };
  });
}
