import { runSteps } from '../../engine/run.ts';
import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { TargetImages } from '../../targets/target.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';

/** The images of the environment. Errors: TODOCTL_REGISTRY_NONE for one on this machine. */
export async function imagesOf(context: Context): Promise<TargetImages> {
  const images = await (await context.target()).images?.();
  if (images) return images;
  throw new TodoctlError('TODOCTL_REGISTRY_NONE', { message: `The environment ${context.environment} runs on this machine, without images` });
}

/** Runs one step to its end, and answers whether it changed anything and with what it ended. */
export async function runOne<T>(context: Context, step: Step<T>, reporter: Reporter, dryRun = false): Promise<{ changed: boolean; planned: boolean; value: T | undefined }> {
  const { clock, stop, leave } = context;
  const outcome = await runSteps([step], { emit: (event) => reporter.emit(event), clock, stop, leave, dryRun }).finally(() => reporter.end());
  if (outcome.error) throw outcome.error;
  return { changed: outcome.changed > 0, planned: outcome.planned > 0, value: outcome.of(step) };
}

/** What a step ends with, only looked at. Errors: TODOCTL_REGISTRY_NONE where it is not there yet. */
export async function lookAt<T>(context: Context, step: Step<T>): Promise<T> {
  const never = new AbortController().signal;
  const state = await step.check({ of: () => { throw new Error(`${step.id} needs nothing`); }, progress: () => undefined, atEnd: () => undefined, stop: context.stop, leave: never });
  if (state.is === 'done' || state.is === 'drifted') return state.value;
  if (state.is === 'stuck') throw state.error;
  throw new TodoctlError('TODOCTL_REGISTRY_NONE', { message: 'The registry is not there yet', why: 'It is made by the first deploy, or before it.', next: [`Run todoctl registry create --env ${context.environment}.`] });
}
