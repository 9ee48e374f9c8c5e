import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Clock } from '../io/clock.ts';
import { because, drive, type Failure, type Mode, NotYetKnown, wouldMake } from './drive.ts';
import { isNeeded, select, withNeeds } from './graph.ts';
import { within } from './limit.ts';
import { Releases } from './releases.ts';
import type { EndEvent, EngineEvent, Run, Step, StepEnd } from './step.ts';

/** How long releases may take after the second Ctrl-C, in milliseconds. */
const LEAVE_MS = 1000;
const DEED = 'a deed, not a state: a plan passes over it';
const LEFT_OUT = { is: 'skipped', reason: 'left out by you' } as const;

export interface RunGiven {
  emit(event: EngineEvent): void;
  clock: Clock;
  /** First Ctrl-C: nothing new is started, what is under way is finished. */
  stop: AbortSignal;
  /** Second Ctrl-C: left at once. */
  leave: AbortSignal;
  /** Ids of the only steps that may change anything; what they need is only looked at (deeds, such as taking a lock, are done). */
  only?: readonly string[];
  /** Ids of steps that change nothing: what others need of them is only looked at, and deeds are left out. */
  skip?: readonly string[];
  /** Looks only, and says what would change. */
  dryRun?: boolean;
  /** When a step fails nothing more is begun, what is being asked for is finished, and what only waits is left after some seconds. */
  failFast?: boolean;
}

export interface Outcome {
  /** Every step is as wanted (in a dry run: could be looked at). */
  ok: boolean;
  /** How many things were changed; deeds do not count. */
  changed: number;
  /** Dry run: how many steps would change something. */
  planned: number;
  /** How each step ended, in the order in which they ended. */
  steps: readonly EndEvent[];
  /** What to end the command with: the first failure, or that it was interrupted. */
  error?: TodoctlError;
  /** The value that a step ended with. */
  of<T>(step: Step<T>): T | undefined;
}

/**
 * Makes every step true, all at once, each as soon as its needs are. A failed step takes only its dependants with it, unless `failFast`.
 * Knows no I/O: it looks (`check`), asks once (`apply`), looks again. So a run that was killed at any point can be run again.
 */
export async function runSteps(steps: readonly Step[], given: RunGiven): Promise<Outcome> {
  const chosen = given.only ? select(steps, given.only) : undefined;
  const skipped = select(steps, given.skip ?? []);
  const all = withNeeds(chosen ?? steps);
  const values = new Map<Step, unknown>();
  const releases = new Releases();
  const ended: EndEvent[] = [];
  const ends = new Map<Step, Promise<StepEnd>>();
  let failure: Failure | undefined;

  for (const step of all) given.emit({ step: step.id, title: step.title, is: 'pending' });
  for (const step of all) {
    const says = { step: step.id, title: step.title };
    const mode = modeOf(step, given, chosen, skipped);
    const run: Run = {
      of: <T>(need: Step<T>) => valueOf(step, need, values),
      progress: (line) => { given.emit({ ...says, is: 'progress', line }); },
      atEnd: (release) => { releases.add(release); },
      stop: given.stop,
      leave: given.leave,
    };
    const end = async (): Promise<StepEnd> => {
      const needs = await Promise.all(step.needs.map(async (need) => ({ need, end: await ends.get(need) as StepEnd })));
      const early = step.act && skipped.includes(step) ? LEFT_OUT : endWithoutLooking(step, mode, needs, values, given.stop, failure);
      const how = early ?? (await drive(step, {
        mode,
        clock: given.clock,
        run,
        emit: (event) => { given.emit({ ...says, ...event }); },
        keep: (value) => values.set(step, value),
        failure: () => failure,
      }));
      if (how.is === 'failed' && given.failFast && !given.dryRun) failure ??= { title: step.title, at: given.clock.now() };
      ended.push({ ...says, ...how });
      given.emit({ ...says, ...how });
      return how;
    };
    ends.set(step, end());
  }

  await Promise.all(ends.values());
  const releaseErrors = await releaseAll(releases, given);
  return outcome(all, ended, values, releaseErrors, given);
}

