import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { CLASSES } from '../../simulators/storage/provisioner.ts';
import type { Node } from './node.ts';

const MAIN = path.resolve(import.meta.dirname, '../../simulators/storage/main.ts');

/** Storage classes as DigitalOcean has them, whose volumes are folders of the node's. A process of its own, so that a test may block meanwhile. */
export async function startStorage({ ground, kubeconfig, apply }: Pick<Node, 'ground' | 'kubeconfig' | 'apply'>): Promise<ChildProcess> {
  await apply(CLASSES);
  return ground.launch('storage', process.execPath, [MAIN, kubeconfig, path.join(ground.folder, 'volumes')], { inside: false });
}
