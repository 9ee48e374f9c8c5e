// What a person wrote, and who she is, must not stand in a log line of any service, at any level, whatever goes wrong.
// A marked user does everything that leads to a line; then all lines are looked through.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { migrations as auditMigrations } from '../../services/audit/migrations.ts';
import { audit } from '../../services/audit/service.ts';
import type { CloudEvent } from '../../services/contracts/cloud-event.ts';
import type { Task } from '../../services/contracts/task.ts';
import { DaprError } from '../../services/kit/dapr-error.ts';
import { createLogger, type Logger } from '../../services/kit/log.ts';
import { realtime } from '../../services/realtime/service.ts';
import { migrations as recurrenceMigrations } from '../../services/recurrence/migrations.ts';
import { recurrence } from '../../services/recurrence/service.ts';
import { migrations } from '../../services/task-api/migrations.ts';
import { taskApi } from '../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { callerOf, type Caller } from './support/http.ts';
import { APP_TOKEN, fakeDapr, run, runWithDatabase, type FakeDapr, type Running, type RunningWithDatabase } from './support/running.ts';

const CANARIES = { user: 'ada.canary@example.com', title: 'canary-title', description: 'canary-description', tag: 'canary-tag', search: 'canary-search', key: 'canary-key', token: 'canary-token', broken: 'canary-broken' };

const lines: string[] = [];
const logOf = (service: string): Logger => createLogger({ service, replica: `${service}-0`, level: 'trace', destination: { write: (line) => void lines.push(line) } });
const said = (message: string) => lines.filter((line) => (JSON.parse(line) as { msg: string }).msg === message);

let postgres: TestPostgres;
let published: FakeDapr;
let running: Record<'task-api' | 'recurrence' | 'audit', RunningWithDatabase> & { realtime: Running };
let ada: Caller;
/** What Dapr answers an invocation with. */
let invoked: () => Promise<unknown> = () => Promise.reject(new Error('nobody is there'));

beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase('todoapp');
  published = fakeDapr();
  const dapr = fakeDapr(() => invoked());
  running = {
    'task-api': await runWithDatabase({ service: 'task-api', url, migrations, dapr: published, log: logOf('task-api') }, taskApi),
    recurrence: await runWithDatabase({ service: 'recurrence', url, migrations: recurrenceMigrations, dapr, log: logOf('recurrence') }, (parts) => recurrence(parts, { attempts: 1, ms: 60_000 })),
    audit: await runWithDatabase({ service: 'audit', url, migrations: auditMigrations, dapr, log: logOf('audit') }, audit),
    realtime: await run({ service: 'realtime', dapr, log: logOf('realtime') }, (parts) => realtime(parts)),
  };
  ada = callerOf(running['task-api'].url, CANARIES.user);
});
afterAll(async () => {
  for (const service of Object.values(running ?? {})) await service.stop();
  await postgres?.stop();
});

