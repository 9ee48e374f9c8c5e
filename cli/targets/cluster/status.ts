import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type Condition, type Pod, whyPods } from '../../kubernetes/why.ts';
import type { Health } from '../target.ts';
import type { Ground } from './ground.ts';
import { marksOf, type Marks } from './marks.ts';
import { conditionOf, isReadyNow, lookAround, type Managed, type Node, podsOf, type Seen, type Workload } from './workloads.ts';

/** What others stand on comes first. */
const ORDER: readonly Health['kind'][] = ['node', 'operator', 'database', 'broker', 'service', 'sidecar', 'gateway'];
const SIDECAR = 'daprd';

/** How everything of the environment is in its cluster. Empty when nothing was ever deployed. Errors: TODOCTL_CLUSTER_*. */
export async function clusterStatus(ground: Ground): Promise<Health[]> {
  const cluster = await (await ground.provider()).cluster();
  const marks = marksOf(ground);
  const seen = cluster && (await lookAround(ground.open(cluster), marks));
  return seen ? healthOf(seen, marks) : [];
}

/** Said where there is a cluster, and nothing of the environment in it. */
export function notDeployed({ environment }: Marks): TodoctlError {
  return new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: `The environment ${environment} is not deployed in its cluster` });
}

/** What was seen, in the words of `status`. */
export function healthOf(seen: Seen, { namespace, platform }: Marks): Health[] {
  const own = seen.workloads.filter(({ metadata }) => metadata.namespace === namespace);
  const services = own.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.labels?.['todoctl.io/system'] === 'app');
  const databases = own.filter(({ kind, metadata }) => kind === 'StatefulSet' && metadata.labels?.['todoctl.io/system'] === 'postgres');
  const rest = seen.workloads.filter((workload) => !services.includes(workload) && !databases.includes(workload) && !isOfKafka(workload));
  const all = [
    ...seen.nodes.map(nodeHealth),
    ...rest.map((workload) => workloadHealth(workload, 'operator', seen)),
    ...databases.map((workload) => workloadHealth(workload, 'database', seen)),
    ...seen.kafkas.flatMap((kafka) => brokerHealth(kafka, seen)),
    ...services.flatMap((workload) => serviceHealth(workload, seen)),
    ...seen.gateways.map((gateway) => gatewayHealth(gateway, platform)),
  ];
  return all.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Strimzi's own Deployments of a Kafka cluster: they are counted with it. */
function isOfKafka({ metadata }: Workload): boolean {
  return metadata.labels?.['strimzi.io/cluster'] !== undefined;
}

function serviceHealth(workload: Workload, seen: Seen): Health[] {
  const pods = podsOf(workload, seen.pods);
  const health = workloadHealth(workload, 'service', seen, (name) => name !== SIDECAR);
  const sidecars = pods.flatMap((pod) => statusesOf(pod).filter(({ name }) => name === SIDECAR));
  if (sidecars.length === 0) return [health];
  const ready = sidecars.filter((one) => one.ready).length;
  const state = ready === sidecars.length ? 'ready' : sidecars.some(({ state: is }) => is?.waiting?.reason === 'CrashLoopBackOff') ? 'failing' : 'starting';
  return [health, {
    name: `${workload.metadata.name}.dapr`, kind: 'sidecar', state, replicas: `${ready}/${sidecars.length}`,
    restarts: sum(sidecars.map(({ restartCount }) => restartCount)),
    ...(state === 'ready' ? {} : { reason: whyPods(pods, seen.events)?.reason ?? 'not ready yet' }),
  }];
}

