import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Task } from '../../services/contracts/task.ts';
import { until } from '../support/until.ts';
import { startChain, type Chain } from './support/chain.ts';
import { callerOf, type Caller } from './support/http.ts';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
}, 60_000);
afterAll(() => chain?.stop());

/** A user who meets either replica of task-api in turn. */
function somebody(user: string): Caller {
  const replicas = [callerOf(chain.url('task-api-0'), user), callerOf(chain.url('task-api-1'), user)];
  let turn = 0;
  return (...request) => (replicas[turn++ % 2] as Caller)(...request);
}
interface Heard {
  type: string;
  action?: string;
  task_data?: Task;
  timestamp?: string;
  at: number;
}
/** A user's socket at a replica, once it is live. */
async function listen(replica: string, user: string) {
  const heard: Heard[] = [];
  const socket = new WebSocket(`${chain.url(replica).replace('http', 'ws')}/live?user=${user}`);
  socket.on('message', (data: Buffer) => heard.push({ ...(JSON.parse(data.toString()) as Omit<Heard, 'at'>), at: Date.now() }));
  await until('the socket is live', () => heard.some(({ type }) => type === 'hello'));
  const changes = () => heard.filter(({ type }) => type === 'change');
  return { socket, changes, titles: () => changes().map(({ action, task_data }) => `${action} ${task_data?.title}`) };
}
/** Makes changes until a replica hears them: its consumer group begins with what comes after it was made. */
async function listening(replica: string): Promise<void> {
  const user = `probe-${replica}`;
  const listener = await listen(replica, user);
  const probe = somebody(user);
  await until(`${replica} hears updates`, async () => {
    await probe('POST', '/api/tasks', { body: { title: 'heard?' } });
    return listener.changes().length > 0;
  }, 20_000);
  listener.socket.close();
}
async function make(caller: Caller, fields: Record<string, unknown>): Promise<Task> {
  const answer = await caller('POST', '/api/tasks', { body: fields });
  expect(answer.status).toBe(201);
  return answer.body as Task;
}
async function audited(task: string): Promise<string[]> {
  const { rows } = await chain.database('audit').query<{ type: string }>('SELECT type FROM records WHERE task_id = $1 ORDER BY topic_offset', [task]);
  return rows.map(({ type }) => type);
}

describe('the services, with broker and sidecar, two replicas of each', () => {
  test('a change is heard on every replica of realtime, once, in order, within a second', async () => {
    await Promise.all([listening('realtime-0'), listening('realtime-1')]);
    const ada = somebody('ada');
    const [one, two] = await Promise.all([listen('realtime-0', 'ada'), listen('realtime-1', 'ada')]);
    const { id } = await make(ada, { title: 'Water the plants' });
    await ada('PATCH', `/api/tasks/${id}`, { body: { priority: 'high' } });
    await ada('POST', `/api/tasks/${id}/complete`);
    await ada('DELETE', `/api/tasks/${id}`);
    for (const listener of [one, two]) {
      await until('all is heard', () => listener.changes().length === 4);
      expect(listener.titles()).toEqual(['created', 'updated', 'completed', 'deleted'].map((action) => `${action} Water the plants`));
      // The quickest of four: a machine that is busy with other tests may hold up any one of them.
      expect(Math.min(...listener.changes().map(({ at, timestamp }) => at - Date.parse(timestamp ?? '')))).toBeLessThan(1000);
      listener.socket.close();
    }
  });

  test('a task that repeats comes back to where its user looks, and audit has the whole story, once', async () => {
    const bob = somebody('bob');
    const listener = await listen('realtime-1', 'bob');
    const { id } = await make(bob, { title: 'Bins', due: { at: '2099-11-23T09:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY;COUNT=2' });
    await bob('POST', `/api/tasks/${id}/complete`);
    await until('it has come back', () => listener.titles().length === 3);
    expect(listener.titles()).toEqual(['created Bins', 'completed Bins', 'created Bins']);
    const next = listener.changes()[2]?.task_data;
    expect(next).toMatchObject({ due: { at: '2099-11-30T09:00:00' }, recurrence: 'FREQ=WEEKLY;COUNT=1', completed: false });
    listener.socket.close();

    // The last of the series does not come back.
    await bob('POST', `/api/tasks/${next?.id}/complete`);
    await until('audit has all', async () => (await audited(id)).length === 3 && (await audited(next?.id ?? '')).length === 2);
    expect(await audited(id)).toEqual(['task.created.v1', 'task.completed.v1', 'task.recurring.triggered.v1']);
    expect(await audited(next?.id ?? '')).toEqual(['task.created.v1', 'task.completed.v1']);
    const { rows } = await chain.database('recurrence').query<{ state: string }>(`SELECT state FROM sagas WHERE user_id = 'bob' ORDER BY began_at`);
    expect(rows.map(({ state }) => state)).toEqual(['done', 'ended']);
  });

  test('of many tasks of many users every event is kept once, in order per task, though a replica of each is restarted meanwhile', async () => {
    const users = Array.from({ length: 4 }, (_, n) => callerOf(chain.url('task-api-0'), `crowd-${n}`));
    const made = users.flatMap((user) => Array.from({ length: 8 }, () => ({ user })));
    const tasks: string[] = [];
    const work = made.map(async ({ user }) => {
      const { id } = await make(user, { title: 'one of many' });
      tasks.push(id);
      await user('PATCH', `/api/tasks/${id}`, { body: { priority: 'low' } });
      await user('POST', `/api/tasks/${id}/complete`);
    });
    await Promise.all(['task-api-1', 'audit-1', 'recurrence-0', 'realtime-0'].map((replica) => chain.restart(replica)));
    await Promise.all(work);
    const events = await chain.database('task-api').query<{ id: string }>('SELECT id FROM events');
    await until('audit has all', async () => (await chain.database('audit').query<{ n: number }>('SELECT count(*) AS n FROM records')).rows[0]?.n === events.rowCount, 40_000);
    for (const task of tasks) expect(await audited(task)).toEqual(['task.created.v1', 'task.updated.v1', 'task.completed.v1']);
    await until('nothing waits to be published', async () => (await chain.database('task-api').query('SELECT 1 FROM outbox')).rowCount === 0);
  });
});
