import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePositions } from '../../../services/kit/event-store.ts';
import { CLOSE, LiveClient, messageOf, type Change, type FeedPage, type Wire } from '../../../services/realtime/live-client.ts';
import { sample } from '../contracts/samples.ts';

const template = (sample('task.changed.v1') as { data: Change }).data;
const change = (n: number): Change => ({ ...template, position: `7-${n}` });

/** A wire that remembers what went over it; `stuck` takes nothing. */
class RecordedWire implements Wire {
  readonly sent: { type: string; position: string }[] = [];
  closed: number | undefined;
  terminated = false;
  stuck = false;
  bufferedAmount = 0;
  send(text: string, sent: () => void): void {
    if (this.stuck) this.bufferedAmount += text.length;
    else queueMicrotask(sent);
    this.sent.push(JSON.parse(text) as { type: string; position: string });
  }
  close(code: number): void {
    this.closed = code;
  }
  terminate(): void {
    this.terminated = true;
  }
  get numbers(): number[] {
    return this.sent.filter(({ type }) => type === 'change').map(({ position }) => Number(position.split('-')[1]));
  }
}

/** A feed of changes 1…`length`, in pages of `size`. */
function feed(length: () => number, size = 3) {
  return async (after: string): Promise<FeedPage> => {
    if (after === 'latest') return { changes: [], position: `7-${length()}`, more: false };
    const all = Array.from({ length: length() }, (_, index) => change(index + 1)).filter(({ position }) => comparePositions(position, after) > 0);
    const page = all.slice(0, size);
    return { changes: page, position: page.at(-1)?.position ?? after, more: page.length === size };
  };
}
const offer = (client: LiveClient, n: number) => client.offer(change(n), messageOf(change(n)));

describe('a client that resumes', () => {
  test('gets all since its position, page by page, then what is live, each once and in order', async () => {
    const wire = new RecordedWire();
    const client = new LiveClient(wire, feed(() => 8));
    const begun = client.begin('7-1');
    // Live while the feed is read: 8 is in it as well, 9 is not yet.
    offer(client, 8);
    offer(client, 9);
    await begun;
    offer(client, 10);
    expect(wire.numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('that asks for nothing earlier gets what comes from now on', async () => {
    const wire = new RecordedWire();
    const client = new LiveClient(wire, feed(() => 5));
    await client.begin('latest');
    offer(client, 5);
    offer(client, 6);
    expect(wire.numbers).toEqual([6]);
    expect(client.position).toBe('7-5');
  });

  test('is told nothing when the feed does not answer, so that its position stays true', async () => {
    const wire = new RecordedWire();
    const client = new LiveClient(wire, () => Promise.reject(new Error('away')));
    const begun = client.begin('7-1');
    offer(client, 9);
    await expect(begun).rejects.toThrow('away');
    expect(wire.numbers).toEqual([]);
    expect(client.position).toBe('7-1');
  });

  test('is sent away when more comes meanwhile than may be held', async () => {
    const wire = new RecordedWire();
    const client = new LiveClient(wire, () => new Promise(() => undefined), { bufferedBytes: 1e6, heldChanges: 3, takeMs: 1000 });
    void client.begin('7-1');
    for (let n = 2; n <= 5; n += 1) offer(client, n);
    expect(wire.closed).toBe(CLOSE.later);
  });
});

describe('what the live deliveries missed', () => {
  test('is sent late, once, and the safe position goes past it only then', async () => {
    const wire = new RecordedWire();
    let length = 2;
    const client = new LiveClient(wire, feed(() => length));
    await client.begin('latest');
    length = 5;
    // 3 was never delivered.
    offer(client, 4);
    offer(client, 5);
    expect(client.position).toBe('7-2');
    await client.heal();
    expect(wire.numbers).toEqual([4, 5, 3]);
    expect(client.position).toBe('7-5');
    await client.heal();
    offer(client, 3);
    expect(wire.numbers).toEqual([4, 5, 3]);
  });

  test('is not lost when the feed is away at that time', async () => {
    const wire = new RecordedWire();
    let away = false;
    const read = feed(() => 5);
    const client = new LiveClient(wire, (after) => (away ? Promise.reject(new Error('away')) : read(after)));
    await client.begin('7-3');
    away = true;
    offer(client, 7);
    await expect(client.heal()).rejects.toThrow('away');
    expect(client.position).toBe('7-5');
  });
});

test('however feed and deliveries overlap, repeat and miss, each change is sent once and none is left out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(10),
      fc.array(fc.oneof(fc.record({ grow: fc.integer({ min: 1, max: 4 }) }), fc.record({ deliver: fc.nat() }), fc.constant({ heal: true })), { maxLength: 30 }),
      async (from, steps) => {
        const wire = new RecordedWire();
        let length = 10;
        const client = new LiveClient(wire, feed(() => length));
        await client.begin(`7-${from}`);
        for (const step of steps) {
          if ('grow' in step) length += step.grow;
          if ('deliver' in step) offer(client, 1 + (step.deliver % length));
          if ('heal' in step) await client.heal();
        }
        await client.heal();
        expect([...wire.numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: length - from }, (_, index) => from + index + 1));
        expect(client.position).toBe(`7-${length}`);
      },
    ),
  );
});

describe('a client that does not take what it is sent', () => {
  test('is cut before memory grows', async () => {
    const wire = new RecordedWire();
    const client = new LiveClient(wire, feed(() => 0), { bufferedBytes: 5000, heldChanges: 10, takeMs: 1000 });
    await client.begin('latest');
    wire.stuck = true;
    for (let n = 1; n <= 100 && !wire.terminated; n += 1) offer(client, n);
    expect(wire.terminated).toBe(true);
    expect(wire.bufferedAmount).toBeLessThanOrEqual(5000);
  });

  test('is cut while it resumes, too, after the time it may take', async () => {
    const wire = new RecordedWire();
    wire.stuck = true;
    const client = new LiveClient(wire, feed(() => 2), { bufferedBytes: 1e6, heldChanges: 10, takeMs: 20 });
    await client.begin('7-0');
    expect(wire.terminated).toBe(true);
  });
});