function workloadHealth(workload: Workload, kind: Health['kind'], seen: Seen, counts = (_container: string): boolean => true): Health {
  const { metadata, status = {} } = workload;
  const pods = podsOf(workload, seen.pods);
  const wanted = wantedOf(workload);
  const ready = status.readyReplicas ?? status.numberReady ?? 0;
  const restarts = sum(pods.flatMap((pod) => statusesOf(pod).filter(({ name }) => counts(name)).map(({ restartCount }) => restartCount)));
  const since = sinceOf(status.conditions?.find(({ type }) => type === 'Available')?.lastTransitionTime);
  const base = { name: metadata.name, kind, replicas: `${ready}/${wanted}`, restarts, ...since };
  const seenByController = (status.observedGeneration ?? metadata.generation) === metadata.generation;
  if (wanted === 0) return { ...base, state: 'stopped', reason: 'scaled to 0' };
  if (ready >= wanted && seenByController) {
    const old = wanted - (status.updatedReplicas ?? wanted);
    return old > 0 ? { ...base, state: 'starting', reason: `${old} of ${wanted} are still of the last release` } : { ...base, state: 'ready' };
  }
  const why = whyPods(pods, seen.events);
  const refused = status.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True')?.message;
  const stuck = status.conditions?.find(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded');
  return {
    ...base,
    state: why?.terminal || refused !== undefined || stuck ? 'failing' : 'starting',
    reason: why?.reason ?? refused ?? stuck?.message ?? (pods.length === 0 ? 'has no pods yet' : 'not ready yet'),
  };
}

/** Of each broker its pod; where the operator has made none yet, what it says of the whole. */
function brokerHealth(kafka: Managed, seen: Seen): Health[] {
  const pods = seen.pods.filter(({ metadata: { labels } }) => labels?.['strimzi.io/cluster'] === kafka.metadata.name && (labels['strimzi.io/broker-role'] === 'true' || labels['strimzi.io/kind'] === 'Kafka') && labels['strimzi.io/pool-name'] !== undefined);
  const said = conditionOf(kafka, 'NotReady') ?? conditionOf(kafka, 'Ready');
  const words = said && said.status === 'True' && said.type === 'NotReady' ? said.message : undefined;
  if (pods.length === 0) {
    return [{ name: `${kafka.metadata.name}-kafka`, kind: 'broker', state: isReadyNow(kafka) ? 'ready' : 'starting', restarts: 0, ...(isReadyNow(kafka) ? {} : { reason: words ?? 'the operator has not made it yet' }) }];
  }
  return pods.map((pod) => {
    const why = whyPods([pod], seen.events);
    const restarts = sum(statusesOf(pod).map(({ restartCount }) => restartCount));
    const since = sinceOf(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime);
    const base = { name: pod.metadata.name, kind: 'broker' as const, restarts, ...since };
    return why ? { ...base, state: why.terminal ? 'failing' : 'starting', reason: why.reason } : { ...base, state: 'ready' };
  });
}

function gatewayHealth(gateway: Managed, platform: string): Health {
  const name = gateway.metadata.name === platform ? 'gateway' : `gateway ${gateway.metadata.name}`;
  const [accepted, programmed] = [conditionOf(gateway, 'Accepted'), conditionOf(gateway, 'Programmed')];
  // Some controllers refuse the whole Gateway for it, others only the one listener; it is the usual state before DNS is told.
  if (lacksCertificate(gateway)) return { name, kind: 'gateway', state: 'starting', restarts: 0, reason: 'HTTPS has no certificate yet: it is issued once DNS leads to the entrance' };
  if (programmed?.status === 'True') return { name, kind: 'gateway', state: 'ready', restarts: 0, ...sinceOf(programmed.lastTransitionTime) };
  const refused = accepted?.status === 'False' && accepted.reason !== 'Pending';
  const reason = refused ? `refused: ${accepted.message ?? accepted.reason}` : (programmed?.message || 'no controller has taken it yet: is there one for its class?');
  return { name, kind: 'gateway', state: refused ? 'failing' : 'starting', restarts: 0, reason };
}

function lacksCertificate({ status }: Managed): boolean {
  const listeners = (status?.['listeners'] ?? []) as { conditions?: Condition[] }[];
  return listeners.some(({ conditions = [] }) => conditions.some(({ type, status: is, reason }) => type === 'ResolvedRefs' && is === 'False' && reason === 'InvalidCertificateRef'));
}

function nodeHealth({ metadata: { name }, spec, status }: Node): Health {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const base = { name, kind: 'node' as const, restarts: 0, ...sinceOf(ready?.lastTransitionTime) };
  if (ready?.status !== 'True') return { ...base, state: 'failing', reason: ready?.message ?? 'has said nothing yet' };
  const pressed = status?.conditions?.find(({ type, status: is }) => type.endsWith('Pressure') && is === 'True');
  if (pressed) return { ...base, state: 'failing', reason: pressed.message ?? pressed.type };
  return spec?.unschedulable ? { ...base, state: 'stopped', reason: 'takes no new pods (cordoned)' } : { ...base, state: 'ready' };
}

function wantedOf({ spec, status }: Workload): number {
  return status?.desiredNumberScheduled ?? spec.replicas ?? 1;
}

/** A native sidecar stands among the init containers. */
export function statusesOf({ status }: Pod): NonNullable<NonNullable<Pod['status']>['containerStatuses']> {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function sinceOf(time: string | undefined): { since?: number } {
  const since = Date.parse(time ?? '');
  return Number.isNaN(since) ? {} : { since };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
