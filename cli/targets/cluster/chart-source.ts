import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Chart } from '../../systems/system.ts';
import { type ChartSource, isPath } from './helm.ts';

/**
 * Where a chart is fetched from. One that lies on this machine says its version itself: what Helm records is that, whatever is pinned.
 * Errors: TODOCTL_RELEASE_FAILED, where there is no chart at a path.
 */
export async function chartSourceOf({ chart, repository, version, release }: Pick<Chart, 'chart' | 'repository' | 'version' | 'release'>): Promise<ChartSource> {
  const source = { chart, version, ...(repository === undefined ? {} : { repository }) };
  return isPath(source) ? { ...source, version: await versionAt(chart, release) } : source;
}

async function versionAt(chart: string, release: string): Promise<string> {
  const packed = /-(v?\d+\.\d+\.\d+[^/]*)\.tgz$/.exec(chart)?.[1];
  if (packed !== undefined) return packed;
  const text = await readFile(path.join(chart, 'Chart.yaml'), 'utf8').catch((cause: unknown) => {
    throw new TodoctlError('TODOCTL_RELEASE_FAILED', { message: `${release}: there is no chart at ${chart}`, cause });
  });
  return /^version: *["']?([^\s"']+)/m.exec(text)?.[1] ?? '';
}
