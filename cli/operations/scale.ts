import { runSteps } from '../engine/run.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface ScaleOptions {
  service: string;
  min?: number;
  max?: number;
  /** Instead of bounds. */
  replicas?: number;
  dryRun: boolean;
  confirm: () => Promise<boolean>;
}

export interface ScaleResult {
  environment: string;
  service: string;
  min: number;
  max: number;
  changed: number;
  dryRun: boolean;
  seconds: number;
}

/** Changes how many replicas a service has, until the next deploy. Throws TODOCTL_SCALE_REFUSED before anything is asked for. */
export async function scale(context: Context, { service, dryRun, confirm, ...wanted }: ScaleOptions, reporter: Reporter): Promise<ScaleResult> {
  const begun = context.clock.now();
  const to = boundsOf(service, wanted);
  const target = await context.target();
  if (!target.scale) {
    throw new TodoctlError('TODOCTL_SCALE_REFUSED', {
      message: 'On this machine a service has as many replicas as todoctl.yaml says', why: 'There is no autoscaler here.',
      next: [`Write services: { ${service}: { replicas: ${to.min} } } into the environment, and run todoctl deploy.`],
    });
  }
  const steps = await target.scale(service, to);
  if (!dryRun && !(await confirm())) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.' });
  const { error, changed, planned } = await runSteps(steps, { emit: (event) => reporter.emit(event), clock: context.clock, stop: context.stop, leave: context.leave, dryRun }).finally(() => reporter.end());
  if (error) throw error;
  return { environment: context.environment, service, ...to, changed: dryRun ? planned : changed, dryRun, seconds: Math.round((context.clock.now() - begun) / 100) / 10 };
}

function boundsOf(service: string, { min, max, replicas }: Pick<ScaleOptions, 'min' | 'max' | 'replicas'>): { min: number; max: number } {
  if (replicas !== undefined && (min !== undefined || max !== undefined)) throw refused('--replicas stands alone: it sets both bounds', service);
  if (replicas !== undefined) return { min: replicas, max: replicas };
  if (min === undefined || max === undefined) throw refused('Both --min and --max are needed, or --replicas', service);
  if (min > max) throw refused(`--min ${min} is more than --max ${max}`, service);
  return { min, max };
}

function refused(message: string, service: string): TodoctlError {
  return new TodoctlError('TODOCTL_SCALE_REFUSED', { message, next: [`Run todoctl scale ${service} --min 2 --max 6, for one.`] });
}
