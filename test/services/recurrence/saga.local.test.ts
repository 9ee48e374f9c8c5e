import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import type { Task } from '../../../services/contracts/task.ts';
import { DaprError } from '../../../services/kit/dapr-error.ts';
import type { InvokeOptions } from '../../../services/kit/dapr.ts';
import { formatTraceparent } from '../../../services/kit/trace.ts';
import { PATIENCE, type Patience } from '../../../services/recurrence/advance.ts';
import { migrations } from '../../../services/recurrence/migrations.ts';
import { sagasIn } from '../../../services/recurrence/saga.ts';
import { recurrence } from '../../../services/recurrence/service.ts';
import { migrations as taskMigrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { callerOf, type Caller } from '../support/http.ts';
import { APP_TOKEN, fakeDapr, runWithDatabase, type FakeDapr, type RunningWithDatabase } from '../support/running.ts';

let postgres: TestPostgres;
let published: FakeDapr;
let api: RunningWithDatabase;
let one: RunningWithDatabase;
let two: RunningWithDatabase;
let dapr: FakeDapr;
let ada: Caller;
let turn = 0;

/** What stands between recurrence and task-api; a test may put something in the way. */
let line: (through: () => Promise<unknown>) => Promise<unknown>;
const open: typeof line = (through) => through();

// Two replicas of recurrence, and the real task-api behind the invocation that Dapr would make.
beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase('todoapp');
  published = fakeDapr();
  api = await runWithDatabase({ service: 'task-api', url, migrations: taskMigrations, dapr: published }, taskApi);
  dapr = fakeDapr((appId, path, options) => line(() => invoke(appId, path, options)));
  one = await start('recurrence-0');
  two = await start('recurrence-1');
});
afterAll(async () => {
  await one?.stop();
  await two?.stop();
  await api?.stop();
  await postgres?.stop();
});
beforeEach(() => {
  line = open;
  turn += 1;
  ada = callerOf(api.url, `ada-${turn}`);
});
afterEach(() => {
  line = open;
});

function start(replica: string, patience: Patience = PATIENCE): Promise<RunningWithDatabase> {
  return runWithDatabase({ service: 'recurrence', replica, url: postgres.url('todoapp'), migrations, dapr }, (parts) => recurrence(parts, patience));
}

async function invoke(appId: string, path: string, { method = 'GET', body, headers = {}, trace }: InvokeOptions): Promise<unknown> {
  expect(appId).toBe('task-api');
  const answer = await callerOf(api.url)(method, path, { body, headers: { ...headers, ...(trace ? { traceparent: formatTraceparent(trace) } : {}), 'dapr-api-token': APP_TOKEN } });
  if (answer.status >= 300) throw new DaprError('invoke', answer.status, answer.body);
  return answer.body;
}

const DUE = { at: '2099-11-23T09:00', zone: 'Europe/Zurich' };

/** A completed task, and the event that says so as it lies on the topic. */
async function completed(fields: Record<string, unknown> = { due: DUE, recurrence: 'FREQ=WEEKLY;COUNT=3' }): Promise<{ task: Task; event: CloudEvent }> {
  const { id } = (await ada('POST', '/api/tasks', { body: { title: 'Bins', ...fields } })).body as Task;
  const task = (await ada('POST', `/api/tasks/${id}/complete`)).body as Task;
  const found = await until('the completion is published', () => published.published.find(({ event }) => event.type === 'task.completed.v1' && event.subject === id));
  return { task, event: found.event };
}

async function deliver(to: RunningWithDatabase, event: unknown): Promise<unknown> {
  const answer = await callerOf(to.url)('POST', '/events/task-events', { body: event, headers: { 'dapr-api-token': APP_TOKEN, 'content-type': 'application/cloudevents+json' } });
  expect(answer.status).toBe(200);
  return (answer.body as { status: string }).status;
}

/** A delivery whose answer nobody waits for: its replica counts as dead. */
function abandon(delivery: Promise<unknown>): void {
  delivery.catch(() => undefined);
}

async function sagaOf(event: CloudEvent) {
  const { rows } = await one.database.query<{ state: string; next_task_id: string | null; reason: string | null; attempts: number }>('SELECT state, next_task_id, reason, attempts FROM sagas WHERE event_id = $1', [event.id]);
  return rows[0];
}
const settled = (event: CloudEvent) => until('the saga is at its end', async () => {
  const saga = await sagaOf(event);
  return saga && saga.state !== 'pending' ? saga : undefined;
});
const openTasks = async () => ((await ada('GET', '/api/tasks?completed=false')).body as { tasks: Task[] }).tasks;
const deadLetters = (event: CloudEvent) => dapr.published.filter(({ topic, event: letter }) => topic === 'task-events.dlq' && letter.subject === event.subject).map(({ event: letter }) => letter.data);
/** As though the time that a dead replica holds its sagas had gone by. */
const release = (event: CloudEvent) => one.database.query('UPDATE sagas SET next_try_at = now() WHERE event_id = $1', [event.id]);

