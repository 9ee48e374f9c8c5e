import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface OlderNode {
  /** Absolute path of its binary. */
  file: string;
  /** `20.20.2` */
  version: string;
}

/** A Node on PATH, outside node_modules, that is too old for todoctl but can read its first lines (18 to 25); undefined, and said aloud, when there is none. */
export function olderNode(): OlderNode | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '' && !folder.includes('node_modules'));
  for (const folder of folders) {
    const file = path.join(folder, 'node');
    if (!existsSync(file)) continue;
    const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
    const major = Number.parseInt(version, 10);
    if (major >= 18 && major < 26) return { file, version };
  }
  process.stderr.write('skipped: no Node from 18 to 25 on PATH, so starting on an older Node is not tried\n');
  return undefined;
}
