import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Redactor } from '../../../cli/io/redactor.ts';
import { processIo, sayOn } from '../../../cli/io/io.ts';

/** What a terminal or a pipe says of itself, put in place of the real one for a test. */
type Look = { isTTY?: boolean; columns?: number };
const real = [process.stdout, process.stderr].map((stream) => [stream, Object.getOwnPropertyDescriptors(stream)] as const);
function looks(stdout: Look, stderr: Look): void {
  for (const [stream, look] of [[process.stdout, stdout], [process.stderr, stderr]] as const) {
    for (const key of ['isTTY', 'columns'] as const) Object.defineProperty(stream, key, { value: look[key], configurable: true, writable: true });
  }
}
beforeEach(() => looks({}, {}));
afterEach(() => {
  for (const [stream, before] of real) {
    for (const key of ['isTTY', 'columns'] as const) {
      const descriptor = before[key as keyof typeof before] as PropertyDescriptor | undefined;
      if (descriptor) Object.defineProperty(stream, key, descriptor);
      else Reflect.deleteProperty(stream, key);
    }
  }
});

const TERMINAL = { isTTY: true, columns: 120 };

describe('colour', () => {
  test.each<[string, Look, NodeJS.ProcessEnv, boolean]>([
    ['is there on a terminal', TERMINAL, {}, true],
    ['is not in a pipe', {}, {}, false],
    ['is not with NO_COLOR, whatever it says', TERMINAL, { NO_COLOR: '0' }, false],
    ['is there with an empty NO_COLOR, which is none (no-color.org)', TERMINAL, { NO_COLOR: '' }, true],
    ['is in a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, true],
    ['is not with both: who reads without colours is not overruled', TERMINAL, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%s', (_what, stdout, env, colour) => {
    looks(stdout, TERMINAL);
    expect(Boolean(processIo(env).colour)).toBe(colour);
  });
});

describe('the width', () => {
  test.each<[string, Look, Look, number]>([
    ['is the terminal’s', TERMINAL, { isTTY: true, columns: 90 }, 120],
    ['is that of stderr, when stdout is a pipe', {}, { isTTY: true, columns: 90 }, 90],
    ['is 80 where there is no terminal', {}, {}, 80],
    ['is 80 where a terminal says 0', { isTTY: true, columns: 0 }, {}, 80],
  ])('%s', (_what, stdout, stderr, columns) => {
    looks(stdout, stderr);
    expect(processIo({}).columns).toBe(columns);
  });
});

test('each stream is known by itself: data may go into a pipe while talk goes to a terminal', () => {
  looks({}, TERMINAL);
  const io = processIo({});
  expect([Boolean(io.stdoutIsTty), Boolean(io.stderrIsTty)]).toEqual([false, true]);
  expect([io.stdout, io.stderr]).toEqual([process.stdout, process.stderr]);
});

test('what is said while a program reads is an object of JSON on a line of its own; secrets are in neither', () => {
  const redactor = new Redactor();
  redactor.register('hunter2-secret');
  const said: string[] = [];
  const stderr = new Writable({ write: (chunk: Buffer, _, done) => { said.push(chunk.toString()); done(); } });
  sayOn({ stderr, redactor })('waiting for hunter2-secret');
  sayOn({ stderr, redactor, json: true })('waiting for "hunter2-secret"');
  expect(said).toEqual(['waiting for ***\n', '{"is":"talk","line":"waiting for \\"***\\""}\n']);
});
