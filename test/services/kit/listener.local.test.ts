import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../services/kit/clock.ts';
import { listen, type Listener } from '../../../services/kit/listener.ts';
import { useDatabase } from './database-fixture.ts';
import { until } from './scripted-sidecar.ts';

const fixture = useDatabase('task_api', []);
const open: Listener[] = [];
afterEach(() => Promise.all(open.splice(0).map((listener) => listener.close())));

function listening(url = fixture.url, clock: Clock = systemClock): { wakes: number } {
  const seen = { wakes: 0 };
  open.push(listen({ url, channel: 'outbox_task_api', clock, onWake: () => void (seen.wakes += 1) }));
  return seen;
}
const notify = (channel = 'outbox_task_api') => fixture.database.query('SELECT pg_notify($1, $2)', [channel, '']);
const connections = async () => (await fixture.database.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'outbox_task_api'`)).rowCount;
const disconnect = () => fixture.database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'outbox_task_api'`);

describe('listening', () => {
  it('wakes when connected, and on every notification of its channel', async () => {
    const seen = listening();
    await until(() => seen.wakes === 1, 5000, 'the connection');
    await notify();
    await until(() => seen.wakes === 2, 2000, 'the notification');
    await notify('another');
    await notify();
    await until(() => seen.wakes === 3, 2000, 'the next notification');
  });

  it('gets its connection back, and wakes then: something may have been missed', async () => {
    const seen = listening();
    await until(() => seen.wakes === 1, 5000);
    await disconnect();
    await until(() => seen.wakes === 2, 5000, 'the new connection');
    await notify();
    await until(() => seen.wakes === 3, 2000, 'a notification on it');
  });

  it('waits longer from try to try while nobody answers', async () => {
    const waits: number[] = [];
    let go = (): void => undefined;
    const clock: Clock = {
      now: () => 0,
      after(ms, action) {
        waits.push(ms);
        go = action;
        return () => undefined;
      },
    };
    const seen = listening('postgres://nobody:x@127.0.0.1:1/none', clock);
    for (let n = 1; n <= 7; n += 1) {
      await until(() => waits.length === n, 5000);
      go();
    }
    expect(waits.slice(0, 7)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(seen.wakes).toBe(0);
  });

  it('ends when it is closed, and does not come back', async () => {
    const seen = listening();
    await until(() => seen.wakes === 1, 5000);
    await open.splice(0)[0]?.close();
    await until(async () => (await connections()) === 0, 2000);
    expect(seen.wakes).toBe(1);
  });

  it('can be closed while it connects', async () => {
    listening();
    await open.splice(0)[0]?.close();
    await until(async () => (await connections()) === 0, 5000);
  });
});
