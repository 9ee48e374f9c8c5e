import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { imageArchive } from './image-archive.ts';

/** Base image of tests: Node of this project and the libraries that it needs, nothing else. */
export const NODE_IMAGE = 'localhost/node:26';

const NODE = path.resolve(import.meta.dirname, '../../../node_modules/node/bin/node');

/** Its archive, for `docker load` and for the node. Public base images are not in the package registries. */
export function nodeImageArchive(): Promise<string> {
  const libraries = execFileSync('ldd', [NODE], { encoding: 'utf8' }).matchAll(/(?<at>\/\S+) \(0x/g);
  const files = Object.fromEntries(Array.from(libraries, ({ groups }) => [groups?.['at'] ?? '', groups?.['at'] ?? '']));
  return imageArchive({ names: [NODE_IMAGE], files: { ...files, '/usr/local/bin/node': NODE }, entrypoint: [], env: ['PATH=/usr/local/bin'] });
}
