import type { EngineEvent } from '../../engine/step.ts';
import type { Clock } from '../../io/clock.ts';
import type { Io } from '../../io/io.ts';
import { palette } from '../palette.ts';
import type { Reporter } from './reporter.ts';
import { cut, plannedLine, seconds } from './words.ts';

const WORD = 'unchanged'.length + 2;
/** A wait is worth a line after this many milliseconds, and then no more than one in as many. */
const WORTH_TELLING_MS = 1000;
/** A wait for the same reason is worth another line after this many: that it goes on is all that is new. */
const SAME_AGAIN_MS = 15_000;

/** One line per event of interest, each cut to the width: for logs and pipes. */
export function plainReporter(io: Pick<Io, 'stderr' | 'redactor' | 'colour' | 'columns'>, clock: Clock): Reporter {
  const { good, bad, warn, dim } = palette(io);
  const told = new Map<string, { at: number; text?: string }>();
  const paints: Partial<Record<EngineEvent['is'], (text: string) => string>> = {
    changed: good, failed: bad, unknown: bad, left: warn, planned: warn, unchanged: dim, waiting: dim, progress: dim,
  };

  const shown = (text: string): string => cut(text, io.columns - WORD);
  const line = (event: EngineEvent, text: string): void => {
    const whole = cut(io.redactor.redact(`${event.is.padEnd(WORD)}${text}`), io.columns);
    const paint = paints[event.is] ?? ((plain: string) => plain);
    io.stderr.write(`${paint(whole.slice(0, WORD))}${whole.slice(WORD)}\n`);
  };

  return {
    emit: (event) => {
      const text = textOf(event);
      if (event.is === 'started') told.set(event.step, { at: clock.now() });
      if (event.is === 'waiting' && text !== undefined) {
        // What is cut off is not seen to change.
        const last = told.get(event.step);
        const same = last?.text !== undefined && shown(last.text) === shown(text);
        if (clock.now() - (last?.at ?? 0) < (same ? SAME_AGAIN_MS : WORTH_TELLING_MS)) return;
        told.set(event.step, { at: clock.now(), text });
      }
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
    case 'left':
    case 'unknown':
      return `${title}: ${event.reason}`;
    case 'progress':
      return `${title}: ${event.line}`;
    case 'failed':
      return event.error.message.startsWith(title) ? event.error.message : `${title}: ${event.error.message}`;
    case 'planned':
      return plannedLine(title, event.changes);
    case 'changed':
    case 'unchanged': {
      const time = seconds(event.ms);
      return time ? `${title} (${time})` : title;
    }
  }
}
