import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { migrations } from '../../../services/audit/migrations.ts';
import { audit, KEPT_TOPICS } from '../../../services/audit/service.ts';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import { EVENT_TYPES } from '../../../services/contracts/names.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { sample } from '../contracts/samples.ts';
import { callerOf } from '../support/http.ts';
import { APP_TOKEN, fakeDapr, runWithDatabase, type RunningWithDatabase } from '../support/running.ts';

let postgres: TestPostgres;
let one: RunningWithDatabase;
let two: RunningWithDatabase;
const dapr = fakeDapr();

beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase('todoapp');
  const options = { service: 'audit', url, migrations, dapr };
  one = await runWithDatabase({ ...options, replica: 'audit-0' }, audit);
  two = await runWithDatabase({ ...options, replica: 'audit-1' }, audit);
});
afterAll(async () => {
  await one?.stop();
  await two?.stop();
  await postgres?.stop();
});

const headers = { 'dapr-api-token': APP_TOKEN };
async function deliver(to: RunningWithDatabase, topic: string, body: unknown, more: Record<string, string> = {}) {
  return (await callerOf(to.url)('POST', `/events/${topic}`, { body, headers: { ...headers, ...more } })).body;
}
async function kept(query: string) {
  const answer = await callerOf(two.url)('GET', `/internal/audit?${query}`, { headers });
  expect(answer.status).toBe(200);
  return answer.body as { records: { number: number; topic: string; partition: number | null; offset: number | null; event: CloudEvent }[]; next: number | null };
}
/** An event of a task of its own. */
function eventOf(type: string, subject = randomUUID()): CloudEvent {
  return { ...(sample(type) as CloudEvent), id: randomUUID(), subject };
}

describe('audit', () => {
  test('keeps every type of event, whole, with its place on the topic', async () => {
    const task = randomUUID();
    const events = EVENT_TYPES.map((type) => eventOf(type, task));
    for (const [offset, event] of events.entries()) {
      expect(await deliver(one, 'task-events', event, { __partition: '2', __offset: String(offset), __key: task })).toEqual({ status: 'SUCCESS' });
    }
    const { records } = await kept(`task=${task}`);
    expect(records.map(({ event }) => event)).toEqual(events);
    expect(records.map(({ topic, partition, offset }) => [topic, partition, offset])).toEqual(events.map((_, offset) => ['task-events', 2, offset]));
  });

  test('keeps an event once, however often and by whichever replica it is delivered', async () => {
    const event = eventOf('task.created.v1');
    await Promise.all([deliver(one, 'task-events', event), deliver(two, 'task-events', event), deliver(one, 'task-events', event)]);
    await deliver(two, 'task-events', event);
    expect((await kept(`task=${event.subject}`)).records).toHaveLength(1);
  });

  test('keeps an event of each topic that it came on', async () => {
    const event = eventOf('task.reminder.due.v1');
    await deliver(one, 'reminders', event);
    await deliver(one, 'task-events', event);
    expect((await kept(`task=${event.subject}`)).records.map(({ topic }) => topic)).toEqual(['reminders', 'task-events']);
  });

  test('keeps what the platform does not know yet', async () => {
    const event = { ...eventOf('task.created.v1'), type: 'task.archived.v1', data: ['anything'] };
    expect(await deliver(one, 'task-events', event)).toEqual({ status: 'SUCCESS' });
    expect((await kept(`task=${event.subject}`)).records[0]?.event).toEqual(event);
  });

  test('what is no event goes to the dead letters', async () => {
    expect(await deliver(one, 'reminders', { hello: 'world' })).toEqual({ status: 'SUCCESS' });
    expect(dapr.published.at(-1)).toMatchObject({ topic: 'reminders.dlq', event: { data: { reason: 'invalid', consumer: 'audit', event: { hello: 'world' } } } });
  });

  test('takes a bulk as it takes one', async () => {
    const task = randomUUID();
    const entries = [1, 2, 3].map((n) => ({ entryId: String(n), event: eventOf('task.updated.v1', task), contentType: 'application/cloudevents+json', metadata: {} }));
    const answer = await deliver(one, 'task-events', { id: randomUUID(), entries, metadata: {}, topic: 'task-events', pubsubname: 'pubsub', type: 'com.dapr.event.sent.bulk' });
    expect(answer).toEqual({ statuses: entries.map(({ entryId }) => ({ entryId, status: 'SUCCESS' })) });
    expect((await kept(`task=${task}`)).records).toHaveLength(3);
  });
});

describe('what was kept is read', () => {
  test('page by page', async () => {
    const task = randomUUID();
    for (let n = 0; n < 5; n += 1) await deliver(n % 2 ? one : two, 'task-events', eventOf('task.updated.v1', task));
    const numbers: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: Awaited<ReturnType<typeof kept>> = await kept(`task=${task}&limit=2&after=${after}`);
      numbers.push(...page.records.map(({ number }) => number));
      after = page.next;
    }
    expect(numbers).toHaveLength(5);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test.each([1, 2, 3, 4])('of three records by pages of %i, each once and to the end', async (limit) => {
    const task = randomUUID();
    const events = [1, 2, 3].map(() => eventOf('task.updated.v1', task));
    for (const event of events) await deliver(one, 'task-events', event);
    const ids: string[] = [];
    for (let after: number | null = 0, pages = 0; after !== null && pages < 10; pages += 1) {
      const page: Awaited<ReturnType<typeof kept>> = await kept(`task=${task}&limit=${limit}&after=${after}`);
      ids.push(...page.records.map(({ event }) => event.id));
      after = page.next;
    }
    expect(ids).toEqual(events.map(({ id }) => id));
  });

  test.each(["' OR 1=1 --", '%', '', randomUUID()])('of a task %j that nobody has, nothing', async (task) => {
    expect(await kept(`task=${encodeURIComponent(task)}`)).toEqual({ records: [], next: null });
  });

  test.each(['limit=1001', 'limit=1.5', 'limit=', 'after=-1', 'after=99999999999999999', 'after=1e3'])('and %s is refused (400)', async (query) => {
    expect((await callerOf(one.url)('GET', `/internal/audit?${query}`, { headers })).status).toBe(400);
  });

  test('as it came first: a repeat with other words changes nothing', async () => {
    const event = eventOf('task.created.v1');
    await deliver(one, 'task-events', event);
    await deliver(two, 'task-events', { ...event, data: { changed: true } });
    expect((await kept(`task=${event.subject}`)).records.map((record) => record.event)).toEqual([event]);
  });

  test('through Dapr only (401), and with parameters that are some (400)', async () => {
    expect((await callerOf(one.url, 'ada')('GET', '/internal/audit')).status).toBe(401);
    expect((await callerOf(one.url)('GET', '/internal/audit?limit=0&after=x', { headers })).body).toMatchObject({ status: 400, errors: [{ pointer: 'after' }, { pointer: 'limit' }] });
  });
});

test('the topics that it keeps are those that todoctl.yaml subscribes it to', () => {
  const { services } = parse(readFileSync('todoctl.yaml', 'utf8')) as { services: { audit: { subscribes: string[] } } };
  expect(services.audit.subscribes).toEqual([...KEPT_TOPICS]);
});

test('what was kept, and what came again, is counted', async () => {
  const text = await one.metrics.text();
  expect(text).toMatch(/^audit_records_total\{topic="task-events"\} [1-9]/m);
  expect(text).toMatch(/^audit_duplicates_total\{topic="task-events"\} [1-9]/m);
});
