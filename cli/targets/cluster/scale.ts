import type { State, Step } from '../../engine/step.ts';
import { nearest } from '../../errors/nearest.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { reasonOf, strange } from '../../kubernetes/failures.ts';
import { listObjects, readObject } from '../../kubernetes/read.ts';
import type { Pod } from '../../kubernetes/why.ts';
import { whyPods } from '../../kubernetes/why.ts';
import type { Cluster } from '../../providers/provider.ts';
import type { Ground } from './ground.ts';
import { marksOf, type Marks } from './marks.ts';
import { notDeployed } from './status.ts';
import { openLock } from './steps/lock.ts';
import { podsOf, type Workload } from './workloads.ts';

export interface Bounds {
  min: number;
  max: number;
}

/** Who decides about the replicas of a service, and where its bounds stand. */
interface Scaler {
  kind: 'HorizontalPodAutoscaler' | 'ScaledObject' | 'Deployment';
  path: string;
  bounds: Bounds;
  patch(to: Bounds): object;
}

const MINUTE = 60_000;

/**
 * Sets the bounds of a service's autoscaler, or its replicas where it has none, and waits until as many are ready. It is not written
 * down: the next deploy sets what todoctl.yaml says. Errors: TODOCTL_UNKNOWN_PROCESS, TODOCTL_SCALE_REFUSED; of a step TODOCTL_LOCKED, TODOCTL_CLUSTER_*.
 */
export async function scaleSteps(ground: Ground, service: string, to: Bounds): Promise<Step[]> {
  const marks = marksOf(ground);
  const cluster = await ground.cluster();
  const kubernetes = ground.open(cluster);
  const deployment = await deploymentOf(kubernetes, marks, service);
  const scaler = await scalerOf(kubernetes, marks, deployment);
  if (scaler.kind === 'Deployment' && to.min !== to.max) {
    throw new TodoctlError('TODOCTL_SCALE_REFUSED', { message: `${service} has no autoscaler`, next: [`Run todoctl scale ${service} --replicas ${to.min}.`, `To give it one: scale: { min: ${to.min}, max: ${to.max}, cpu: 70 } in todoctl.yaml.`] });
  }
  const reach: Step<Cluster> = { id: 'cluster', title: 'Cluster', needs: [], timeout: MINUTE, check: async () => ({ is: 'done', value: cluster }) };
  const lock = openLock(ground, reach, 'scale');
  const bounds: Step = {
    id: 'scale', title: `Scale ${service}`, needs: [lock.step], timeout: MINUTE,
    async check() {
      const { bounds: now } = await scalerOf(kubernetes, marks, deployment);
      if (now.min === to.min && now.max === to.max) return { is: 'done', value: undefined };
      return { is: 'drifted', value: undefined, changes: [{ what: `${service}: ${boundsText(now)} → ${boundsText(to)}`, from: boundsText(now), to: boundsText(to) }] };
    },
    async apply() {
      lock.assertHeld();
      const { status, body } = await kubernetes.ask(scaler.path, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify(scaler.patch(to)) });
      if (status === 200) return;
      if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not scale ${service}`, details: [reasonOf(body)] });
      throw strange(kubernetes.where, status, body);
    },
  };
  const ready: Step = { id: 'ready', title: `${service} has its replicas`, needs: [bounds], timeout: 10 * MINUTE, act: true, check: () => enough(kubernetes, marks, service, to) };
  return [reach, lock.step, bounds, ready];
}

async function deploymentOf(kubernetes: Kubernetes, marks: Marks, service: string): Promise<Workload> {
  const all = await listObjects<Omit<Workload, 'kind'>>(kubernetes, `/apis/apps/v1/namespaces/${marks.namespace}/deployments`, { ...marks.labels, 'todoctl.io/system': 'app' });
  if (all.length === 0) throw notDeployed(marks);
  const found = all.find(({ metadata }) => metadata.name === service);
  if (found) return { ...found, kind: 'Deployment' };
  const names = all.map(({ metadata }) => metadata.name);
  const meant = nearest(service, names);
  throw new TodoctlError('TODOCTL_UNKNOWN_PROCESS', { message: `No service is called ${service}${meant ? `. Did you mean ${meant}?` : ''}`, details: [`There are: ${names.join(', ')}`] });
}

async function scalerOf(kubernetes: Kubernetes, { namespace }: Marks, { metadata: { name } }: Workload): Promise<Scaler> {
  const scaled = `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects/${name}`;
  const autoscaled = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
  const plain = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const [keda, hpa, now] = await Promise.all([
    // Who may not see KEDA's objects has none of ours: the roles of an environment follow from what it has.
    readObject<{ spec: { minReplicaCount?: number; maxReplicaCount?: number } }>(kubernetes, scaled).catch(unseen),
    readObject<{ spec: { minReplicas?: number; maxReplicas: number } }>(kubernetes, autoscaled),
    readObject<Workload>(kubernetes, plain),
  ]);
  if (keda) return { kind: 'ScaledObject', path: scaled, bounds: { min: keda.spec.minReplicaCount ?? 0, max: keda.spec.maxReplicaCount ?? 100 }, patch: ({ min, max }) => ({ spec: { minReplicaCount: min, maxReplicaCount: max } }) };
  if (hpa) return { kind: 'HorizontalPodAutoscaler', path: autoscaled, bounds: { min: hpa.spec.minReplicas ?? 1, max: hpa.spec.maxReplicas }, patch: ({ min, max }) => ({ spec: { minReplicas: min, maxReplicas: max } }) };
  const replicas = now?.spec.replicas ?? 1;
  return { kind: 'Deployment', path: `${plain}/scale`, bounds: { min: replicas, max: replicas }, patch: ({ min }) => ({ spec: { replicas: min } }) };
}

function unseen(error: unknown): undefined {
  if (!(error instanceof TodoctlError) || error.code !== 'TODOCTL_CLUSTER_FORBIDDEN') throw error;
}

/** As many as the bounds want are ready, and what the autoscaler has set lies within them. */
async function enough(kubernetes: Kubernetes, marks: Marks, service: string, { min, max }: Bounds): Promise<State<undefined>> {
  const deployment = await deploymentOf(kubernetes, marks, service);
  const wanted = deployment.spec.replicas ?? 1;
  const { readyReplicas = 0, replicas = 0, observedGeneration } = deployment.status ?? {};
  if (wanted < min || wanted > max) return { is: 'busy', reason: `the autoscaler still wants ${wanted}` };
  if (readyReplicas >= wanted && replicas <= wanted && observedGeneration === deployment.metadata.generation) return { is: 'done', value: undefined };
  const pods = await listObjects<Pod>(kubernetes, `/api/v1/namespaces/${marks.namespace}/pods`);
  const why = whyPods(podsOf(deployment, pods));
  return { is: 'busy', reason: `${readyReplicas} of ${wanted} are ready${why ? `: ${why.reason}` : ''}` };
}

export function boundsText({ min, max }: Bounds): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}
