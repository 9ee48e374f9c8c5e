import type { EndEvent } from '../engine/step.ts';
import { runSteps } from '../engine/run.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Check } from '../providers/provider.ts';
import type { Health, Target } from '../targets/target.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface DeployOptions {
  /** Look only, and say what would change. */
  dryRun: boolean;
}

export interface DeployResult {
  environment: string;
  /** How many things were changed; 0 when all was as wanted. In a dry run: how many would be. */
  changed: number;
  dryRun: boolean;
  seconds: number;
  /** Every step, in the order in which they ended. */
  steps: { step: string; title: string; is: EndEvent['is']; changes?: readonly { what: string }[] }[];
  /** Undefined in a dry run. */
  running?: Running;
}

/** What is up after a deploy, and where. */
export interface Running {
  entrance: string;
  kafka: string;
  processes: readonly Health[];
}

/** Makes the environment as todoctl.yaml says and returns when all of it is ready. What stops it is found before the first change. */
export async function deploy(context: Context, { dryRun }: DeployOptions, reporter: Reporter): Promise<DeployResult> {
  const begun = context.clock.now();
  const target = await context.target();
  refuse(await target.preflight());
  const outcome = await runSteps(await target.deploy(), {
    emit: (event) => reporter.emit(event),
    clock: context.clock,
    stop: context.stop,
    leave: context.leave,
    dryRun,
  }).finally(() => reporter.end());
  if (outcome.error) throw outcome.error;
  return {
    environment: context.environment,
    changed: dryRun ? outcome.planned : outcome.changed,
    dryRun,
    seconds: Math.round((context.clock.now() - begun) / 100) / 10,
    steps: outcome.steps.map((end) => ({ step: end.step, title: end.title, is: end.is, ...('changes' in end ? { changes: end.changes } : {}) })),
    ...(dryRun ? {} : { running: await running(target) }),
  };
}

/** All that is wrong, in one error: the first one's code, the others as details. */
function refuse(checks: readonly Check[]): void {
  const [first, ...others] = checks.flatMap(({ error }) => (error ? [error] : []));
  if (!first) return;
  if (others.length === 0) throw first;
  throw new TodoctlError(first.code, {
    message: first.message,
    why: first.why,
    next: first.next,
    details: [...first.details, ...others.flatMap(({ code, message, details }) => [`also: ${message} (${code})`, ...details])],
    cause: first,
  });
}

async function running(target: Target): Promise<Running> {
  const [processes, { url }, kafka] = await Promise.all([target.status(), target.entrance(), target.kafka()]);
  return { entrance: url.href, kafka: kafka.bootstrap.map(({ host, port }) => `${host}:${port}`).join(','), processes };
}
