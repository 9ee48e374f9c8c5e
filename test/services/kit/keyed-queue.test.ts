import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedQueue, type Keyed } from '../../../services/kit/keyed-queue.ts';

interface Item extends Keyed {
  n: number;
}
const item = (key: string, n: number, topic = 'task-events', bytes = 1): Item => ({ topic, key, bytes, n });
const WIDE = { entries: 100, bytes: 1e6 };
const soon = () => 10;

function queueOf(...items: Item[]): KeyedQueue<Item> {
  const queue = new KeyedQueue<Item>();
  for (const one of items) queue.add(one);
  return queue;
}

describe('a batch', () => {
  it('has at most one item of a key, and the first', () => {
    const queue = queueOf(item('a', 1), item('a', 2), item('b', 3));
    expect(queue.take(WIDE, 0)?.items.map(({ n }) => n)).toEqual([1, 3]);
    expect(queue.take(WIDE, 0)).toBeUndefined();
  });

  it('is of one topic; the same key on another topic is another lane', () => {
    const queue = queueOf(item('a', 1, 'task-events'), item('a', 2, 'task-updates'), item('b', 3, 'task-events'));
    expect(queue.take(WIDE, 0)).toMatchObject({ topic: 'task-events', items: [{ n: 1 }, { n: 3 }] });
    expect(queue.take(WIDE, 0)).toMatchObject({ topic: 'task-updates', items: [{ n: 2 }] });
  });

  it('ends at its number of entries and of bytes, but always has one', () => {
    const queue = queueOf(item('a', 1, 't', 400), item('b', 2, 't', 400), item('c', 3, 't', 400), item('d', 4, 't', 5000));
    expect(queue.take({ entries: 10, bytes: 1000 }, 0)?.items.map(({ n }) => n)).toEqual([1, 2]);
    expect(queue.take({ entries: 1, bytes: 1000 }, 0)?.items.map(({ n }) => n)).toEqual([3]);
    expect(queue.take({ entries: 10, bytes: 1000 }, 0)?.items.map(({ n }) => n)).toEqual([4]);
  });

  it('that failed comes again after its delay, before anything later of its key', () => {
    const first = item('a', 1);
    const queue = queueOf(first, item('a', 2));
    queue.take(WIDE, 0);
    queue.fail(first, 100, soon);
    expect(queue.take(WIDE, 109)).toBeUndefined();
    expect(queue.nextTry()).toBe(110);
    expect(queue.take(WIDE, 110)?.items).toEqual([first]);
    queue.succeed(first);
    expect(queue.take(WIDE, 110)?.items.map(({ n }) => n)).toEqual([2]);
  });

  it('waits longer with each failure in a row, and is forgiven by a success', () => {
    const [one, two] = [item('a', 1), item('a', 2)];
    const queue = queueOf(one, two);
    const delays: number[] = [];
    const note = (failures: number) => {
      delays.push(failures);
      return 0;
    };
    for (let n = 0; n < 3; n += 1) {
      queue.take(WIDE, 0);
      queue.fail(one, 0, note);
    }
    queue.take(WIDE, 0);
    queue.succeed(one);
    queue.take(WIDE, 0);
    queue.fail(two, 0, note);
    expect(delays).toEqual([1, 2, 3, 1]);
  });

  it('cannot be settled twice, nor without having been taken', () => {
    const one = item('a', 1);
    const queue = queueOf(one);
    expect(() => queue.succeed(one)).toThrow('not under way');
    queue.take(WIDE, 0);
    queue.succeed(one);
    expect(() => queue.succeed(one)).toThrow('not under way');
  });
});

describe('whatever is added, taken, failed and done, in any order', () => {
  // Several batches are under way at once and are settled in any order, entry by entry.
  const action = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: fc.nat(4), topic: fc.nat(1) }),
    fc.record({ do: fc.constant('take' as const), entries: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ do: fc.constant('settle' as const), which: fc.nat(), fails: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }) }),
  );

  it('each lane is published in the order in which it was added, one at a time, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const queue = new KeyedQueue<Item>();
        const underWay: Item[][] = [];
        const added: Item[] = [];
        const published: Item[] = [];
        let now = 0;
        const settle = (batch: Item[], fails: readonly boolean[]): void => {
          for (const [index, one] of batch.entries()) {
            if (fails[index]) queue.fail(one, now, soon);
            else {
              published.push(one);
              queue.succeed(one);
            }
          }
        };
        const take = (entries: number): boolean => {
          const batch = queue.take({ entries, bytes: 1e6 }, now);
          if (!batch) return false;
          underWay.push(batch.items);
          const lanes = underWay.flat().map(({ topic, key }) => `${topic}/${key}`);
          expect(new Set(lanes).size).toBe(lanes.length);
          return true;
        };
        for (const one of actions) {
          now += 7;
          if (one.do === 'add') {
            added.push(item(String(one.key), added.length, String(one.topic)));
            queue.add(added.at(-1) as Item);
          } else if (one.do === 'take') take(one.entries);
          else if (underWay.length > 0) settle(underWay.splice(one.which % underWay.length, 1)[0] ?? [], one.fails);
        }
        for (;;) {
          for (const batch of underWay.splice(0)) settle(batch, []);
          now += 100;
          if (!take(3)) break;
        }
        expect(queue.size).toBe(0);
        const byLane = (items: readonly Item[]) => Object.fromEntries(Map.groupBy(items, ({ topic, key }) => `${topic}/${key}`));
        expect(byLane(published)).toEqual(byLane(added));
      }),
      { numRuns: 300 },
    );
  });

  it('a busy lane does not starve the others', () => {
    const queue = queueOf(...Array.from({ length: 50 }, (_, n) => item('busy', n)), item('quiet', 100));
    const first = queue.take({ entries: 1, bytes: 1e6 }, 0);
    queue.succeed(first?.items[0] as Item);
    expect(queue.take({ entries: 1, bytes: 1e6 }, 0)?.items[0]?.key).toBe('quiet');
  });
});
