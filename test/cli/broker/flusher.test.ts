import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flusher } from '../../../cli/broker/flusher.ts';
import type { Segment } from '../../../cli/broker/log/segment.ts';
import { jsonLog } from '../../../cli/io/json-log.ts';
import type { Offsets } from '../../../cli/broker/offsets.ts';

let logged: string[];
let flusher: Flusher;
beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  flusher = new Flusher(jsonLog({ name: 'broker', level: 'debug', write: (line) => logged.push(line) }));
});
afterEach(async () => {
  await flusher.stop();
  vi.useRealTimers();
});

/** Something that can be synced, and how often it was. */
function syncable(fail = false): { syncSoon: () => Promise<void>; synced: number } {
  const one = {
    synced: 0,
    syncSoon: async () => {
      one.synced++;
      if (fail) throw new Error('EIO: i/o error, fdatasync');
    },
  };
  return one;
}
const asSegment = (one: object): Segment => one as Segment;
const asOffsets = (one: object): Offsets => one as Offsets;

describe('syncing in the background', () => {
  it('takes each segment once per round, however often it was written, and only when it was', async () => {
    const [busy, idle, offsets] = [syncable(), syncable(), syncable()];
    flusher.start(1000, asOffsets(offsets));
    for (let n = 0; n < 100; n++) flusher.dirty(asSegment(busy));
    await vi.advanceTimersByTimeAsync(999);
    expect(busy.synced).toBe(0);
    await vi.advanceTimersByTimeAsync(2001);
    expect([busy.synced, idle.synced, offsets.synced]).toEqual([1, 0, 3]);
    flusher.dirty(asSegment(busy));
    await vi.advanceTimersByTimeAsync(1000);
    expect(busy.synced).toBe(2);
  });

  it('says what a failure means, and goes on', async () => {
    const [broken, offsets] = [syncable(true), syncable()];
    flusher.start(1000, asOffsets(offsets));
    flusher.dirty(asSegment(broken));
    await vi.advanceTimersByTimeAsync(2000);
    expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([expect.objectContaining({ level: 50, error: 'Error: EIO: i/o error, fdatasync', msg: expect.stringContaining('power cut') as string })]);
    expect(offsets.synced).toBe(2);
  });

  it('waits for what runs when it stops, and begins nothing more', async () => {
    const offsets = syncable();
    let release = (): void => undefined;
    let stopped = false;
    flusher.start(1000, asOffsets(offsets));
    flusher.later(() => new Promise((resolve) => (release = resolve)));
    const stopping = flusher.stop().then(() => (stopped = true));
    await vi.advanceTimersByTimeAsync(5000);
    expect([stopped, offsets.synced]).toEqual([false, 0]);
    release();
    await stopping;
    expect(stopped).toBe(true);
  });
});