describe('a completed task that repeats', () => {
  test('comes back at its next time, one fewer to come', async () => {
    const { task, event } = await completed();
    expect(await deliver(one, event)).toBe('SUCCESS');
    const [next, ...others] = await openTasks();
    expect(others).toEqual([]);
    expect(next).toMatchObject({ title: 'Bins', due: { at: '2099-11-30T09:00:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY;COUNT=2' });
    expect(await sagaOf(event)).toMatchObject({ state: 'done', next_task_id: next?.id });
    const { history } = (await ada('GET', `/api/tasks/${task.id}/history`)).body as { history: { type: string }[] };
    expect(history.map(({ type }) => type)).toEqual(['task.created.v1', 'task.completed.v1', 'task.recurring.triggered.v1']);
  });

  test('comes back once, however often and to whichever replica its completion is delivered', async () => {
    const { event } = await completed();
    await Promise.all([deliver(one, event), deliver(two, event), deliver(one, event), deliver(two, event)]);
    await deliver(two, event);
    await settled(event);
    expect(await openTasks()).toHaveLength(1);
  });

  test('comes back once when it is reopened and completed again', async () => {
    const { task, event } = await completed();
    await deliver(one, event);
    await ada('POST', `/api/tasks/${task.id}/reopen`);
    await ada('POST', `/api/tasks/${task.id}/complete`);
    const again = await until('the second completion is published', () => published.published.find((found) => found.event.type === 'task.completed.v1' && found.event.subject === task.id && found.event.id !== event.id));
    await deliver(two, again.event);
    expect((await settled(again.event)).state).toBe('done');
    expect(await openTasks()).toHaveLength(1);
  });

  test('continues the trace of who completed it', async () => {
    const { event } = await completed();
    await deliver(one, event);
    const [next] = await openTasks();
    const created = await until('the next one is published', () => published.published.find((found) => found.event.subject === next?.id));
    expect(created.event.traceparent?.slice(3, 35)).toBe(event.traceparent?.slice(3, 35));
  });

  test('does not come back when its series is over', async () => {
    const { event } = await completed({ due: DUE, recurrence: 'FREQ=WEEKLY;COUNT=1' });
    expect(await deliver(one, event)).toBe('SUCCESS');
    expect(await sagaOf(event)).toMatchObject({ state: 'ended' });
    expect(await openTasks()).toEqual([]);
  });

  test('does not come back when it was reopened meanwhile', async () => {
    const { task, event } = await completed();
    await ada('POST', `/api/tasks/${task.id}/reopen`);
    await deliver(one, event);
    expect(await sagaOf(event)).toMatchObject({ state: 'cancelled', reason: 'the task was reopened' });
    expect((await openTasks()).map(({ id }) => id)).toEqual([task.id]);
  });
});

test('a task that does not repeat begins nothing', async () => {
  const { event } = await completed({});
  expect(await deliver(one, event)).toBe('SUCCESS');
  expect(await sagaOf(event)).toBeUndefined();
});

describe('what happens between its steps', () => {
  test('task-api away: the event is acknowledged, and the saga goes on when task-api is back', async () => {
    line = () => Promise.reject(new DaprError('invoke', 500, { errorCode: 'ERR_DIRECT_INVOKE' }));
    const { event } = await completed();
    expect(await deliver(one, event)).toBe('SUCCESS');
    expect(await sagaOf(event)).toMatchObject({ state: 'pending', attempts: 0 });
    line = open;
    expect(await settled(event)).toMatchObject({ state: 'done' });
    expect(await openTasks()).toHaveLength(1);
  });

  test('a replica dead after it asked: another asks again, and there is still one', async () => {
    line = async (through) => {
      await through();
      // The answer never arrives.
      return new Promise(() => undefined);
    };
    const { event } = await completed();
    abandon(deliver(one, event));
    await until('task-api made it', async () => (await openTasks()).length === 1);
    expect(await sagaOf(event)).toMatchObject({ state: 'pending' });
    line = open;
    await release(event);
    const [next] = await openTasks();
    expect(await settled(event)).toMatchObject({ state: 'done', next_task_id: next?.id });
    expect(await openTasks()).toHaveLength(1);
  });

  test('a replica dead before it asked: another does', async () => {
    let asked = 0;
    line = () => {
      asked += 1;
      return new Promise(() => undefined);
    };
    const { event } = await completed();
    abandon(deliver(two, event));
    await until('the first has begun', () => asked === 1);
    line = open;
    await release(event);
    expect(await settled(event)).toMatchObject({ state: 'done' });
    expect(await openTasks()).toHaveLength(1);
  });
});

test('sagas whose time has come are taken by one replica each', async () => {
  const sagas = sagasIn(one.database);
  const { event } = await completed({});
  const ids = Array.from({ length: 40 }, () => randomUUID());
  for (const eventId of ids) await sagas.begin({ eventId, taskId: 't', userId: 'u', due: DUE, recurrence: 'FREQ=DAILY', origin: { topic: 'task-events' }, event }, 'pending');
  // The sweepers of the running replicas may take some, too; they find no such task.
  await one.database.query(`UPDATE sagas SET next_try_at = now() WHERE task_id = 't'`);
  const taken = (await Promise.all([1, 2, 3, 4].map(() => sagas.take(20)))).flat().map(({ eventId }) => eventId);
  expect(new Set(taken).size).toBe(taken.length);
  await one.database.query(`DELETE FROM sagas WHERE task_id = 't'`);
});

describe('what cannot be done goes to the dead letters, once', () => {
  test('a rule that is none, with the event and the reason', async () => {
    const { event } = await completed();
    const broken = structuredClone(event) as CloudEvent<string, { task_data: Task }>;
    broken.id = randomUUID();
    broken.data.task_data.recurrence = 'FREQ=OFTEN';
    expect(await deliver(one, broken)).toBe('SUCCESS');
    expect(deadLetters(event)).toMatchObject([{ reason: 'poison', detail: 'Poison: FREQ cannot be "OFTEN".', consumer: 'recurrence', event: broken }]);
    expect(await sagaOf(broken)).toBeUndefined();
  });

  test('an event whose data is not what its type says', async () => {
    const { event } = await completed();
    expect(await deliver(one, { ...event, data: { task_id: 7 } })).toBe('SUCCESS');
    expect(deadLetters(event)).toMatchObject([{ reason: 'invalid' }]);
  });

  test('what task-api answers wrongly for too long, with the number of tries', async () => {
    // A database of its own, so that the patient replicas do not take its sagas.
    const url = await postgres.createDatabase('impatient');
    const impatient = await runWithDatabase({ service: 'recurrence', url, migrations, dapr }, (parts) => recurrence(parts, { attempts: 2, ms: 60_000 }));
    line = () => Promise.reject(new DaprError('invoke', 500, 'a bug'));
    const { event } = await completed();
    await deliver(impatient, event);
    const state = await until('it is given up', async () => {
      await impatient.database.query('UPDATE sagas SET next_try_at = now()');
      const { rows } = await impatient.database.query<{ state: string }>('SELECT state FROM sagas');
      return rows[0]?.state === 'failed' && rows[0].state;
    });
    expect(state).toBe('failed');
    expect(deadLetters(event)).toMatchObject([{ reason: 'exhausted', attempts: 2, detail: 'invoke: status 500', origin: { topic: 'task-events' } }]);
    await impatient.stop();
  });

  test('what nobody answered for longer than the patience', async () => {
    const url = await postgres.createDatabase('hasty');
    const hasty = await runWithDatabase({ service: 'recurrence', url, migrations, dapr }, (parts) => recurrence(parts, { attempts: 100, ms: 0 }));
    line = async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      throw new DaprError('invoke', 0, undefined);
    };
    const { event } = await completed();
    await deliver(hasty, event);
    await until('it is given up', () => deadLetters(event).length === 1);
    expect(deadLetters(event)).toMatchObject([{ reason: 'exhausted', detail: 'invoke: no answer from the sidecar' }]);
    await hasty.stop();
  });
});

test('how many are pending, and what became of the others, can be measured', async () => {
  const text = await one.metrics.text();
  expect(text).toMatch(/^recurrence_sagas_total\{state="done"\} [1-9]/m);
  expect(text).toMatch(/^recurrence_sagas_pending 0$/m);
});

test('only Dapr may deliver', async () => {
  expect((await callerOf(one.url, 'ada')('POST', '/events/task-events', { body: {} })).status).toBe(401);
});
