import type { LogLine } from '../targets/target.ts';
import type { Context } from './context.ts';
import { parseWhen } from './events/when.ts';

export interface LogsOptions {
  /** Services or processes; empty means all. */
  names: readonly string[];
  follow: boolean;
  /** How many lines back. */
  tail: number;
  /** `10m`, or a time. */
  since?: string | undefined;
  sidecar?: boolean;
  previous?: boolean;
}

/**
 * The lines of all chosen processes, merged by time; with `follow` until the first Ctrl-C.
 * Errors: TODOCTL_TIME_SYNTAX, TODOCTL_NOT_DEPLOYED, TODOCTL_UNKNOWN_PROCESS, TODOCTL_CLUSTER_*.
 */
export async function* logs(context: Context, { names, follow, tail, since, sidecar = false, previous = false }: LogsOptions): AsyncGenerator<LogLine> {
  const now = context.clock.now();
  const seconds = since === undefined ? {} : { since: (now - parseWhen(since, now, '--since')) / 1000 };
  const target = await context.target();
  yield* target.logs({ names, follow, tail, sidecar, previous, ...seconds }, context.stop);
}
