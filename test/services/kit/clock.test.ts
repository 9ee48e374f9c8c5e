import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';

describe("the system's clock", () => {
  it('goes forward', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  it('calls after the time, once', async () => {
    const began = systemClock.now();
    await new Promise<void>((resolve) => systemClock.after(20, resolve));
    expect(systemClock.now() - began).toBeGreaterThan(15);
  });

  it('does not call what was cancelled', async () => {
    let called = false;
    systemClock.after(5, () => void (called = true))();
    await new Promise<void>((resolve) => systemClock.after(20, resolve));
    expect(called).toBe(false);
  });
});
