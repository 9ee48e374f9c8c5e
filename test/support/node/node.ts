import { cpSync } from 'node:fs';
import path from 'node:path';
import { getContainerd, type Containerd } from '../../tools/containerd/build.ts';
import { getCoreDns } from '../../tools/coredns/build.ts';
import { getKubernetes } from '../../tools/kubernetes/build.ts';
import { getPause } from '../../tools/pause/build.ts';
import { until } from '../until.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { DNS_IMAGE, DNS_OBJECTS } from './dns.ts';
import { claimGround, run, type Ground } from './ground.ts';
import { imageArchive, type Image } from './image-archive.ts';
import { whatIsMissing } from './needs.ts';
import { startStorage } from './storage.ts';
import { NODE_NAME, PAUSE_IMAGE, startContainerd, startKubelet } from './worker.ts';

/** A cluster of one real node: its pods are processes of this machine. */
export interface Node extends ControlPlane, AsyncDisposable {
  /** What the kubelet calls the node. */
  name: string;
  /** Namespace, addresses, folders; `exec` and `launch` run programs inside the namespace, where Services and pods can be reached. */
  ground: Ground;
  /** Makes an image of files of this machine, or takes an archive of `docker save`, and gives it to the node. */
  importImage: (image: Image | string) => Promise<void>;
}

const LOGS = path.resolve(import.meta.dirname, '../../../.cache/node-logs');
const READY_MS = 120_000;

/** Starts a real node with DNS and block storage, in a network namespace of its own (some 15 s), or says why it cannot. It ends with this process, however that ends. */
export async function startNode(): Promise<Node | { skipped: string }> {
  const missing = whatIsMissing();
  if (missing !== undefined) return { skipped: missing };
  const kubernetes = getKubernetes();
  if ('skipped' in kubernetes) return kubernetes;
  const containerd = getContainerd();
  if ('skipped' in containerd) return containerd;
  const dns = getCoreDns();
  if ('skipped' in dns) return dns;
  const pause = getPause();
  if ('skipped' in pause) return pause;

  return onGround(async (ground) => {
    const [controlPlane, runtime] = await Promise.all([startControlPlane(ground, kubernetes), startRuntime(ground, containerd, dns.binary, pause.binary)]);
    const { kubeconfig, kubectl, apply } = controlPlane;
    startKubelet(ground, kubernetes, kubeconfig, runtime.socket);
    await apply(DNS_OBJECTS);
    await startStorage({ ground, kubeconfig, apply });
    await until('the node is ready', () => kubectl(['wait', '--for=condition=Ready', `node/${NODE_NAME}`, '--timeout=10s']).then(() => true, () => false), READY_MS);
    await kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', `--timeout=${READY_MS / 1000}s`]);
    return { ...controlPlane, name: NODE_NAME, ground, importImage: runtime.importImage, [Symbol.asyncDispose]: ground.leave };
  });
}

/** Starts something on a ground of its own; when that fails, what its processes wrote is kept and the ground is left. */
export async function onGround<T>(start: (ground: Ground) => Promise<T>): Promise<T> {
  const ground = await claimGround();
  try {
    return await start(ground);
  } catch (error) {
    const kept = path.join(LOGS, ground.netns);
    cpSync(ground.logs, kept, { recursive: true });
    await ground.leave();
    throw new Error(`no node: ${error instanceof Error ? error.message : String(error)} (what its parts wrote is in ${kept})`, { cause: error });
  }
}

/** containerd with the two images that every node has. */
async function startRuntime(ground: Ground, containerd: Containerd, dns: string, pause: string): Promise<{ socket: string } & Pick<Node, 'importImage'>> {
  const socket = await startContainerd(ground, containerd);
  const importImage = async (image: Image | string): Promise<void> => {
    const archive = typeof image === 'string' ? image : await imageArchive(image);
    await run(containerd.ctr, ['-a', socket, '-n', 'k8s.io', 'images', 'import', archive]);
  };
  await importImage({ names: [PAUSE_IMAGE], files: { pause }, entrypoint: ['/pause'] });
  await importImage({ names: [DNS_IMAGE], files: { coredns: dns }, entrypoint: ['/coredns'] });
  return { socket, importImage };
}
