import type { Io } from '../io/io.ts';
import type { Swept, SweepResult } from '../operations/sweep.ts';
import { palette } from '../ui/palette.ts';
import { resourceLines } from './cluster.ts';

export function sweepText({ platform, dryRun, found, monthly }: SweepResult, io: Pick<Io, 'colour'>): string {
  const { good, warn, dim } = palette(io);
  if (found.length === 0) return `${good('Nothing')} of ${platform} is left over\n`;
  return `${[dryRun ? warn('Would remove') : good('Gone'), ...sweptLines(found, dim), dim(`${dryRun ? 'It costs' : 'It cost'} $${monthly} a month, as far as prices are known.`)].join('\n')}\n`;
}

/** What will be deleted, as the question shows it. */
export function sweepQuestion(found: readonly Swept[], io: Pick<Io, 'colour'>): string {
  const { warn, dim } = palette(io);
  return `${[`${warn('This deletes')} for good:`, ...sweptLines(found, dim)].join('\n')}\n`;
}

function sweptLines(found: readonly Swept[], dim: (text: string) => string): string[] {
  return found.flatMap(({ environment, why, resources }) => [`${environment} ${dim(`(${why})`)}`, ...resourceLines(resources)]);
}
