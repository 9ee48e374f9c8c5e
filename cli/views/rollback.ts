import type { Io } from '../io/io.ts';
import type { RollbackResult } from '../operations/rollback.ts';
import type { Revision } from '../targets/target.ts';
import { palette } from '../ui/palette.ts';
import { environmentFlag } from './deploy.ts';
import { ago } from './status.ts';

/** Where it is now, and what the next deploy does. */
export function rollbackText({ environment, dryRun, from, to, changed, seconds }: RollbackResult, io: Pick<Io, 'colour'>): string {
  const { good, warn, dim, bold } = palette(io);
  if (dryRun) return `${warn('Would go')}  ${bold(environment)} from revision ${from} back to ${to}\n`;
  if (changed === 0) return `${good('Nothing')} had to change: ${bold(environment)} is as of revision ${to}\n`;
  return `${[
    `${good('Back')}  ${bold(environment)} is as of revision ${to} ${dim(`in ${seconds} s`)}`,
    'Topics, users and data are as they were: they are of no revision.',
    `The next todoctl deploy${environmentFlag(environment)} makes it what todoctl.yaml and the code say now, so put right first what was wrong with revision ${from}.`,
  ].join('\n')}\n`;
}

/** What a person is asked. */
export function rollbackQuestion(environment: string, from: Revision | undefined, to: Revision, now: number): string {
  return `${environment} goes from revision ${from?.revision ?? '?'} back to ${to.revision}, deployed ${ago(now - to.at)} ago.\n`;
}

/** One line per revision. `now` is in ms since the epoch. */
export function revisionsText({ environment, revisions }: { environment: string; revisions: readonly Revision[] }, io: Pick<Io, 'colour'>, now: number): string {
  const { bold, dim } = palette(io);
  if (revisions.length === 0) return `${bold(environment)} has no revisions: nothing was deployed\n`;
  const rows = revisions.map(({ revision, state, at, description }) => `${String(revision).padStart(8)}  ${state.padEnd(10)}  ${`${ago(now - at)} ago`.padEnd(10)}  ${description}`.trimEnd());
  return `${[dim('REVISION  STATE       DEPLOYED'), ...rows].join('\n')}\n`;
}
