import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Clock } from '../../../services/kit/clock.ts';
import { createLogger } from '../../../services/kit/log.ts';
import { DELIVERIES_KEPT_MS, startPruning } from '../../../services/kit/pruning.ts';

const HOUR_MS = 3_600_000;

/** One timer, rung by hand. */
class HandClock implements Clock {
  set: { ms: number; action: () => void } | undefined;
  now(): number {
    return 0;
  }
  after(ms: number, action: () => void): () => void {
    this.set = { ms, action };
    return () => void (this.set = undefined);
  }
  ring(): void {
    const { action } = this.set as { action: () => void };
    this.set = undefined;
    action();
  }
}

let clock: HandClock;
let said: { msg: string; err?: { message: string } }[];
const destination = { write: (line: string): void => void said.push(JSON.parse(line) as { msg: string }) };
const log = createLogger({ service: 'audit', replica: 'audit-0', destination });
beforeEach(() => {
  clock = new HandClock();
  said = [];
});

describe('pruning', () => {
  it('begins an hour after the start, and comes again every hour', async () => {
    let passes = 0;
    const pruning = startPruning({ log, clock, forget: { 'old marks': async () => (passes += 1) } });
    expect([clock.set?.ms, passes]).toEqual([HOUR_MS, 0]);
    clock.ring();
    clock.ring();
    expect(clock.set?.ms).toBe(HOUR_MS);
    await pruning.stop();
    expect(passes).toBe(2);
  });

  it('says what could not be forgotten, and goes on with the rest', async () => {
    const forgotten: string[] = [];
    const pruning = startPruning({ log, clock, forget: { 'old marks': () => Promise.reject(new Error('away')), 'old sagas': async () => forgotten.push('sagas') } });
    clock.ring();
    await pruning.stop();
    expect(forgotten).toEqual(['sagas']);
    expect(said).toMatchObject([{ msg: 'old marks could not be forgotten', err: { message: 'away' } }]);
  });

  it('ends after the pass under way, and rings no more', async () => {
    const gate = Promise.withResolvers<void>();
    let ended = false;
    const pruning = startPruning({ log, clock, forget: { 'old marks': () => gate.promise } });
    clock.ring();
    const stopped = Promise.resolve(pruning.stop()).then(() => (ended = true));
    await Promise.resolve();
    expect([ended, clock.set]).toEqual([false, undefined]);
    gate.resolve();
    expect(await stopped).toBe(true);
  });
});

it('deliveries are remembered for longer than any topic keeps its events', () => {
  const { topics } = parse(readFileSync('todoctl.yaml', 'utf8')) as { topics: Record<string, { retention: string }> };
  const days = Object.values(topics).map(({ retention }) => Number(/^(\d+)d$/.exec(retention)?.[1]));
  expect(DELIVERIES_KEPT_MS).toBeGreaterThan(Math.max(...days) * 24 * HOUR_MS);
});
