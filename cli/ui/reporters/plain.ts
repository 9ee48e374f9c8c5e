import type { EngineEvent } from '../../engine/step.ts';
import type { Clock } from '../../io/clock.ts';
import type { Io } from '../../io/io.ts';
import { palette } from '../palette.ts';
import type { Reporter } from './reporter.ts';
import { changesText, cut, seconds } from './words.ts';

const WORD = 'unchanged'.length + 2;
/** A wait is worth a line after this many milliseconds, and then no more than one in as many. */
const WORTH_TELLING_MS = 1000;

/** One line per event of interest, each cut to the width: for logs and pipes. */
export function plainReporter(io: Pick<Io, 'stderr' | 'redactor' | 'colour' | 'columns'>, clock: Clock): Reporter {
  const { good, bad, warn, dim } = palette(io);
  const told = new Map<string, number>();
  const paints: Partial<Record<EngineEvent['is'], (text: string) => string>> = {
    changed: good, failed: bad, unknown: bad, planned: warn, unchanged: dim, waiting: dim, progress: dim,
  };

  const line = (event: EngineEvent, text: string): void => {
    const whole = cut(io.redactor.redact(`${event.is.padEnd(WORD)}${text}`), io.columns);
    const paint = paints[event.is] ?? ((plain: string) => plain);
    io.stderr.write(`${paint(whole.slice(0, WORD))}${whole.slice(WORD)}\n`);
  };

  return {
    emit: (event) => {
      if (event.is === 'started') told.set(event.step, clock.now());
      if (event.is === 'waiting') {
        if (clock.now() - (told.get(event.step) ?? 0) < WORTH_TELLING_MS) return;
        told.set(event.step, clock.now());
      }
      const text = textOf(event);
      if (text !== undefined) line(event, text);
    },
    end: () => Promise.resolve(),
  };
}

function textOf(event: EngineEvent): string | undefined {
  const { title } = event;
  switch (event.is) {
    case 'pending':
    case 'started':
    // What never began needs no line: the step that failed has one, and the error tells the rest.
    case 'skipped':
      return undefined;
    case 'waiting':
    case 'unknown':
      return `${title}: ${event.reason}`;
    case 'progress':
      return `${title}: ${event.line}`;
    case 'failed':
      return event.error.message.startsWith(title) ? event.error.message : `${title}: ${event.error.message}`;
    case 'planned':
      return `${title}: ${changesText(event.changes)}`;
    case 'changed':
    case 'unchanged': {
      const time = seconds(event.ms);
      return time ? `${title} (${time})` : title;
    }
  }
}
