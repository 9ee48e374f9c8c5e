import { ifAllowed, listObjects, readObject } from '../../../kubernetes/read.ts';
import type { Condition } from '../../../kubernetes/why.ts';
import { MONITORING_NAMESPACE } from '../../../systems/monitoring/settings.ts';
import { isMarked } from '../marks.ts';
import type { Managed, Workload } from '../workloads.ts';
import type { Around, Runbook } from './check.ts';

const PROMETHEUS = '/apis/monitoring.coreos.com/v1';

interface ApiService {
  spec?: { service?: object | null };
  status?: { conditions?: Condition[] };
}

/** What monitoring does not see. */
export const monitoringBlind: Runbook = {
  page: 'monitoring-blind',
  code: 'TODOCTL_MONITORING_BLIND',
  checks: [
    { title: 'Prometheus and its operator run', look: ({ seen }) => notRunning(seen.workloads.filter(({ metadata }) => metadata.namespace === MONITORING_NAMESPACE)) },
    {
      title: 'Services are scraped',
      async look({ kubernetes, seen, marks }) {
        if (!watched(seen)) return undefined;
        const monitors = await ifAllowed(listObjects<Managed>(kubernetes, `${PROMETHEUS}/namespaces/${marks.namespace}/servicemonitors`, marks.labels));
        return monitors.length > 0 ? [] : [`there is no ServiceMonitor in ${marks.namespace}`];
      },
    },
    {
      title: 'Alerts are defined',
      async look({ kubernetes, seen, marks }) {
        if (!watched(seen)) return undefined;
        const rules = await ifAllowed(listObjects<Managed>(kubernetes, `${PROMETHEUS}/namespaces/${marks.namespace}/prometheusrules`));
        return rules.some((rule) => isMarked(rule, marks)) ? [] : [`there is no PrometheusRule of the platform in ${marks.namespace}`];
      },
    },
    { title: 'Autoscalers see CPU and memory', look: (around) => served(around, 'v1beta1.metrics.k8s.io', 'metrics-server') },
    { title: 'Autoscalers see consumer lag', look: (around) => served(around, 'v1beta1.external.metrics.k8s.io', 'KEDA') },
  ],
};

function watched({ workloads }: Around['seen']): boolean {
  return workloads.some(({ metadata }) => metadata.namespace === MONITORING_NAMESPACE);
}

function notRunning(workloads: readonly Workload[]): string[] | undefined {
  if (workloads.length === 0) return undefined;
  return workloads
    .map(({ metadata, spec, status }) => ({ name: metadata.name, ready: status?.readyReplicas ?? status?.numberReady ?? 0, wanted: status?.desiredNumberScheduled ?? spec.replicas ?? 1 }))
    .filter(({ ready, wanted }) => ready < wanted)
    .map(({ name, ready, wanted }) => `${name}: ${ready} of ${wanted} are ready`);
}

/** An API that another server serves; while it is away, a namespace cannot be deleted either. */
async function served({ kubernetes }: Around, name: string, by: string): Promise<readonly string[] | undefined> {
  const api = await readObject<ApiService>(kubernetes, `/apis/apiregistration.k8s.io/v1/apiservices/${name}`);
  if (!api) return undefined;
  const available = api.status?.conditions?.find(({ type }) => type === 'Available');
  return available?.status === 'True' ? [] : [`${by} does not serve ${name}: ${available?.message ?? 'it has not been looked at yet'}`];
}
