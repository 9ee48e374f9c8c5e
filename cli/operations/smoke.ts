import { runSteps } from '../engine/run.ts';
import type { EngineEvent } from '../engine/step.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface SmokeResult {
  environment: string;
  entrance: string;
  /** Every check, in the order in which they ended. */
  checks: { step: string; title: string; seconds: number }[];
  /** What could not be tried, and why. */
  notes: string[];
  seconds: number;
}

/** Tries the platform as a user would. Throws TODOCTL_SMOKE_FAILED when something is not answered as it should be. */
export async function smoke(context: Context, { url }: { url?: URL }, reporter: Reporter): Promise<SmokeResult> {
  const begun = context.clock.now();
  const target = await context.target();
  if (!target.smoke) throw new TodoctlError('TODOCTL_PROVIDER_UNSUPPORTED', { message: 'This environment cannot be tried' });
  const steps = await target.smoke(url);
  const notes: string[] = [];
  const emit = (event: EngineEvent): void => {
    if (event.is === 'progress') notes.push(event.line);
    reporter.emit(event);
  };
  const { error, steps: ended } = await runSteps(steps, { emit, clock: context.clock, stop: context.stop, leave: context.leave }).finally(() => reporter.end());
  if (error) throw error;
  const entrance = url ?? (await target.entrance()).url;
  return {
    environment: context.environment,
    entrance: entrance.href,
    checks: ended.map((end) => ({ step: end.step, title: end.title, seconds: 'ms' in end ? Math.round(end.ms / 10) / 100 : 0 })),
    notes,
    seconds: Math.round((context.clock.now() - begun) / 100) / 10,
  };
}
