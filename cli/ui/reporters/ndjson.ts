import type { Clock } from '../../io/clock.ts';
import type { Io } from '../../io/io.ts';
import type { Reporter } from './reporter.ts';

/** Every event as one JSON object per line, with its time in milliseconds since the epoch. */
export function ndjsonReporter(io: Pick<Io, 'stderr' | 'redactor'>, clock: Clock): Reporter {
  return {
    emit: (event) => {
      if (event.is === 'pending') return;
      io.stderr.write(`${io.redactor.redact(JSON.stringify({ time: clock.now(), ...event }))}\n`);
    },
    end: () => Promise.resolve(),
  };
}
