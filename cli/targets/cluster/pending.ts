import type { Helm } from './helm.ts';
import { HOOK_SECONDS } from './helm.ts';
import type { ReleaseRecord } from './helm-records.ts';

/** So much later than its own limit a helm has ended, on whatever machine it ran; milliseconds. */
const SLACK_MS = 60_000;

/** What is to be done about a release before it can be changed. */
export type Repair =
  /** Somebody's helm is at it. */
  | { is: 'wait'; reason: string }
  | { is: 'rollback'; to: number; reason: string }
  | { is: 'uninstall'; reason: string };

/**
 * Whether a helm is at work at a release, as its process or the newest record says, and if that one is dead what mends it; undefined
 * where nothing is to mend. A helm outlives whoever started it, so a pending release is somebody's until its process is known to have
 * ended, or its own time limit is long over. `records`: newest first.
 */
export function repairOf(release: string, records: readonly ReleaseRecord[], child: Awaited<ReturnType<Helm['childOf']>>, now: number): Repair | undefined {
  const [newest] = records;
  if (!newest || !/^(?:pending-|uninstalling$)/.test(newest.status)) {
    // It reads its chart for a while before it writes that it is at work.
    return child === 'alive' ? { is: 'wait', reason: `a helm that was started before is still at ${release}` } : undefined;
  }
  const since = new Date(newest.at).toISOString().replace(/\.\d+Z$/, 'Z');
  const over = now > newest.at + HOOK_SECONDS * 1000 + SLACK_MS;
  if (child === 'alive' || (child === 'unknown' && !over)) return { is: 'wait', reason: `helm is at ${newest.status} of ${release} since ${since}` };
  const reason = `${release} is ${newest.status} since ${since}: the helm that did it was ended`;
  const deployed = records.find(({ status }) => status === 'deployed') ?? records.find(({ status }) => status === 'superseded');
  return newest.status === 'uninstalling' || !deployed ? { is: 'uninstall', reason } : { is: 'rollback', to: deployed.revision, reason };
}
