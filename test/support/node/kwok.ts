import path from 'node:path';
import { getKubernetes } from '../../tools/kubernetes/build.ts';
import { getKwok } from '../../tools/kwok/build.ts';
import { goModuleFolder } from '../../tools/go-build.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import type { Ground } from './ground.ts';
import { whatIsMissing } from './needs.ts';
import { onGround, type Node } from './node.ts';

/** A cluster whose pods say that they run: quick to start, and large for nothing. */
export interface KwokCluster extends ControlPlane, AsyncDisposable {
  ground: Ground;
}

/** What a node of kwok has for pods, in Kubernetes' own units. */
export interface Size {
  cpu: string;
  memory: string;
}

const TOOL = path.resolve(import.meta.dirname, '../../tools/kwok');
/** Which nodes are kwok's: `key=value` of an annotation. */
const MARK = { 'kwok.x-k8s.io/node': 'fake' };
const STAGES = ['node/fast/node-initialize', 'node/heartbeat-with-lease/node-heartbeat-with-lease', 'pod/fast/pod-ready', 'pod/fast/pod-complete', 'pod/fast/pod-delete'];
const MINE = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', type: 'kwok' };

/** Lets kwok look after the nodes that `kwokNodes` makes, beside real ones where there are any. */
export async function startKwok({ ground, kubeconfig }: Pick<Node, 'ground' | 'kubeconfig'>): Promise<object | { skipped: string }> {
  const kwok = getKwok();
  if ('skipped' in kwok) return kwok;
  const stages = path.join(goModuleFolder(TOOL, 'sigs.k8s.io/kwok'), 'kustomize/stage');
  ground.launch('kwok', kwok.binary, [
    `--kubeconfig=${kubeconfig}`, '--manage-all-nodes=false', `--manage-nodes-with-annotation-selector=${Object.entries(MARK).join().replace(',', '=')}`,
    `--node-ip=${ground.address}`, '--node-port=10247', '--server-address=0.0.0.0:10247', '--node-lease-duration-seconds=40',
    // Without stages it moves nothing.
    ...STAGES.map((stage) => `--config=${path.join(stages, `${stage}.yaml`)}`),
  ]);
  return {};
}

/** Nodes for kwok, `kwok-0` and on. With `tainted`, only pods that tolerate `todoctl.io/kwok` come there. */
export function kwokNodes(count: number, { cpu, memory }: Size = { cpu: '4', memory: '8Gi' }, { tainted = false, labels = {} } = {}): object[] {
  const room = { cpu, memory, pods: '110' };
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1', kind: 'Node', metadata: { name: `kwok-${index}`, annotations: MARK, labels: { ...MINE, 'kubernetes.io/hostname': `kwok-${index}`, ...labels } },
    ...(tainted && { spec: { taints: [{ key: 'todoctl.io/kwok', value: 'true', effect: 'NoSchedule' }] } }),
    status: { allocatable: room, capacity: room },
  }));
}

/** Starts a control plane (API server, controllers, scheduler) and nodes of kwok; no container ever runs. Some 6 s. */
export async function startKwokCluster(nodes: readonly object[] = kwokNodes(3)): Promise<KwokCluster | { skipped: string }> {
  const missing = whatIsMissing();
  if (missing !== undefined) return { skipped: missing };
  const kubernetes = getKubernetes();
  if ('skipped' in kubernetes) return kubernetes;
  const kwok = getKwok();
  if ('skipped' in kwok) return kwok;
  return onGround(async (ground) => {
    const controlPlane = await startControlPlane(ground, kubernetes);
    await startKwok({ ground, kubeconfig: controlPlane.kubeconfig });
    if (nodes.length > 0) {
      await controlPlane.apply(nodes);
      await controlPlane.kubectl(['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s']);
    }
    return { ...controlPlane, ground, [Symbol.asyncDispose]: ground.leave };
  });
}
