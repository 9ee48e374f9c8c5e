import { describe, expect, test } from 'vitest';
import { createStatusReader, progressOf } from '../../../../../cli/targets/local/steps/status-reader.ts';
import type { Supervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import type { ProcessSpec, ProcessStatus } from '../../../../../cli/targets/local/supervisor/process-spec.ts';

const spec = (name: string): ProcessSpec => ({
  name, kind: 'service', command: 'node', args: [], env: {}, cwd: '/', hash: 'new', ready: { http: 'http://127.0.0.1:1/' }, stop: { signal: 'SIGTERM', graceMs: 1 }, after: [],
});
const status = (name: string, state: ProcessStatus['state'], more: Partial<ProcessStatus> = {}): ProcessStatus => ({ name, kind: 'service', state, restarts: 0, since: 0, hash: 'new', ...more });
const seen = (...all: ProcessStatus[]): Map<string, ProcessStatus> => new Map(all.map((one) => [one.name, one]));

describe('whether processes are as wanted', () => {
  test('all ready, with what they should run', () => {
    expect(progressOf([spec('a'), spec('b')], seen(status('a', 'ready'), status('b', 'ready'), status('other', 'failing')), new Map())).toEqual({ is: 'ready' });
  });

  test('ready with the old code is not ready', () => {
    expect(progressOf([spec('a')], seen(status('a', 'ready', { hash: 'old' })), new Map())).toEqual({ is: 'waiting', reason: 'a: ready' });
  });

  test('each that is waited for is named with its reason', () => {
    const now = seen(status('a', 'starting', { reason: 'GET /readyz: 503' }), status('b', 'ready'));
    expect(progressOf([spec('a'), spec('b'), spec('c')], now, new Map())).toEqual({ is: 'waiting', reason: 'a: GET /readyz: 503, c: not started yet' });
  });

  test('one that ends again and again is given up, with its last words', () => {
    const now = seen(status('a', 'failing', { restarts: 5, reason: 'ended with code 1: no config' }));
    const progress = progressOf([spec('a')], now, new Map());
    expect(progress).toMatchObject({ is: 'hopeless', error: { code: 'TODOCTL_PROCESS_FAILING', details: ['ended with code 1: no config'] } });
  });

  test('what it did before this deploy does not count', () => {
    expect(progressOf([spec('a')], seen(status('a', 'failing', { restarts: 7 })), new Map([['a', 4]])).is).toBe('waiting');
  });
});

test('many steps that ask at the same time share one question', async () => {
  let [asked, now] = [0, 0];
  const supervisor: Supervisor = { apply: async () => undefined, stop: async () => undefined, status: async () => [status(`answer ${++asked}`, 'ready')] };
  const reader = createStatusReader(() => now);
  const names = async (): Promise<string[]> => [...(await reader.read(supervisor)).keys()];
  expect(await Promise.all([names(), names(), names()])).toEqual([['answer 1'], ['answer 1'], ['answer 1']]);
  now = 20;
  expect(await names()).toEqual(['answer 2']);
  reader.forget();
  expect(await names()).toEqual(['answer 3']);
});
