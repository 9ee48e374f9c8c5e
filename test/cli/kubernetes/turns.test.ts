import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Turns } from '../../../cli/kubernetes/turns.ts';

describe('turns', () => {
  test('never more at once than are free, each piece of work done, also after others have failed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.record({ ticks: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() }), { maxLength: 40 }), async (atOnce, works) => {
        const turns = new Turns(atOnce);
        let busy = 0;
        let busiest = 0;
        const results = await Promise.allSettled(works.map(({ ticks, fails }, index) => turns.take(async () => {
          busiest = Math.max(busiest, ++busy);
          for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
          busy--;
          if (fails) throw new Error(String(index));
          return index;
        })));
        expect(busiest).toBeLessThanOrEqual(atOnce);
        expect(results).toEqual(works.map(({ fails }, index) => (fails ? { status: 'rejected', reason: new Error(String(index)) } : { status: 'fulfilled', value: index })));
      }),
    );
  });

  test('are all used, in the order of asking', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((index) => turns.take(() => new Promise<void>((resolve) => {
      begun.push(index);
      ends.push(resolve);
    })));
    expect(begun).toEqual([0, 1]);
    ends[1]?.();
    await works[1];
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.();
    await works[0];
    expect(begun).toEqual([0, 1, 2, 3]);
    ends.forEach((end) => void end());
    await Promise.all(works);
  });
});
