import type { Kubernetes } from '../../kubernetes/client.ts';
import { ifAllowed, listObjects, readObject } from '../../kubernetes/read.ts';
import { type ClusterEvent, type Condition, type Pod, troubleOf } from '../../kubernetes/why.ts';
import { isMarked, type Marks } from './marks.ts';

export interface Meta {
  name: string;
  namespace?: string;
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: { kind: string; name: string; uid?: string; controller?: boolean }[];
}

/** A Deployment, StatefulSet or DaemonSet, as far as it says how many of it are ready. */
export interface Workload {
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  metadata: Meta;
  spec: { replicas?: number; selector?: { matchLabels?: Record<string, string> } };
  status?: { observedGeneration?: number; readyReplicas?: number; updatedReplicas?: number; availableReplicas?: number; replicas?: number; desiredNumberScheduled?: number; numberReady?: number; conditions?: Condition[] };
}

/** An object of an operator, with the conditions that it writes. */
export interface Managed {
  kind?: string;
  metadata: Meta;
  spec?: Record<string, unknown>;
  status?: { observedGeneration?: number; conditions?: Condition[]; [key: string]: unknown };
}

export interface Node {
  metadata: Meta;
  spec?: { unschedulable?: boolean };
  status?: { conditions?: Condition[] };
}

/** What of an environment is seen in its cluster at one moment. */
export interface Seen {
  /** Of the app's namespace and of those that the environment made. */
  workloads: Workload[];
  /** Of the same namespaces. */
  pods: Pod[];
  /** Of the same namespaces; only fetched where a pod is not ready. */
  events: ClusterEvent[];
  nodes: Node[];
  kafkas: Managed[];
  pools: Managed[];
  gateways: Managed[];
  /** Namespaces of the environment, the app's first. */
  namespaces: string[];
}

const KINDS = [['Deployment', 'deployments'], ['StatefulSet', 'statefulsets'], ['DaemonSet', 'daemonsets']] as const;
export const STRIMZI = '/apis/kafka.strimzi.io/v1';
export const GATEWAY_API = '/apis/gateway.networking.k8s.io/v1';

/** Looks at all that runs; undefined where the app's namespace is not there. Errors: TODOCTL_CLUSTER_*. */
export async function lookAround(kubernetes: Kubernetes, marks: Marks): Promise<Seen | undefined> {
  const own = await readObject<{ metadata: Meta }>(kubernetes, `/api/v1/namespaces/${marks.namespace}`);
  if (!own) return undefined;
  const marked = await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, '/api/v1/namespaces', marks.labels));
  const namespaces = [...new Set([marks.namespace, ...marked.map(({ metadata }) => metadata.name)])];
  const inEach = async <T>(path: (namespace: string) => string): Promise<T[]> =>
    (await Promise.all(namespaces.map((namespace) => ifAllowed(listObjects<T>(kubernetes, path(namespace)))))).flat();
  const [workloads, pods, nodes, kafkas, pools, gateways] = await Promise.all([
    Promise.all(KINDS.map(async ([kind, plural]) => (await inEach<Omit<Workload, 'kind'>>((namespace) => `/apis/apps/v1/namespaces/${namespace}/${plural}`)).map((one): Workload => ({ ...one, kind })))),
    inEach<Pod>((namespace) => `/api/v1/namespaces/${namespace}/pods`),
    ifAllowed(listObjects<Node>(kubernetes, '/api/v1/nodes')),
    ifAllowed(listObjects<Managed>(kubernetes, `${STRIMZI}/namespaces/${marks.namespace}/kafkas`)),
    ifAllowed(listObjects<Managed>(kubernetes, `${STRIMZI}/namespaces/${marks.namespace}/kafkanodepools`)),
    ifAllowed(listObjects<Managed>(kubernetes, `${GATEWAY_API}/namespaces/${marks.namespace}/gateways`)),
  ]);
  const events = pods.some((pod) => troubleOf(pod)) ? await inEach<ClusterEvent>((namespace) => `/api/v1/namespaces/${namespace}/events`) : [];
  return {
    workloads: workloads.flat(), pods, events, nodes, namespaces,
    kafkas: kafkas.filter((one) => isMarked(one, marks)),
    pools: pools.filter((one) => isMarked(one, marks)),
    gateways: gateways.filter((one) => isMarked(one, marks)),
  };
}

/** The pods that a workload selects. */
export function podsOf({ metadata, spec }: Pick<Workload, 'metadata' | 'spec'>, pods: readonly Pod[]): Pod[] {
  const wanted = Object.entries(spec.selector?.matchLabels ?? {});
  if (wanted.length === 0) return [];
  return pods.filter((pod) => pod.metadata.namespace === metadata.namespace && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value));
}

/** An operator's own word, never kstatus: `Ready=True` of the generation that is there now. */
export function isReadyNow({ metadata, status }: Managed, type = 'Ready'): boolean {
  return conditionOf({ metadata, ...(status ? { status } : {}) }, type)?.status === 'True' && (status?.observedGeneration ?? metadata.generation) === metadata.generation;
}

export function conditionOf({ status }: Pick<Managed, 'status' | 'metadata'>, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
