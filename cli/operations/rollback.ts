import { runSteps } from '../engine/run.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Revision, Target } from '../targets/target.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface RollbackOptions {
  /** The revision to go back to; the one before when undefined. */
  to?: number;
  dryRun: boolean;
  confirm: (from: Revision | undefined, to: Revision) => Promise<boolean>;
}

export interface RollbackResult {
  environment: string;
  dryRun: boolean;
  from?: number;
  to: number;
  changed: number;
  seconds: number;
}

/** What can be gone back to, newest first. */
export async function revisions(context: Context): Promise<{ environment: string; revisions: readonly Revision[] }> {
  return { environment: context.environment, revisions: await able(await context.target()).revisions() };
}

/** Goes back to an earlier deploy of the app. Topics and data stay as they are, whatever the revision. */
export async function rollback(context: Context, { to, dryRun, confirm }: RollbackOptions, reporter: Reporter): Promise<RollbackResult> {
  const begun = context.clock.now();
  const target = able(await context.target());
  const known = await target.revisions();
  const [from] = known;
  const chosen = to ?? known.slice(1).find(({ state }) => state === 'deployed' || state === 'superseded')?.revision;
  // Names of revisions that are not there are refused by the target, with those that are.
  const steps = await target.rollback(chosen);
  const goal = known.find(({ revision }) => revision === chosen);
  if (!dryRun && goal && !(await confirm(from, goal))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.' });
  const { error, changed, planned } = await runSteps(steps, { emit: (event) => reporter.emit(event), clock: context.clock, stop: context.stop, leave: context.leave, dryRun }).finally(() => reporter.end());
  if (error) throw error;
  return {
    environment: context.environment, dryRun, to: chosen ?? 0, changed: dryRun ? planned : changed,
    ...(from ? { from: from.revision } : {}),
    seconds: Math.round((context.clock.now() - begun) / 100) / 10,
  };
}

function able(target: Target): Required<Pick<Target, 'revisions' | 'rollback'>> {
  if (!target.revisions || !target.rollback) {
    throw new TodoctlError('TODOCTL_PROVIDER_UNSUPPORTED', { message: 'There are no revisions on this machine', why: 'Here the code is what lies in the folder, and deploy runs that.', next: ['Check an earlier commit out and run todoctl deploy.'] });
  }
  return target as Required<Pick<Target, 'revisions' | 'rollback'>>;
}
