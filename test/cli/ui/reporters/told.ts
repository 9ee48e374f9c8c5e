import { PassThrough } from 'node:stream';
import type { EngineEvent } from '../../../../cli/engine/step.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import type { Clock } from '../../../../cli/io/clock.ts';
import type { Io } from '../../../../cli/io/io.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';

export interface Paper {
  io: Io;
  /** All that was written to stderr so far. */
  text: () => string;
  clock: Clock & { now: () => number; at: (ms: number) => void };
}

/** An Io that keeps what is written, and a clock that stands where it is put. */
export function paper(given: { colour?: boolean; tty?: boolean; columns?: number } = {}): Paper {
  const stderr = new PassThrough();
  let text = '';
  stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  let now = 1000;
  return {
    io: {
      stdout: new PassThrough(), stderr, stdoutIsTty: false, stderrIsTty: given.tty ?? false,
      columns: given.columns ?? 80, colour: given.colour ?? false, redactor: new Redactor(),
    },
    text: () => text,
    clock: { now: () => now, at: (ms) => { now = ms; }, wait: () => Promise.resolve() },
  };
}

const failure = new TodoctlError('TODOCTL_STEP_TIMED_OUT', { message: 'Sidecar: not done after 30 s; last seen: GET 127.0.0.1:3500/v1.0/healthz: nobody listens there' });

/** A deploy in which one thing fails, with the time of each event. */
export const STORY: readonly (readonly [number, EngineEvent])[] = [
  [1000, { step: 'postgres', title: 'PostgreSQL', is: 'pending' }],
  [1000, { step: 'broker', title: 'Broker', is: 'pending' }],
  [1000, { step: 'topics', title: 'Topics', is: 'pending' }],
  [1000, { step: 'sidecar', title: 'Sidecar', is: 'pending' }],
  [1000, { step: 'services', title: 'Services', is: 'pending' }],
  [1000, { step: 'postgres', title: 'PostgreSQL', is: 'started' }],
  [1000, { step: 'broker', title: 'Broker', is: 'started' }],
  [1005, { step: 'postgres', title: 'PostgreSQL', is: 'unchanged', ms: 5 }],
  [1010, { step: 'broker', title: 'Broker', is: 'waiting', reason: 'just started' }],
  [1300, { step: 'broker', title: 'Broker', is: 'progress', line: 'recovered 3 partitions' }],
  [2200, { step: 'broker', title: 'Broker', is: 'changed', changes: [{ what: 'process broker' }], ms: 1200 }],
  [2200, { step: 'topics', title: 'Topics', is: 'started' }],
  [2200, { step: 'sidecar', title: 'Sidecar', is: 'started' }],
  [2300, { step: 'topics', title: 'Topics', is: 'planned', changes: [{ what: 'task-events partitions', from: '1', to: '3' }, { what: 'reminders' }] }],
  [7300, { step: 'sidecar', title: 'Sidecar', is: 'waiting', reason: 'GET 127.0.0.1:3500/v1.0/healthz: nobody listens' }],
  [7400, { step: 'sidecar', title: 'Sidecar', is: 'waiting', reason: 'a reason that comes too soon after another' }],
  [32200, { step: 'sidecar', title: 'Sidecar', is: 'failed', error: failure }],
  [32200, { step: 'services', title: 'Services', is: 'skipped', reason: 'needs "Sidecar"' }],
];