const fields = { title: CANARIES.title, description: CANARIES.description, tags: [CANARIES.tag], due: { at: '2026-11-24T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' };
async function deliver(to: keyof typeof running, topic: string, body: unknown): Promise<unknown> {
  const answer = await callerOf(running[to].url)('POST', `/events/${topic}`, { body, headers: { 'dapr-api-token': APP_TOKEN } });
  return answer.body;
}
const eventOf = (topic: string, type: string, subject: string) =>
  until(`${type} is published`, (): CloudEvent | undefined => published.published.find((one) => one.topic === topic && one.event.type === type && one.event.subject === subject)?.event);

describe('each of these leads to log lines', () => {
  let task: Task;
  let completed: CloudEvent;

  test('requests that are right', async () => {
    task = (await ada('POST', '/api/tasks', { body: fields, headers: { 'idempotency-key': CANARIES.key } })).body as Task;
    expect(task.title).toBe(CANARIES.title);
    await ada('GET', `/api/tasks?q=${CANARIES.search}&tag=${CANARIES.tag}`);
    await ada('PATCH', `/api/tasks/${task.id}`, { body: { description: `${CANARIES.description} more` } });
    await ada('POST', `/api/tasks/${task.id}/complete`);
    completed = await eventOf('task-events', 'task.completed.v1', task.id);
  });

  test('requests that are wrong', async () => {
    for (const body of [`{"title":"${CANARIES.broken}`, { title: CANARIES.broken, [CANARIES.broken]: 1 }, { ...fields, priority: CANARIES.broken }, { ...fields, due: { at: CANARIES.broken, zone: CANARIES.broken } }]) {
      expect((await ada('POST', '/api/tasks', { body })).status).toBeGreaterThanOrEqual(400);
    }
    expect((await ada('GET', `/api/tasks/${CANARIES.broken}?access_token=${CANARIES.token}`)).status).toBe(404);
    expect((await ada('GET', `/api/tasks?cursor=${CANARIES.broken}&q=${CANARIES.search}`)).status).toBe(400);
    expect((await ada('GET', '/api/tasks', { headers: { authorization: `Bearer ${CANARIES.token}`, 'x-user-id': `${CANARIES.user} and more` } })).status).toBe(401);
  });

  test('audit keeps what happened, and an event that is none', async () => {
    expect(await deliver('audit', 'task-events', completed)).toEqual({ status: 'SUCCESS' });
    expect(said('kept')).not.toEqual([]);
    await deliver('audit', 'task-events', { ...completed, id: 7, [CANARIES.broken]: CANARIES.broken });
    expect(said('an event was given up')).not.toEqual([]);
  });

  test('recurrence cannot make the next one: refused with the words of a person, away, and a rule that is none', async () => {
    const again = (change: object = {}): CloudEvent => ({ ...structuredClone(completed), id: randomUUID(), ...change });
    invoked = () => Promise.reject(new DaprError('invoke', 422, { type: 'urn:todo:problem:x', title: 'x', detail: `${CANARIES.title} is wrong`, errors: [{ pointer: '/title', detail: CANARIES.title }] }));
    await deliver('recurrence', 'task-events', completed);
    invoked = () => Promise.reject(new DaprError('invoke', 500, { errorCode: 'ERR_DIRECT_INVOKE', message: `could not send ${CANARIES.title} for ${CANARIES.user}` }));
    await deliver('recurrence', 'task-events', again());
    const { data } = completed as { data: { task_data: Task } };
    await deliver('recurrence', 'task-events', again({ data: { ...data, task_data: { ...data.task_data, recurrence: `FREQ=${CANARIES.broken}` } } }));
    expect(said('the next occurrence was given up').length).toBeGreaterThan(0);
    expect(said('an event was given up').some((line) => line.includes('"service":"recurrence"'))).toBe(true);
  });

  test('realtime hands a change out, and cannot read the feed', async () => {
    const url = `${running.realtime.url.replace('http', 'ws')}/live?user=${encodeURIComponent(CANARIES.user)}&access_token=${CANARIES.token}`;
    invoked = () => Promise.resolve({ changes: [], position: '1-1', more: false });
    const open = new WebSocket(url);
    await once(open, 'message');
    await deliver('realtime', 'task-updates', await eventOf('task-updates', 'task.changed.v1', task.id));
    open.terminate();
    invoked = () => Promise.reject(new DaprError('invoke', 502, { message: `of ${CANARIES.user}: ${CANARIES.title}` }));
    const [code] = (await once(new WebSocket(`${url}&after=0-0`), 'close')) as [number];
    expect(code).toBe(1013);
    expect(said('the change feed did not answer')).not.toEqual([]);
  });

  test('the database refuses, with the row in its error', async () => {
    await running['task-api'].database.query(`ALTER TABLE tasks ADD CONSTRAINT no_more CHECK (search NOT LIKE '%canary-title%') NOT VALID`, []);
    expect((await ada('POST', '/api/tasks', { body: fields })).status).toBe(500);
    await running['task-api'].database.query('ALTER TABLE tasks DROP CONSTRAINT no_more', []);
    expect(said('a handler failed')).not.toEqual([]);
  });

  test('the database is away', async () => {
    await postgres.stop();
    expect((await ada('POST', '/api/tasks', { body: fields, headers: { 'idempotency-key': CANARIES.key } })).status).toBe(503);
    expect(await deliver('audit', 'task-events', { ...completed, id: randomUUID() })).toEqual({ status: 'RETRY' });
    expect(said('could not answer')).not.toEqual([]);
    expect(said('what the handler needs is away; the event will come again')).not.toEqual([]);
  });
});

test.each(Object.entries(CANARIES))('and in none of the lines stands the %s', (_what, canary) => {
  expect(lines.length).toBeGreaterThan(10);
  const forms = [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64').replace(/=+$/, '')].map((form) => form.toLowerCase());
  expect(lines.filter((line) => forms.some((form) => line.toLowerCase().includes(form)))).toEqual([]);
});

test('yet a line says of which task it is, and belongs to a trace', () => {
  const kept = said('kept').map((line) => JSON.parse(line) as { trace_id?: string; task_id?: string });
  expect(kept[0]).toMatchObject({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, task_id: expect.any(String) as string });
});
