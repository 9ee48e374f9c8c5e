// A context and a target for tests of operations: the port, spoken by an object that remembers what it was asked.
import { Writable } from 'node:stream';
import type { EngineEvent, Step } from '../../../cli/engine/step.ts';
import { systemClock } from '../../../cli/io/clock.ts';
import type { Io } from '../../../cli/io/io.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import type { Context } from '../../../cli/operations/context.ts';
import type { Resource } from '../../../cli/providers/resource.ts';
import type { Health, Target } from '../../../cli/targets/target.ts';
import type { Reporter } from '../../../cli/ui/reporters/reporter.ts';

export const ready = (name: string, more: Partial<Health> = {}): Health => ({ name, kind: 'service', state: 'ready', restarts: 0, ...more });
export const processNamed = (name: string, pid: number): Resource => ({ kind: 'process', name, id: String(pid), owner: 'environment' });

/** A step that is as wanted from the beginning, or once it was applied. */
export function stepThat(id: string, how: { done?: boolean; fails?: Error; applied?: () => void } = {}): Step {
  let done = how.done ?? false;
  return {
    id, title: `Title of ${id}`, needs: [], timeout: 1000,
    check: async () => (done ? { is: 'done', value: undefined } : { is: 'absent' }),
    apply: async () => {
      if (how.fails) throw how.fails;
      how.applied?.();
      done = true;
    },
  };
}

/** A target on which nothing is deployed, but for what `parts` say. */
export function targetWith(parts: Partial<Target> = {}): Target {
  return {
    preflight: async () => [{ title: 'Node' }],
    deploy: async () => [],
    teardown: async () => [],
    resources: async () => [],
    status: async () => [],
    kafka: async () => ({ where: 'test', bootstrap: [{ host: '127.0.0.1', port: 9 }], connect: () => Promise.reject(new Error('not here')), [Symbol.asyncDispose]: async () => undefined }),
    async *logs() { /* nothing was logged */ },
    entrance: async () => ({ url: new URL('http://127.0.0.1:8/') }),
    folder: async () => '/project/.todoctl/local',
    ...parts,
  };
}

export const plainIo: Io = {
  stdout: new Writable({ write: (_chunk, _encoding, done) => done() }), stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
  stdoutIsTty: false, stderrIsTty: false, columns: 80, colour: false, redactor: new Redactor(),
};

export function contextOn(target: Target, stop: AbortSignal = new AbortController().signal): Context {
  return { io: plainIo, clock: systemClock, env: {}, cwd: '/project', environment: 'local', stop, leave: new AbortController().signal, target: async () => target };
}

export function listening(): Reporter & { heard: string[]; ended: number } {
  const reporter = {
    heard: [] as string[],
    ended: 0,
    emit: (event: EngineEvent): void => void reporter.heard.push(`${event.is} ${event.step}`),
    end: async (): Promise<void> => void reporter.ended++,
  };
  return reporter;
}
