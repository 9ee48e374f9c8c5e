// What a person sees of the platform from outside while it works: one trace through all hops, the metrics, the logs, the signed-out front door.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestPlatform, PACKAGE, type TestPlatform } from '../support/platform.ts';
import { until } from '../support/until.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const USER = 'signals';

let platform: TestPlatform;
let entrance: URL;
let ports: Map<string, number>;
let completed: { id: string };

beforeAll(async () => {
  platform = await createTestPlatform({ yaml: await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8') });
  const { running } = await platform.deploy();
  entrance = new URL(running?.entrance ?? '');
  ports = new Map((await platform.status()).processes.map(({ name, port }) => [name, port ?? 0]));
  const created = await call('POST', '/api/tasks', { title: 'Water the plants', due: { at: '2027-05-01T08:00:00', zone: 'Europe/Berlin' }, recurrence: 'FREQ=DAILY' });
  completed = (await created.json()) as { id: string };
  // The one request that is followed through the platform.
  await call('POST', `/api/tasks/${completed.id}/complete`, undefined, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
});

afterAll(() => platform.dispose());

describe('the trace of one request', () => {
  test('is answered to the caller', async () => {
    const answer = await call('GET', '/api/health', undefined, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
  });

  test('is in the event on the topic', async () => {
    const event = await until('task.completed on the topic', async () => (await eventsOf('task-events')).find(({ type, subject }) => type === 'task.completed.v1' && subject === completed.id));
    expect(event.traceparent).toMatch(new RegExp(`^00-${TRACE}-`));
  });

  test('goes on through the recurrence service into the events of the next occurrence', async () => {
    const triggered = await until('task.recurring.triggered on the topic', async () => (await eventsOf('task-events')).find(({ type }) => type === 'task.recurring.triggered.v1'));
    expect(triggered).toMatchObject({ subject: completed.id, traceparent: expect.stringMatching(new RegExp(`^00-${TRACE}-`)) as string });
  });

  test.each(['task-api', 'recurrence', 'audit', 'realtime'])('is in the log of %s', async (service) => {
    const line = await until(`a log line of ${service} with the trace`, async () => {
      const { stdout } = await platform.run('logs', service, '--tail', '1000', '--json');
      return stdout.split('\n').find((text) => text.includes(TRACE));
    });
    expect(JSON.parse(line)).toMatchObject({ process: `${service}-0` });
  });
});

describe('metrics', () => {
  test('task-api counts requests, times them, and counts tasks', async () => {
    const text = await metricsOf('task-api-0');
    expect(sample(text, 'http_requests_total', { method: 'POST', route: '/api/tasks', status: '201' })).toBe(1);
    expect(sample(text, 'api_request_duration_seconds_count', { route: '/api/tasks/:id/complete' })).toBe(1);
    expect(sample(text, 'tasks_created_total')).toBeGreaterThanOrEqual(1);
    expect(sample(text, 'tasks_completed_total')).toBe(1);
  });

  test('the outbox empties, and its relay says that it is the one', async () => {
    await until('an empty outbox', async () => sample(await metricsOf('task-api-0'), 'outbox_depth') === 0);
    const text = await metricsOf('task-api-0');
    expect(sample(text, 'outbox_relay_active')).toBe(1);
    expect(sample(text, 'outbox_oldest_age_seconds')).toBe(0);
    expect(sample(text, 'outbox_published_total')).toBeGreaterThanOrEqual(4);
  });

  test('a consumer counts what it handled, by type and outcome', async () => {
    const handled = await until('a handled completion', async () => sample(await metricsOf('recurrence-0'), 'events_handled_total', { type: 'task.completed.v1' }));
    expect(handled).toBe(1);
    expect(sample(await metricsOf('recurrence-0'), 'dead_letters_total') ?? 0).toBe(0);
  });

  test.each(['/metrics', '/readyz', '/livez', '/internal/audit', '/events/task-events', '/dapr/subscribe'])('and %s is not for the public', async (private_) => {
    expect((await call('GET', private_)).status).toBe(404);
  });
});

describe('a service that Dapr alone may call', () => {
  test('refuses a delivery without the app token, and does nothing', async () => {
    const port = ports.get('audit-0') ?? 0;
    const answer = await fetch(`http://127.0.0.1:${port}/events/task-events`, { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body: '{}' });
    expect(answer.status).toBe(401);
  });

  test('answers 404 to the question for programmatic subscriptions: anything else would drop the declared ones', async () => {
    expect((await fetch(`http://127.0.0.1:${ports.get('audit-0') ?? 0}/dapr/subscribe`)).status).toBe(404);
  });
});

interface TopicEvent {
  type: string;
  subject: string;
  traceparent: string;
}

async function eventsOf(topic: string): Promise<TopicEvent[]> {
  const { stdout } = await platform.run('events', 'tail', topic, '--from', 'beginning', '--no-follow', '--json');
  return stdout.split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { value: TopicEvent }).value);
}

function call(method: string, route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(new URL(route, entrance), { method, headers: { 'x-user-id': USER, 'content-type': 'application/json', ...headers }, ...content });
}

async function metricsOf(process: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${ports.get(process) ?? 0}/metrics`)).text();
}

/** The value of the first sample with these labels; undefined when there is none. */
function sample(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.match(/^[a-z_]+/)?.[0] === name && Object.entries(labels).every(([label, value]) => candidate.includes(`${label}="${value}"`)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}
