import { realpath, stat } from 'node:fs/promises';
import { readDefinition } from '../../definition/find.ts';
import { pathsOf } from './paths.ts';

/** True when this environment was deployed on this machine. Found without reading todoctl.yaml, whose parser takes longer to load than all of `events tail`. */
export async function deployedHere({ cwd, environment }: { cwd: string; environment: string }): Promise<boolean> {
  if (!/^[\w-]+$/.test(environment)) return false;
  try {
    const { root } = await readDefinition(cwd);
    return (await stat(pathsOf(await realpath(root), environment).ports)).isFile();
  } catch {
    return false;
  }
}
