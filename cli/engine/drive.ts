import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Clock } from '../io/clock.ts';
import { Left, type Limit, OutOfTime, within } from './limit.ts';
import { pace } from './pace.ts';
import type { Change, Run, State, Step, StepEnd, StepEvent } from './step.ts';

/** How often a reason that has not changed is told again, in milliseconds. */
const SAY_AGAIN_MS = 5000;

/** So long what others wait for may still come after a step has failed, in milliseconds: much of it is nearly there. */
const GRACE_MS = 5000;

/** The step that failed first, and when. */
export interface Failure {
  title: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** `apply`: makes it so. `look`: needed by a selected step, only checked. `plan`: says what would change. */
export type Mode = 'apply' | 'look' | 'plan';

export interface Drive {
  mode: Mode;
  clock: Clock;
  run: Run;
  emit(event: StepEvent): void;
  /** Keeps the value that the step ended with for those that need it. */
  keep(value: unknown): void;
  /** What has made it pointless to begin anything, or to wait for long. */
  failure(): Failure | undefined;
}

/** Thrown by `run.of` in a plan when the value will only be known once something has been made. */
export class NotYetKnown extends Error {
  override readonly name = 'NotYetKnown';
}

/** Takes one step whose needs are done to its end: look, ask once, look again until it is so. Never throws. */
export async function drive(step: Step, given: Drive): Promise<StepEnd> {
  const { clock, run } = given;
  const seen = { asked: false, reason: 'it has not answered yet' };
  const limit = { clock, deadline: clock.now() + step.timeout, leave: run.leave };
  given.emit({ is: 'started' });
  try {
    return await converge(step, given, seen, limit);
  } catch (error) {
    if (error instanceof Left) {
      return seen.asked ? { is: 'unknown', reason: `left while under way: ${seen.reason}` } : { is: 'skipped', reason: 'left' };
    }
    if (error instanceof NotYetKnown) return { is: 'planned', changes: wouldMake(step) };
    if (error instanceof OutOfTime) return { is: 'failed', error: timedOut(step, seen.reason) };
    return { is: 'failed', error: asTodoctlError(step, error) };
  }
}

async function converge(step: Step, given: Drive, seen: { asked: boolean; reason: string }, limit: Limit): Promise<StepEnd> {
  const { mode, clock, run } = given;
  const started = clock.now();
  let changes: readonly Change[] = [];
  let said = { reason: '', at: 0 };
  for (let attempt = 0; ; attempt++) {
    const state = await within(step.check(run), limit);
    if (state.is === 'stuck') return { is: 'failed', error: state.error };
    if (state.is === 'done') {
      given.keep(state.value);
      const ms = clock.now() - started;
      return seen.asked && state.made !== false ? { is: 'changed', changes, ms } : { is: 'unchanged', ms };
    }
    if (mode === 'plan') {
      if (state.is === 'drifted') given.keep(state.value);
      return { is: 'planned', changes: wouldChange(step, state) };
    }
    if (mode === 'look' && state.is !== 'busy') {
      if (state.is === 'absent') return { is: 'failed', error: neverDone(step) };
      given.keep(state.value);
      return { is: 'unchanged', ms: clock.now() - started };
    }
    if (!seen.asked && run.stop.aborted) return { is: 'skipped', reason: 'stopped by you' };
    const apply = seen.asked || state.is === 'busy' ? undefined : step.apply?.bind(step);
    const failure = given.failure();
    if (failure && apply) return { is: 'skipped', reason: because(failure) };
    if (failure && clock.now() >= failure.at + GRACE_MS) return { is: 'left', reason: `${because(failure)}; last seen: ${whyNotDone(state)}` };
    if (apply) {
      changes = wouldChange(step, state);
      // Told before it is asked: if we are made to leave now, its outcome is unknown.
      seen.asked = true;
      seen.reason = 'being asked for';
      await within(apply(run), limit);
      attempt = -1; // looked at again at once, and at a quick pace anew
      continue;
    }
    seen.reason = whyNotDone(state);
    if (seen.reason !== said.reason || clock.now() - said.at >= SAY_AGAIN_MS) {
      said = { reason: seen.reason, at: clock.now() };
      given.emit({ is: 'waiting', reason: seen.reason });
    }
    // What was asked for is waited for even after the first Ctrl-C; what others asked for is not.
    const pause = clock.wait(pace(attempt), seen.asked ? run.leave : run.stop);
    if (!(await paused(pause, limit))) return { is: 'skipped', reason: 'stopped by you' };
  }
}

/** False when the pause was cut short by the first Ctrl-C. */
async function paused(wait: Promise<void>, limit: Limit): Promise<boolean> {
  try {
    await within(wait, limit);
    return true;
  } catch (error) {
    if (error instanceof OutOfTime || error instanceof Left) throw error;
    if (limit.leave.aborted) throw new Left();
    return false;
  }
}

/** Why a step ends that has not failed itself. */
export function because({ title }: Failure): string {
  return `"${title}" failed`;
}

function whyNotDone(state: Exclude<State<unknown>, { is: 'done' | 'stuck' }>): string {
  if (state.is === 'busy') return state.reason;
  if (state.is === 'absent') return 'not there yet';
  return `not yet as wanted: ${state.changes.map((change) => change.what).join(', ')}`;
}

function wouldChange(step: Step, state: Exclude<State<unknown>, { is: 'done' | 'stuck' }>): readonly Change[] {
  if (state.is === 'drifted') return state.changes;
  return state.is === 'busy' ? [{ what: `${step.title}: ${state.reason}` }] : wouldMake(step);
}

/** What a step makes, as far as it can be told without looking. */
export function wouldMake(step: Step): readonly Change[] {
  return (step.makes ?? [step.title]).map((what) => ({ what }));
}

function timedOut(step: Step, reason: string): TodoctlError {
  const seconds = Number((step.timeout / 1000).toFixed(1));
  return new TodoctlError('TODOCTL_STEP_TIMED_OUT', { message: `${step.title}: not done after ${seconds} s; last seen: ${reason}` });
}

function neverDone(step: Step): TodoctlError {
  return new TodoctlError('TODOCTL_STEP_NEEDED', { message: `${step.title}: this is needed and is not there` });
}

function asTodoctlError(step: Step, error: unknown): TodoctlError {
  if (error instanceof TodoctlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TodoctlError('TODOCTL_BUG', { message: `${step.title}: ${message}`, cause: error });
}
