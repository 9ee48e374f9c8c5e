import { describe, expect, it } from 'vitest';
import { memoryAttempts } from '../../../services/kit/attempts.ts';

describe('attempts in memory', () => {
  it('are counted by event until it is settled', async () => {
    const attempts = memoryAttempts();
    expect([await attempts.failed('a'), await attempts.failed('a'), await attempts.failed('b')]).toEqual([1, 2, 1]);
    await attempts.settled('a');
    expect(await attempts.failed('a')).toBe(1);
  });

  it('do not grow for ever: what failed longest ago is forgotten first', async () => {
    const attempts = memoryAttempts();
    await attempts.failed('old');
    await attempts.failed('busy');
    for (let n = 0; n < 9_999; n += 1) {
      await attempts.failed(`event-${n}`);
      if (n === 5000) await attempts.failed('busy');
    }
    expect(await attempts.failed('busy')).toBe(3);
    expect(await attempts.failed('old')).toBe(1);
  });
});
