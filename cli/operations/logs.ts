import type { LogLine } from '../targets/target.ts';
import type { Context } from './context.ts';

export interface LogsOptions {
  /** Services or processes; empty means all. */
  names: readonly string[];
  follow: boolean;
  /** How many lines back. */
  tail: number;
}

/** The lines of all chosen processes, merged by time; with `follow` until the first Ctrl-C. */
export async function* logs(context: Context, options: LogsOptions): AsyncGenerator<LogLine> {
  const target = await context.target();
  yield* target.logs(options, context.stop);
}
