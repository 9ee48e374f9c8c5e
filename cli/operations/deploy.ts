import type { EndEvent, Step } from '../engine/step.ts';
import { select } from '../engine/graph.ts';
import { runSteps } from '../engine/run.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Entrance, Health, Target } from '../targets/target.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';
import { protectedName } from './protected.ts';
import { refuse } from './refuse.ts';

export interface DeployOptions {
  /** Look only, and say what would change. */
  dryRun: boolean;
  /** Ids of the only steps that may change anything. */
  only?: readonly string[];
  /** Ids of steps that are left out. */
  skip?: readonly string[];
  /** Milliseconds that a step may take. */
  timeout?: number;
  /** Asked before anything is looked at, where an environment is protected; its name is handed over. */
  confirm?: (name: string) => Promise<boolean>;
  /** Told which cluster it is about to be, before the first change. */
  header?: (where: string) => void;
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
  /** Absent where the entrance has no address yet. */
  entrance?: string;
  /** The record that the entrance's name needs in DNS, where a resolver here does not know it. */
  record?: string;
  /** Who keeps the zone that has this record already; a person must make it where this is absent. */
  zone?: string;
  kafka?: string;
  processes: readonly Health[];
  /** US dollars; absent where nothing costs anything. */
  cost?: { monthly: number; hourly: number };
}

/** Makes the environment as todoctl.yaml says and returns when all of it is ready. What stops it is found before the first change. */
export async function deploy(context: Context, { dryRun, only, skip = [], timeout, confirm, header }: DeployOptions, reporter: Reporter): Promise<DeployResult> {
  const begun = context.clock.now();
  if (skip.includes('lock')) throw new TodoctlError('TODOCTL_USAGE', { message: 'Without its lock nothing is deployed: two at once would undo each other' });
  const target = await context.target();
  const selection = timeout === undefined ? {} : { timeout };
  // A name that no step has is a slip of the keyboard: said before anybody is asked anything.
  const early = only || skip.length > 0 ? await target.deploy(selection) : undefined;
  if (early) select(early, namedIn(early, [...(only ?? []), ...skip]));
  const name = confirm && !dryRun ? await protectedName(context) : undefined;
  if (name !== undefined && !(await confirm?.(name))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not the name of the environment.' });
  refuse(await target.preflight());
  const where = await target.where?.();
  if (where !== undefined) header?.(where);
  const steps = early ?? (await target.deploy(selection));
  const outcome = await runSteps(steps, {
    emit: (event) => reporter.emit(event),
    clock: context.clock,
    stop: context.stop,
    leave: context.leave,
    dryRun,
    failFast: true,
    skip: namedIn(steps, skip),
    ...(only ? { only: namedIn(steps, only) } : {}),
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

/** The steps of these names; `smoke` is all that begin with `smoke-`. */
function namedIn(steps: readonly Step[], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const group = steps.filter(({ id }) => id.startsWith(`${name}-`)).map(({ id }) => id);
    return steps.some(({ id }) => id === name) || group.length === 0 ? [name] : group;
  });
}

async function running(target: Target): Promise<Running> {
  const [processes, entrance, kafka, resources] = await Promise.all([target.status(), ifThere(target.entrance()), ifThere(kafkaOf(target)), target.billed?.() ?? []]);
  const prices = resources.flatMap(({ owner, price }) => (price && owner !== 'other' ? [price] : []));
  const sum = (of: 'monthly' | 'hourly'): number => prices.reduce((total, price) => total + price[of], 0);
  return {
    ...(entrance ? { entrance: entrance.url.href, ...recordOf(entrance) } : {}),
    ...(kafka === undefined ? {} : { kafka }),
    processes,
    ...(prices.length > 0 ? { cost: { monthly: sum('monthly'), hourly: sum('hourly') } } : {}),
  };
}

/** What there is to say of DNS. */
export function recordOf({ record, zone }: Pick<Entrance, 'record' | 'zone'>): Pick<Running, 'record' | 'zone'> {
  return { ...(record === undefined ? {} : { record }), ...(zone === undefined ? {} : { zone }) };
}

async function kafkaOf(target: Target): Promise<string> {
  await using kafka = await target.kafka();
  return kafka.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
}

/** What is up is up, also where an address is still to come. */
async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  return asking.catch((error: unknown) => {
    if (error instanceof TodoctlError) return undefined;
    throw error;
  });
}
