import { type Clock, systemClock } from '../../io/clock.ts';
import type { Io } from '../../io/io.ts';
import { ndjsonReporter } from './ndjson.ts';
import { plainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';

/** The reporter that suits who reads: NDJSON for a program, a living list on a terminal, lines elsewhere. listr2 is loaded only where it is used. */
export async function chooseReporter(io: Io, json: boolean, clock: Clock = systemClock): Promise<Reporter> {
  if (json) return ndjsonReporter(io, clock);
  if (!io.stderrIsTty) return plainReporter(io, clock);
  const { ttyReporter } = await import('./tty.ts');
  return ttyReporter(io, clock);
}
