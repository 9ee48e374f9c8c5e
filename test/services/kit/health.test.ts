import { describe, expect, it } from 'vitest';
import { Health } from '../../../services/kit/health.ts';

describe('readiness', () => {
  it('is given when every check is fine', async () => {
    const health = new Health();
    health.add('database', () => Promise.resolve());
    health.add('relay', () => undefined);
    expect(await health.readiness()).toEqual({ ready: true, checks: { database: 'ok', relay: 'ok' } });
  });

  it('says of each check what is wrong, and asks the others as well', async () => {
    const health = new Health();
    health.add('database', () => Promise.reject(new Error('connection refused')));
    health.add('sidecar', () => {
      throw new Error('status 500');
    });
    health.add('relay', () => undefined);
    expect(await health.readiness()).toEqual({ ready: false, checks: { database: 'connection refused', sidecar: 'status 500', relay: 'ok' } });
  });

  it('does not wait for a check that hangs', async () => {
    const health = new Health(20);
    health.add('database', () => new Promise(() => undefined));
    expect(await health.readiness()).toEqual({ ready: false, checks: { database: 'no answer within 20 ms' } });
  });

  it('ends when we are stopping, however well everything is', async () => {
    const health = new Health();
    health.stop();
    expect(health.stopping).toBe(true);
    expect(await health.readiness()).toEqual({ ready: false, checks: { process: 'stopping' } });
  });
});
