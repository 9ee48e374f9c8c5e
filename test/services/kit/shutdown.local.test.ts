import { describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '../../../services/kit/log.ts';
import { shutDown } from '../../../services/kit/shutdown.ts';
import { serveForTest } from './http/client-support.ts';

describe('shutting down', () => {
  it('is first to be unready, then to end requests, then the hooks, one after the other', async () => {
    const steps: string[] = [];
    const server = await serveForTest([]);
    const ready = { stop: () => void steps.push('unready') };
    const observed = { ...server, close: (ms: number) => server.close(ms).then(() => void steps.push('closed')) };
    const hook = (name: string) => ({ name, stop: async () => { steps.push(`${name} begins`); await new Promise(setImmediate); steps.push(`${name} ends`); } });
    server.health.stop = ready.stop;
    await shutDown({ log: silentLogger, health: server.health, server: observed, hooks: [hook('relay'), hook('database')], deadlineMs: 1000 });
    expect(steps).toEqual(['unready', 'closed', 'relay begins', 'relay ends', 'database begins', 'database ends']);
  });

  it('goes past a hook that fails and one that hangs, naming both', async () => {
    const named: unknown[] = [];
    const log: Logger = { ...silentLogger, error: (fields) => void named.push(fields['hook']) };
    const server = await serveForTest([]);
    let last = false;
    const hooks = [
      { name: 'failing', stop: () => Promise.reject(new Error('no')) },
      { name: 'hanging', stop: () => new Promise<void>(() => undefined) },
      { name: 'last', stop: () => void (last = true) },
    ];
    await shutDown({ log, health: server.health, server, hooks, deadlineMs: 150 });
    expect(named).toEqual(['failing', 'hanging']);
    expect(last).toBe(true);
  });
});
