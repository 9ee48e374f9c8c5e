import { DefaultRenderer, Listr, ListrLogger, type ListrTask, ProcessOutput } from 'listr2';
import type { EndEvent, EngineEvent } from '../../engine/step.ts';
import type { Clock } from '../../io/clock.ts';
import type { Io } from '../../io/io.ts';
import { type Palette, palette } from '../palette.ts';
import type { Reporter } from './reporter.ts';
import { changesText, seconds } from './words.ts';

const TICK_MS = 500;

/** listr2 looks only at stdout to tell a terminal; this list is on stderr, and stdout may well be a pipe. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

type Wrapper = Parameters<ListrTask<object, typeof StderrRenderer>['task']>[1];

/** One line of the list. Events may come before listr2 has called for it, so what is known is kept here. */
interface Line {
  title: string;
  startedAt?: number;
  below: string;
  wrapper?: Wrapper;
  end: PromiseWithResolvers<EndEvent>;
}

/** A living list of all steps, with what each waits for and how long already. */
export function ttyReporter(io: Pick<Io, 'stderr' | 'redactor' | 'colour'>, clock: Clock): Reporter {
  const colours = palette(io);
  const lines = new Map<string, Line>();
  let shown: Promise<unknown> | undefined;
  const tick = setInterval(() => {
    for (const line of lines.values()) draw(line, colours, clock);
  }, TICK_MS);
  tick.unref();

  const listen = (event: EngineEvent): void => {
    if (event.is === 'pending') {
      lines.set(event.step, { title: event.title, below: '', end: Promise.withResolvers<EndEvent>() });
      return;
    }
    // The first event of a run: all lines are known by now.
    shown ??= list([...lines.values()], io, colours).run();
    const line = lines.get(event.step);
    if (!line) return;
    if (event.is === 'started') line.startedAt = clock.now();
    else if (event.is === 'waiting') line.below = event.reason;
    else if (event.is === 'progress') line.below = event.line;
    else {
      lines.delete(event.step);
      line.end.resolve(event);
      return;
    }
    draw(line, colours, clock);
  };

  return {
    emit: (event) => { listen(JSON.parse(io.redactor.redact(JSON.stringify(event))) as EngineEvent); },
    end: async () => {
      clearInterval(tick);
      await shown;
    },
  };
}

function list(lines: readonly Line[], io: Pick<Io, 'stderr'>, colours: Palette): Listr<object, typeof StderrRenderer> {
  const terminal = io.stderr as NodeJS.WriteStream;
  const tasks = lines.map((line): ListrTask<object, typeof StderrRenderer> => ({
    title: colours.dim(line.title),
    task: async (_, wrapper) => {
      line.wrapper = wrapper;
      finish(line, await line.end.promise, colours);
    },
  }));
  return new Listr<object, typeof StderrRenderer>(tasks, {
    concurrent: true,
    exitOnError: false,
    // Ctrl-C belongs to the command: it finishes what is under way.
    registerSignalListeners: false,
    renderer: StderrRenderer,
    rendererOptions: {
      logger: new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(terminal, terminal, { leaveEmptyLine: false }) }),
      collapseErrors: false,
      suffixSkips: false,
    },
  });
}

function draw({ title, startedAt, below, wrapper }: Line, { dim }: Palette, clock: Clock): void {
  if (!wrapper || startedAt === undefined) return;
  const time = seconds(clock.now() - startedAt);
  wrapper.title = time ? `${title} ${dim(time)}` : title;
  if (below) wrapper.output = below;
}

/** Shows how a step ended; a throw is how listr2 is told of a failure. */
function finish({ title, wrapper }: Line, end: EndEvent, { dim, warn }: Palette): void {
  if (!wrapper) return;
  switch (end.is) {
    case 'changed':
      wrapper.title = `${title} ${dim(seconds(end.ms))}`.trimEnd();
      return;
    case 'unchanged':
      wrapper.title = `${title} ${dim('unchanged')}`;
      return;
    case 'planned':
      wrapper.title = `${title} ${warn(`would change: ${changesText(end.changes)}`)}`;
      return;
    case 'skipped':
    case 'left':
      wrapper.skip(`${title} ${dim(end.reason)}`);
      return;
    case 'failed':
      wrapper.title = title;
      throw new Error(end.error.message);
    case 'unknown':
      wrapper.title = title;
      throw new Error(end.reason);
  }
}
