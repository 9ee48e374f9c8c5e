import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { getContainerd } from '../../tools/containerd/build.ts';
import { getCoreDns } from '../../tools/coredns/build.ts';
import { getKubernetes } from '../../tools/kubernetes/build.ts';
import { getPause } from '../../tools/pause/build.ts';
import { until } from '../until.ts';
import { startControlPlane } from './control-plane.ts';
import { DNS_IMAGE, DNS_OBJECTS } from './dns.ts';
import { claimGround, run, type Ground } from './ground.ts';
import { imageArchive, type Image } from './image-archive.ts';
import { startStorage } from './storage.ts';
import { NODE_NAME, PAUSE_IMAGE, startContainerd, startKubelet } from './worker.ts';

/** A cluster of one real node: its pods are processes of this machine. */
export interface Node extends AsyncDisposable {
  /** `https://10.10.0.2:6443`, reachable from this machine; the second node that runs at the same time has 10.10.1.2. */
  server: string;
  /** Kubeconfig with the contexts `admin`, which it starts with, `reader`, `planner` and `nobody`, who may do what RBAC lets them. */
  kubeconfig: string;
  /** What the kubelet calls the node. */
  name: string;
  /** Namespace, addresses, folders; `exec` and `launch` run programs inside the namespace, where Services and pods can be reached. */
  ground: Ground;
  /** Path of kubectl. */
  program: string;
  /** Runs kubectl as admin and answers its stdout; `input` is its stdin. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>;
  /** Applies these objects as admin. */
  apply: (objects: readonly object[]) => Promise<void>;
  /** Makes an image of files of this machine, or takes an archive of `docker save`, and gives it to the node. */
  importImage: (image: Image | string) => Promise<void>;
}

const READY_MS = 60_000;
const NEEDS = { etcd: 'etcd-server', runc: 'runc', iptables: 'iptables', conntrack: 'conntrack', nsenter: 'util-linux', setpriv: 'util-linux', ip: 'iproute2', openssl: 'openssl' };

/** Starts a real node with DNS and block storage, in a network namespace of its own (some 15 s), or says why it cannot. It ends with this process, however that ends. */
export async function startNode(): Promise<Node | { skipped: string }> {
  const missing = whatIsMissing();
  if (missing !== undefined) return { skipped: missing };
  const [kubernetes, containerd, dns, pause] = [getKubernetes(), getContainerd(), getCoreDns(), getPause()];
  for (const part of [kubernetes, containerd, dns, pause]) if ('skipped' in part) return part;
  if ('skipped' in kubernetes || 'skipped' in containerd || 'skipped' in dns || 'skipped' in pause) throw new Error('unreachable');

  const ground = await claimGround();
  try {
    const controlPlane = startControlPlane(ground, kubernetes);
    const socket = await startContainerd(ground, containerd);
    const importImage = async (image: Image | string): Promise<void> => {
      const archive = typeof image === 'string' ? image : await imageArchive(image);
      await run(containerd.ctr, ['-a', socket, '-n', 'k8s.io', 'images', 'import', archive]);
    };
    const images = Promise.all([
      importImage({ names: [PAUSE_IMAGE], files: { pause: pause.binary }, entrypoint: ['/pause'] }),
      importImage({ names: [DNS_IMAGE], files: { coredns: dns.binary }, entrypoint: ['/coredns'] }),
    ]);
    const { server, kubeconfig } = await controlPlane;
    const kubectl = (args: readonly string[], input?: string): Promise<string> =>
      run(kubernetes.kubectl, ['--kubeconfig', kubeconfig, '--cache-dir', path.join(ground.folder, 'kubectl'), ...args], {}, input);
    const apply = async (objects: readonly object[]): Promise<void> => {
      await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    };
    await images;
    startKubelet(ground, kubernetes, kubeconfig, socket);
    await apply(DNS_OBJECTS);
    await startStorage({ ground, kubeconfig, apply });
    await until('the node is ready', () => kubectl(['wait', '--for=condition=Ready', `node/${NODE_NAME}`, '--timeout=10s']).then(() => true, () => false), READY_MS);
    await kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s']);
    return { server, kubeconfig, name: NODE_NAME, ground, program: kubernetes.kubectl, kubectl, apply, importImage, [Symbol.asyncDispose]: ground.leave };
  } catch (error) {
    if (process.env['TODOCTL_KEEP_NODE'] === undefined) await ground.leave();
    throw error;
  }
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a node needs Linux and root';
  for (const [program, packaged] of Object.entries(NEEDS)) if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed (Debian: ${packaged})`;
  if (!existsSync('/usr/lib/cni/ptp')) return 'the CNI plugins are not installed (Debian: containernetworking-plugins)';
  const probe = `todoctl-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'this machine lets nobody make a network namespace';
  spawnSync('ip', ['netns', 'del', probe]);
  return undefined;
}