function modeOf(step: Step, given: RunGiven, chosen: readonly Step[] | undefined, skipped: readonly Step[]): Mode {
  if (given.dryRun) return 'plan';
  if (skipped.includes(step)) return 'look';
  return !chosen || chosen.includes(step) || step.act ? 'apply' : 'look';
}

/** The end of a step that is not to be looked at at all. */
function endWithoutLooking(
  step: Step,
  mode: Mode,
  needs: readonly { need: Step; end: StepEnd }[],
  values: ReadonlyMap<Step, unknown>,
  stop: AbortSignal,
  failure: Failure | undefined,
): StepEnd | undefined {
  const broken = needs.find(({ end }) => isBroken(end));
  if (broken) return { is: 'skipped', reason: broken.end.is === 'skipped' ? broken.end.reason : `needs "${broken.need.title}"` };
  if (failure) return { is: 'skipped', reason: because(failure) };
  if (stop.aborted) return { is: 'skipped', reason: 'stopped by you' };
  if (mode !== 'plan') return undefined;
  if (step.act) return { is: 'skipped', reason: DEED };
  const missing = needs.some(({ need, end }) => end.is === 'planned' && !values.has(need));
  return missing ? { is: 'planned', changes: wouldMake(step) } : undefined;
}

function isBroken(end: StepEnd): boolean {
  return end.is === 'failed' || end.is === 'left' || end.is === 'unknown' || (end.is === 'skipped' && !isOnPurpose(end));
}

/** What was left out because it was asked for so: nothing is wrong, and what needs it goes on. */
function isOnPurpose({ reason }: { reason: string }): boolean {
  return reason === DEED || reason === LEFT_OUT.reason;
}

function valueOf<T>(step: Step, need: Step<T>, values: ReadonlyMap<Step, unknown>): T {
  if (!isNeeded(step, need)) throw new Error(`${step.id} asks for the value of ${need.id} without needing it`);
  if (!values.has(need)) throw new NotYetKnown(need.id);
  return values.get(need) as T;
}

async function releaseAll(releases: Releases, given: RunGiven): Promise<unknown[]> {
  if (!given.leave.aborted) return releases.all();
  const never = new AbortController().signal;
  return within(releases.all(), { clock: given.clock, deadline: given.clock.now() + LEAVE_MS, leave: never }).catch((error: unknown) => [error]);
}

function outcome(
  all: readonly Step[],
  ended: readonly EndEvent[],
  values: ReadonlyMap<Step, unknown>,
  releaseErrors: readonly unknown[],
  given: RunGiven,
): Outcome {
  const deeds = new Set(all.filter((step) => step.act).map((step) => step.id));
  const error = whatToEndWith(ended, releaseErrors, given);
  return {
    ok: error === undefined,
    changed: ended.filter((end) => end.is === 'changed' && !deeds.has(end.step)).length,
    planned: ended.filter((end) => end.is === 'planned').length,
    steps: ended,
    ...(error ? { error } : {}),
    of: <T>(step: Step<T>) => values.get(step) as T | undefined,
  };
}

function whatToEndWith(ended: readonly EndEvent[], releaseErrors: readonly unknown[], given: RunGiven): TodoctlError | undefined {
  const unknown = ended.filter((end) => end.is === 'unknown');
  if (unknown.length > 0) {
    const details = unknown.map((end) => `${end.title}: ${end.reason}`);
    return new TodoctlError('TODOCTL_OUTCOME_UNKNOWN', { message: `Left; how ${count(unknown.length)} ended is unknown`, details });
  }
  const failed = ended.filter((end) => end.is === 'failed');
  if (failed[0]) return failed[0].error;
  const stopped = ended.filter((end) => end.is === 'skipped' && !isOnPurpose(end));
  if ((given.stop.aborted || given.leave.aborted) && stopped.length > 0) {
    return new TodoctlError('TODOCTL_INTERRUPTED', { message: `Stopped by you before ${count(stopped.length)}`, details: stopped.map((end) => end.title) });
  }
  const [first] = releaseErrors;
  if (first === undefined) return undefined;
  if (first instanceof TodoctlError) return first;
  return new TodoctlError('TODOCTL_BUG', { message: `releasing at the end: ${first instanceof Error ? first.message : 'failed'}`, cause: first });
}

function count(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}
