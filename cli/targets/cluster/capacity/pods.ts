import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { Active } from '../../../systems/environment.ts';
import type { Footprint } from '../../../systems/system.ts';
import { quantityOf } from '../compare/differences.ts';

interface Container {
  name?: string;
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
}
interface PodTemplate {
  metadata?: { annotations?: Record<string, string> };
  spec?: { containers?: Container[]; initContainers?: (Container & { restartPolicy?: string })[] };
}
interface Workload {
  replicas?: number;
  template?: PodTemplate;
  jobTemplate?: { spec?: Workload };
  parallelism?: number;
  volumeClaimTemplates?: Claim[];
}
interface Claim {
  spec?: { resources?: { requests?: Record<string, unknown> } };
}

const MIB = 2 ** 20;

/**
 * What all pods of an environment ask of its nodes. A pod is counted where a scheduler sees it: in the rendered objects; by what a system
 * says only where no object shows it, as with other people's charts and with operators.
 */
export function footprintsOf(objects: readonly KubernetesObject[], systems: readonly Active[]): Footprint[] {
  const scaled = scalesOf(objects);
  const ours = objects.flatMap((object) => {
    const { replicas, template, jobTemplate, parallelism, volumeClaimTemplates = [] } = (object.spec ?? {}) as Workload;
    const job = jobTemplate?.spec;
    const pod = job?.template ?? template;
    if (!pod || !RUNS.has(object.kind)) return [];
    const scale = scaled.get(`${object.metadata.namespace ?? ''}/${object.kind}/${object.metadata.name}`);
    const volumes = volumeClaimTemplates.map((claim) => Math.ceil((quantityOf(claim.spec?.resources?.requests?.['storage']) ?? 0) / 2 ** 30));
    return [
      {
        name: object.metadata.name,
        replicas: scale?.least ?? replicas ?? job?.parallelism ?? parallelism ?? 1,
        ...(scale ? { most: scale.most } : {}),
        ...requestsOf(pod),
        ...(volumes.length > 0 ? { volumes } : {}),
      },
    ];
  });
  return [...ours, ...systems.flatMap(({ charts = [], pods = [] }) => [...charts.flatMap((chart) => chart.pods), ...pods])];
}

const RUNS = new Set(['Deployment', 'StatefulSet', 'CronJob', 'Job']);

/** Of one replica: thousandths of a CPU, and MiB; with Dapr's sidecar where one will be injected. */
function requestsOf({ metadata, spec }: PodTemplate): { cpu: number; memory: number } {
  const { containers = [], initContainers = [] } = spec ?? {};
  // An init container that restarts is a sidecar and stays.
  const staying = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const passing = initContainers.filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const annotations = metadata?.annotations ?? {};
  const dapr = annotations['dapr.io/enabled'] === 'true';
  const of = (resource: 'cpu' | 'memory'): number => {
    const sidecar = dapr ? (quantityOf(annotations[`dapr.io/sidecar-${resource}-request`]) ?? 0) : 0;
    const sum = staying.reduce((total, container) => total + requestOf(container, resource), sidecar);
    return Math.max(sum, ...passing.map((container) => requestOf(container, resource)));
  };
  return { cpu: Math.round(of('cpu') * 1000), memory: Math.ceil(of('memory') / MIB) };
}

/** Kubernetes takes the limit for the request where there is no request. */
function requestOf({ resources }: Container, resource: 'cpu' | 'memory'): number {
  return quantityOf(resources?.requests?.[resource] ?? resources?.limits?.[resource]) ?? 0;
}

interface Scaler {
  scaleTargetRef?: { kind?: string; name?: string };
  minReplicas?: number;
  maxReplicas?: number;
  minReplicaCount?: number;
  maxReplicaCount?: number;
}

/** `namespace/kind/name` of what is scaled → how far; the defaults are those of the HPA and of KEDA. */
function scalesOf(objects: readonly KubernetesObject[]): Map<string, { least: number; most: number }> {
  const scalers = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
  return new Map(
    scalers.map(({ kind, metadata, spec }) => {
      const { scaleTargetRef, minReplicas = 1, maxReplicas = 1, minReplicaCount = 0, maxReplicaCount = 100 } = (spec ?? {}) as Scaler;
      const target = `${metadata.namespace ?? ''}/${scaleTargetRef?.kind ?? 'Deployment'}/${scaleTargetRef?.name ?? ''}`;
      return [target, kind === 'ScaledObject' ? { least: minReplicaCount, most: maxReplicaCount } : { least: minReplicas, most: maxReplicas }];
    }),
  );
}
