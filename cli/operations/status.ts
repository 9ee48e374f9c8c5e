import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Health, Target } from '../targets/target.ts';
import type { Context } from './context.ts';
import { meterOf } from './cost.ts';
import { recordOf } from './deploy.ts';
import { lag } from './events/lag.ts';

export interface StatusResult {
  environment: string;
  /** Everything runs and is ready. */
  ready: boolean;
  /** Undefined when nothing is deployed. */
  entrance?: string;
  /** The record that the entrance's name needs in DNS, where a resolver here does not know it. */
  record?: string;
  /** Who keeps the zone that has this record already; a person must make it where this is absent. */
  zone?: string;
  kafka?: string;
  /** Where the state lies, on this machine. */
  folder?: string;
  processes: readonly Health[];
  /** What is there costs so much, USD, the oldest of it since then (ms since the epoch); undefined where nobody bills or nobody can be asked. */
  cost?: { hourly: number; monthly: number; since?: number };
  /** Events that each consumer group has not taken yet; undefined when Kafka does not answer. */
  lag?: readonly { group: string; topic: string; lag: number }[];
}

/** How the environment is now. It only looks: it changes and starts nothing. */
export async function status(context: Context): Promise<StatusResult> {
  const target = await context.target();
  const [processes, folder] = await Promise.all([target.status(), target.folder?.()]);
  const [where, behind, meter] = await Promise.all([addresses(context), lagOf(context, processes), costOf(target)]);
  return {
    environment: context.environment,
    ready: processes.length > 0 && processes.every(({ state }) => state === 'ready'),
    ...where,
    ...(folder ? { folder } : {}),
    processes,
    ...(behind ? { lag: behind } : {}),
    ...(meter ? { cost: meter } : {}),
  };
}

/** Status is of use without a token of the provider, too. */
async function costOf(target: Target): Promise<StatusResult['cost']> {
  try {
    return meterOf((await target.billed?.()) ?? []);
  } catch (error) {
    if (error instanceof TodoctlError) return undefined;
    throw error;
  }
}

/** Not asked of a broker that is known to be down: the answer would only come late. */
async function lagOf(context: Context, processes: readonly Health[]): Promise<StatusResult['lag']> {
  if (!processes.some(({ state }) => state === 'ready') || processes.some(({ kind, state }) => kind === 'broker' && state !== 'ready')) return undefined;
  try {
    return (await lag(context, { groups: [] })).groups.map(({ group, topic, lag: behind }) => ({ group, topic, lag: behind }));
  } catch {
    // Status says how things are; that Kafka does not answer is one of them.
    return undefined;
  }
}

/** What is not there yet has no address; that it is not ready stands among the processes. */
async function addresses(context: Context): Promise<Pick<StatusResult, 'entrance' | 'record' | 'zone' | 'kafka'>> {
  const target = await context.target();
  const [entrance, kafka] = await Promise.all([ifThere(target.entrance()), ifThere(kafkaOf(target))]);
  return {
    ...(entrance ? { entrance: entrance.url.href, ...recordOf(entrance) } : {}),
    ...(kafka === undefined ? {} : { kafka }),
  };
}

async function kafkaOf(target: Target): Promise<string> {
  await using access = await target.kafka();
  return access.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TodoctlError && NOT_THERE.has(error.code)) return undefined;
    throw error;
  }
}

const NOT_THERE = new Set(['TODOCTL_NOT_DEPLOYED', 'TODOCTL_ENTRANCE_MISSING', 'TODOCTL_KAFKA_UNREACHABLE', 'TODOCTL_SECRET_MISSING', 'TODOCTL_CLUSTER_FORBIDDEN', 'TODOCTL_PROVIDER_UNSUPPORTED']);
