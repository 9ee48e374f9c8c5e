import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EVENT_DATA } from '../../../services/contracts/events.ts';
import type { EventType } from '../../../services/contracts/names.ts';
import { taskSchema, type Task } from '../../../services/contracts/task.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { callerOf, type Answer, type Caller } from '../support/http.ts';
import { APP_TOKEN, fakeDapr, runWithDatabase, type FakeDapr, type RunningWithDatabase } from '../support/running.ts';

let postgres: TestPostgres;
let dapr: FakeDapr;
let api: RunningWithDatabase;
let other: RunningWithDatabase;
let ada: Caller;
let bob: Caller;
let app: Caller;

// Two replicas on one database: a request may meet either.
beforeAll(async () => {
  postgres = await startTestPostgres();
  const url = await postgres.createDatabase('todoapp');
  dapr = fakeDapr();
  const options = { service: 'task-api', url, migrations, dapr };
  api = await runWithDatabase({ ...options, replica: 'task-api-0' }, taskApi);
  other = await runWithDatabase({ ...options, replica: 'task-api-1' }, taskApi);
});
afterAll(async () => {
  await api?.stop();
  await other?.stop();
  await postgres?.stop();
});

// A user of one's own for each test, so that none sees another's tasks.
let turn = 0;
beforeEach(() => {
  turn += 1;
  ada = callerOf(api.url, `ada-${turn}`);
  bob = callerOf(other.url, `bob-${turn}`);
  app = (method, path, ask = {}) => callerOf(other.url)(method, path, { ...ask, headers: { 'dapr-api-token': APP_TOKEN, ...ask.headers } });
});

async function make(fields: Record<string, unknown> = {}, caller = ada): Promise<Task> {
  const answer = await caller('POST', '/api/tasks', { body: { title: 'Water the plants', ...fields } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as Task;
}
const listed = (answer: Answer) => (answer.body as { tasks: Task[] }).tasks;
const titles = (answer: Answer) => listed(answer).map((task) => task.title);
const errors = (answer: Answer) => (answer.body as { errors: { pointer: string; detail: string }[] }).errors;
async function changesAfter(position: string, caller = ada) {
  const answer = await caller('GET', `/api/changes?after=${position}`);
  return answer.body as { changes: { action: string; task_id: string; position: string; task_data: Task }[]; position: string; more: boolean };
}

describe('a task', () => {
  test('is created, and read by its address', async () => {
    const answer = await ada('POST', '/api/tasks', { body: { title: 'Water the plants', tags: ['home'], due: { at: '2026-11-24T09:00', zone: 'Europe/Zurich' } } });
    expect(answer.status).toBe(201);
    const task = taskSchema.parse(answer.body);
    expect(task).toMatchObject({ title: 'Water the plants', description: '', priority: 'medium', tags: ['home'], recurrence: null, completed: false, owner: `ada-${turn}`, version: 1 });
    expect(answer.headers.get('location')).toBe(`/api/tasks/${task.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    const read = await ada('GET', answer.headers.get('location') ?? '');
    expect(read).toMatchObject({ status: 200, body: task });
  });

  test('is changed in what was sent, completed, reopened and deleted', async () => {
    const { id } = await make({ description: 'The fern too.' });
    expect(await ada('PATCH', `/api/tasks/${id}`, { body: { title: 'Water the fern', description: '' } })).toMatchObject({ status: 200, body: { title: 'Water the fern', description: '', version: 2 } });
    expect(await ada('POST', `/api/tasks/${id}/complete`)).toMatchObject({ status: 200, body: { completed: true, version: 3 } });
    expect(await ada('POST', `/api/tasks/${id}/complete`)).toMatchObject({ status: 200, body: { completed: true, version: 3 } });
    expect(await ada('POST', `/api/tasks/${id}/reopen`)).toMatchObject({ status: 200, body: { completed: false, version: 4 } });
    expect(await ada('DELETE', `/api/tasks/${id}`)).toMatchObject({ status: 204, body: '' });
    expect((await ada('GET', `/api/tasks/${id}`)).status).toBe(404);
    expect((await ada('DELETE', `/api/tasks/${id}`)).status).toBe(404);
  });

  test.each([
    ['emoji', '👩‍👩‍👧‍👦🪴'],
    ['right to left', 'שלום ‮עולם'],
    ['quotes and markup', `'; DROP TABLE tasks; -- <script>alert("x")</script>`],
    ['the longest', '🪴'.repeat(500)],
  ])('keeps an unusual title as it came: %s', async (_what, title) => {
    const { id } = await make({ title });
    expect((await ada('GET', `/api/tasks/${id}`)).body).toMatchObject({ title });
  });

  test('has a history that a person can read', async () => {
    const { id } = await make({ due: { at: '2026-11-24T09:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY' });
    await ada('PATCH', `/api/tasks/${id}`, { body: { priority: 'high', tags: ['home', 'green'] } });
    await ada('PATCH', `/api/tasks/${id}`, { body: { recurrence: null } });
    await ada('POST', `/api/tasks/${id}/complete`);
    await ada('POST', `/api/tasks/${id}/reopen`);
    await ada('DELETE', `/api/tasks/${id}`);
    const { history } = (await ada('GET', `/api/tasks/${id}/history`)).body as { history: { version: number; text: string }[] };
    expect(history.map(({ version, text }) => `${version} ${text}`)).toEqual([
      '1 Created "Water the plants", due 2026-11-24 09:00 (Europe/Zurich), repeats FREQ=WEEKLY.',
      '2 Priority changed from "medium" to "high", tags set to home, green.',
      '3 Recurrence removed.',
      '4 Completed.',
      '5 Reopened.',
      '6 Deleted.',
    ]);
  });
});

describe('what is wrong is said', () => {
  test('of every field at once (422)', async () => {
    const answer = await ada('POST', '/api/tasks', { body: { title: '', priority: 'urgent', due: { at: '2026-11-24T09:00' }, colour: 'red' } });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(errors(answer).map(({ pointer }) => pointer).sort()).toEqual(['/colour', '/due/zone', '/priority', '/title']);
  });

  test.each([
    ['a rule that is none', { title: 'x', due: { at: '2026-11-24T09:00', zone: 'UTC' }, recurrence: 'FREQ=OFTEN' }, '/recurrence'],
    ['a rule without a start', { title: 'x', recurrence: 'FREQ=DAILY' }, '/due'],
    ['a zone that is none', { title: 'x', due: { at: '2026-11-24T09:00', zone: 'Mars/Olympus' } }, '/due/zone'],
    ['an hour that the clocks skip', { title: 'x', due: { at: '2026-03-29T02:30', zone: 'Europe/Zurich' } }, '/due/at'],
    ['NUL', { title: 'a\0b' }, '/title'],
    ['half of a surrogate pair', { title: 'a\ud800b' }, '/title'],
    ['a title of 501 characters', { title: 'x'.repeat(501) }, '/title'],
  ])('of %s (422)', async (_what, body, pointer) => {
    const answer = await ada('POST', '/api/tasks', { body });
    expect(answer.status).toBe(422);
    expect(errors(answer).map((error) => error.pointer)).toEqual([pointer]);
  });

  test.each([
    ['no JSON', 'POST', '/api/tasks', { body: '{"title":' }, 400],
    ['another content type', 'POST', '/api/tasks', { body: 'title=x', headers: { 'content-type': 'text/plain' } }, 415],
    ['a body that is too large', 'POST', '/api/tasks', { body: { title: 'x', description: 'y'.repeat(70_000) } }, 413],
    ['a method that is not possible', 'PUT', '/api/tasks', { body: {} }, 405],
    ['a list instead of an object', 'POST', '/api/tasks', { body: [] }, 422],
    ['a task that is none', 'GET', '/api/tasks/nothing', {}, 404],
    ['a path of NUL', 'GET', '/api/tasks/%00', {}, 400],
    ['a position that is none', 'GET', '/api/changes?after=yesterday', {}, 400],
    ['a limit beyond the most', 'GET', '/api/changes?limit=100000', {}, 400],
  ])('%s: %s %s', async (_what, method, path, ask, status) => {
    const answer = await ada(method, path, ask);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, title: expect.any(String) as string });
  });

  test('nothing is written by a request that was refused', async () => {
    const { id } = await make();
    const before = await changesAfter('0-0');
    await ada('PATCH', `/api/tasks/${id}`, { body: { title: '' } });
    await ada('PATCH', `/api/tasks/${id}`, { body: { recurrence: 'FREQ=DAILY' } });
    expect(await changesAfter('0-0')).toEqual(before);
  });
});

describe('the list', () => {
  test('is the newest first, page by page, and what is made meanwhile does not shift it', async () => {
    for (const title of ['1', '2', '3', '4', '5']) await make({ title });
    const first = await ada('GET', '/api/tasks?limit=2');
    expect(titles(first)).toEqual(['5', '4']);
    await make({ title: '6' });
    const second = await ada('GET', `/api/tasks?limit=2&cursor=${(first.body as { next: string }).next}`);
    expect(titles(second)).toEqual(['3', '2']);
    const third = await ada('GET', `/api/tasks?limit=2&cursor=${(second.body as { next: string }).next}`);
    expect(third.body).toMatchObject({ tasks: [{ title: '1' }], next: null });
  });

  test('is filtered by completed, priority, tags and text, each alone and together', async () => {
    await make({ title: 'Wäsche', priority: 'high', tags: ['home', 'weekly'] });
    await make({ title: 'Taxes', priority: 'high', tags: ['office'], description: '100% of them' });
    const { id } = await make({ title: 'Dishes', tags: ['home'] });
    await ada('POST', `/api/tasks/${id}/complete`);
    const list = async (query: string) => titles(await ada('GET', `/api/tasks?${query}`));
    expect(await list('completed=true')).toEqual(['Dishes']);
    expect(await list('completed=false')).toEqual(['Taxes', 'Wäsche']);
    expect(await list('priority=high')).toEqual(['Taxes', 'Wäsche']);
    expect(await list('tag=home')).toEqual(['Dishes', 'Wäsche']);
    expect(await list('tag=home&tag=weekly')).toEqual(['Wäsche']);
    expect(await list('q=WÄSCHE')).toEqual(['Wäsche']);
    expect(await list(`q=${encodeURIComponent('0% o')}`)).toEqual(['Taxes']);
    expect(await list('q=%25')).toEqual(['Taxes']);
    expect(await list('q=offic')).toEqual(['Taxes']);
    expect(await list('priority=high&tag=home&completed=false&q=sche')).toEqual(['Wäsche']);
    expect(await list('tag=nowhere')).toEqual([]);
  });

  test('names each wrong parameter (400)', async () => {
    const answer = await ada('GET', '/api/tasks?completed=maybe&priority=urgent&limit=0&cursor=abc&colour=red');
    expect(answer.status).toBe(400);
    expect(errors(answer).map(({ pointer }) => pointer).sort()).toEqual(['colour', 'completed', 'cursor', 'limit', 'priority']);
  });

  test('refuses a cursor of other filters (400)', async () => {
    for (const title of ['1', '2']) await make({ title });
    const { next } = (await ada('GET', '/api/tasks?limit=1')).body as { next: string };
    expect((await ada('GET', `/api/tasks?limit=1&completed=true&cursor=${next}`)).status).toBe(400);
  });

  test('gives the position from which to follow what comes', async () => {
    await make({ title: 'before' });
    // A writer of another test file does not exist here, so its own transaction alone can still be open.
    const { position } = (await ada('GET', '/api/tasks')).body as { position: string };
    await make({ title: 'after' });
    const { changes } = await changesAfter(position);
    expect(changes.map((change) => change.task_data.title)).toContain('after');
  });
});

describe('two who change at once', () => {
  test('If-Match lets the change of what was read, and refuses that of what has changed since (412)', async () => {
    const { id } = await make();
    const change = (tag: string) => ada('PATCH', `/api/tasks/${id}`, { body: { title: `by ${tag}` }, headers: { 'if-match': tag } });
    expect(await change('"1"')).toMatchObject({ status: 200 });
    expect(await change('"1"')).toMatchObject({ status: 412 });
    expect((await ada('DELETE', `/api/tasks/${id}`, { headers: { 'if-match': '"1"' } })).status).toBe(412);
    expect((await ada('POST', `/api/tasks/${id}/complete`, { headers: { 'if-match': '"2"' } })).status).toBe(200);
  });

  test('If-None-Match spares the body of what is known (304)', async () => {
    const { id } = await make();
    expect(await ada('GET', `/api/tasks/${id}`, { headers: { 'if-none-match': '"1"' } })).toMatchObject({ status: 304, body: '' });
    await ada('POST', `/api/tasks/${id}/complete`);
    expect((await ada('GET', `/api/tasks/${id}`, { headers: { 'if-none-match': '"1"' } })).status).toBe(200);
  });

  test('both are heard, through both replicas, and none is lost', async () => {
    const { id } = await make();
    const elsewhere = callerOf(other.url, `ada-${turn}`);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((tag, index) => (index % 2 ? ada : elsewhere)('PATCH', `/api/tasks/${id}`, { body: { tags: [tag] } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await ada('GET', `/api/tasks/${id}`)).body).toMatchObject({ version: 5 });
  });

  test('completing at once completes once', async () => {
    const { id } = await make();
    await Promise.all([1, 2, 3, 4].map((n) => (n % 2 ? ada : callerOf(other.url, `ada-${turn}`))('POST', `/api/tasks/${id}/complete`)));
    const { changes } = await changesAfter('0-0');
    expect(changes.map(({ action }) => action)).toEqual(['created', 'completed']);
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'k-1' };

  test('gives the same answer for the same request, though another replica is asked', async () => {
    const ask = { headers, body: { title: 'once' } };
    const first = await ada('POST', '/api/tasks', ask);
    const again = await callerOf(other.url, `ada-${turn}`)('POST', '/api/tasks', ask);
    expect([again.status, again.body, again.headers.get('location')]).toEqual([201, first.body, first.headers.get('location')]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(titles(await ada('GET', '/api/tasks'))).toEqual(['once']);
  });

  test('acts once for many at the same time', async () => {
    const ask = { headers, body: { title: 'once' } };
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => (n % 2 ? ada : callerOf(other.url, `ada-${turn}`))('POST', '/api/tasks', ask)));
    expect(new Set(answers.map(({ body }) => (body as Task).id)).size).toBe(1);
    expect(titles(await ada('GET', '/api/tasks'))).toEqual(['once']);
  });

  test('is refused for another request (422)', async () => {
    await ada('POST', '/api/tasks', { headers, body: { title: 'once' } });
    const answer = await ada('POST', '/api/tasks', { headers, body: { title: 'twice' } });
    expect(answer).toMatchObject({ status: 422, body: { type: 'urn:todo:problem:idempotency-key-reused' } });
  });

  test('is each user’s own', async () => {
    const ask = { headers, body: { title: 'mine' } };
    const first = (await ada('POST', '/api/tasks', ask)).body as Task;
    const second = (await bob('POST', '/api/tasks', ask)).body as Task;
    expect(second.id).not.toBe(first.id);
  });

  test('keeps nothing of a request that was refused', async () => {
    expect((await ada('POST', '/api/tasks', { headers, body: { title: '' } })).status).toBe(422);
    expect((await ada('POST', '/api/tasks', { headers, body: { title: 'right now' } })).status).toBe(201);
  });

  test('spares what is repeated after its task has changed again', async () => {
    const { id } = await make();
    const first = await ada('POST', `/api/tasks/${id}/complete`, { headers });
    await ada('POST', `/api/tasks/${id}/reopen`);
    const again = await ada('POST', `/api/tasks/${id}/complete`, { headers });
    expect(again.body).toEqual(first.body);
    expect((await ada('GET', `/api/tasks/${id}`)).body).toMatchObject({ completed: false });
  });

  test('is 1 to 255 characters without spaces (400)', async () => {
    expect((await ada('POST', '/api/tasks', { headers: { 'idempotency-key': 'a b' }, body: { title: 'x' } })).status).toBe(400);
    expect((await ada('POST', '/api/tasks', { headers: { 'idempotency-key': 'k'.repeat(256) }, body: { title: 'x' } })).status).toBe(400);
  });

  test('survives a restart', async () => {
    const url = postgres.url('todoapp');
    const ask = { headers, body: { title: 'once' } };
    const first = await ada('POST', '/api/tasks', ask);
    const restarted = await runWithDatabase({ service: 'task-api', url, migrations, dapr, replica: 'task-api-2' }, taskApi);
    const again = await callerOf(restarted.url, `ada-${turn}`)('POST', '/api/tasks', ask);
    await restarted.stop();
    expect(again.body).toEqual(first.body);
  });
});

describe('somebody else', () => {
  test('finds nothing on any route of a task (404), and nothing in her list and feed', async () => {
    const { id } = await make({ due: { at: '2026-11-24T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' });
    const routes: [string, string, object][] = [
      ['GET', `/api/tasks/${id}`, {}],
      ['GET', `/api/tasks/${id}/history`, {}],
      ['PATCH', `/api/tasks/${id}`, { body: { title: 'mine now' } }],
      ['POST', `/api/tasks/${id}/complete`, {}],
      ['POST', `/api/tasks/${id}/reopen`, {}],
      ['DELETE', `/api/tasks/${id}`, {}],
      ['DELETE', `/api/tasks/${id}`, { headers: { 'if-match': '"7"' } }],
    ];
    for (const [method, path, ask] of routes) {
      const answer = await bob(method, path, ask);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
      const nothing = await bob(method, path.replace(id, '01987c3e-0000-7000-8000-000000000000'), ask);
      expect({ ...(answer.body as object), instance: '' }).toEqual({ ...(nothing.body as object), instance: '' });
    }
    expect(listed(await bob('GET', '/api/tasks'))).toEqual([]);
    expect((await changesAfter('0-0', bob)).changes).toEqual([]);
    expect((await ada('GET', `/api/tasks/${id}`)).body).toMatchObject({ title: 'Water the plants', version: 1 });
  });

  test('cannot read a page by a cursor that she was given', async () => {
    for (const title of ['1', '2']) await make({ title });
    const { next } = (await ada('GET', '/api/tasks?limit=1')).body as { next: string };
    expect(listed(await bob('GET', `/api/tasks?limit=1&cursor=${next}`))).toEqual([]);
  });

  test('who is nobody is let in nowhere (401), but to health', async () => {
    const nobody = callerOf(api.url);
    for (const path of ['/api/tasks', '/api/tasks/x', '/api/tasks/x/history', '/api/changes']) expect((await nobody('GET', path)).status).toBe(401);
    expect((await nobody('POST', '/api/tasks', { body: { title: 'x' } })).status).toBe(401);
    expect((await nobody('POST', '/internal/occurrences', { body: {} })).status).toBe(401);
    expect(await nobody('GET', '/api/health')).toMatchObject({ status: 200, body: { status: 'ready', version: 'development' } });
  });

  test('who is a user may not ask for occurrences as the platform does (401)', async () => {
    expect((await ada('POST', '/internal/occurrences', { body: {} })).status).toBe(401);
  });
});

describe('the change feed', () => {
  test('tells a user’s changes in order, from any position on', async () => {
    const first = await make({ title: 'one' });
    await make({ title: 'bob’s' }, bob);
    await ada('POST', `/api/tasks/${first.id}/complete`);
    await make({ title: 'two' });
    await ada('DELETE', `/api/tasks/${first.id}`);
    const all = await changesAfter('0-0');
    expect(all.changes.map(({ action, task_data }) => `${action} ${task_data.title}`)).toEqual(['created one', 'completed one', 'created two', 'deleted one']);
    const middle = await changesAfter(all.changes[1]?.position ?? '');
    expect(middle.changes).toEqual(all.changes.slice(2));
    expect(await changesAfter(all.position)).toMatchObject({ changes: [], position: all.position, more: false });
  });

  test('is read page by page without loss', async () => {
    for (let n = 0; n < 7; n += 1) await make({ title: String(n) });
    const seen: string[] = [];
    let position = '0-0';
    for (let more = true; more; ) {
      const page = (await ada('GET', `/api/changes?after=${position}&limit=3`)).body as Awaited<ReturnType<typeof changesAfter>>;
      seen.push(...page.changes.map((change) => change.task_data.title));
      ({ position, more } = page);
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  test('says the position of now', async () => {
    await make();
    const { position } = await changesAfter('latest');
    expect(await changesAfter(position)).toMatchObject({ changes: [], more: false });
  });

  test('never shows an event before one that commits after it', async () => {
    const writers = Array.from({ length: 8 }, (_, n) => (async () => {
      for (let i = 0; i < 5; i += 1) await make({ title: `${n}-${i}` }, n % 2 ? ada : callerOf(other.url, `ada-${turn}`));
    })());
    const seen: string[] = [];
    let position = '0-0';
    let writing = true;
    const all = Promise.all(writers).then(() => (writing = false));
    while (writing || seen.length < 40) {
      const page = await changesAfter(position);
      seen.push(...page.changes.map((change) => change.task_data.title));
      position = page.position;
    }
    await all;
    expect([...seen].sort()).toEqual(titles(await ada('GET', '/api/tasks')).sort());
  });
});

describe('the next occurrence', () => {
  const due = { at: '2026-11-24T09:00', zone: 'Europe/Zurich' };
  const asked = (task: Task) => ({ task_id: task.id, user_id: task.owner, due: { at: '2026-12-01T09:00:00', zone: 'Europe/Zurich' }, recurrence: 'FREQ=WEEKLY;COUNT=2' });
  async function completed(): Promise<Task> {
    const { id } = await make({ title: 'Bins', tags: ['home'], priority: 'high', due, recurrence: 'FREQ=WEEKLY;COUNT=3' });
    return (await ada('POST', `/api/tasks/${id}/complete`)).body as Task;
  }

  test('is a new task like the completed one, which says so in the same breath', async () => {
    const task = await completed();
    const answer = await app('POST', '/internal/occurrences', { body: asked(task) });
    expect(answer).toMatchObject({ status: 201, body: { created: true } });
    const { task_id } = answer.body as { task_id: string };
    expect((await ada('GET', `/api/tasks/${task_id}`)).body).toMatchObject({ title: 'Bins', tags: ['home'], priority: 'high', completed: false, recurrence: 'FREQ=WEEKLY;COUNT=2', due: { at: '2026-12-01T09:00:00' } });
    const { history } = (await ada('GET', `/api/tasks/${task.id}/history`)).body as { history: { text: string }[] };
    expect(history.at(-1)?.text).toBe(`Comes back as ${task_id}, due 2026-12-01 09:00:00 (Europe/Zurich).`);
  });

  test('is made once, whoever asks at the same time, with a key or without', async () => {
    const task = await completed();
    const ask = (key: string) => app('POST', '/internal/occurrences', { body: asked(task), headers: { 'idempotency-key': `${task.id}-${key}` } });
    const answers = await Promise.all([ask('a'), ask('a'), ask('b'), ask('c')]);
    expect(new Set(answers.map(({ body }) => (body as { task_id: string }).task_id)).size).toBe(1);
    expect(titles(await ada('GET', '/api/tasks'))).toEqual(['Bins', 'Bins']);
  });

  test('does not come for a task that is open (409), for none (404), for another’s (404), nor with a rule that is none (422)', async () => {
    const open = await make({ due, recurrence: 'FREQ=DAILY' });
    expect((await app('POST', '/internal/occurrences', { body: asked(open) })).status).toBe(409);
    expect((await app('POST', '/internal/occurrences', { body: { ...asked(open), task_id: '01987c3e-0000-7000-8000-000000000000' } })).status).toBe(404);
    const task = await completed();
    expect((await app('POST', '/internal/occurrences', { body: { ...asked(task), user_id: `bob-${turn}` } })).status).toBe(404);
    expect((await app('POST', '/internal/occurrences', { body: { ...asked(task), recurrence: 'FREQ=OFTEN' } })).status).toBe(422);
    expect((await app('POST', '/internal/occurrences', { body: {} })).status).toBe(422);
    expect(titles(await ada('GET', '/api/tasks'))).toHaveLength(2);
  });
});

describe('what is published', () => {
  test('is each event under its task’s key and each change under its user’s, as their schemas say, in order', async () => {
    const { id } = await make({ due: { at: '2026-11-24T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' });
    await ada('PATCH', `/api/tasks/${id}`, { body: { priority: 'high' } });
    const { owner } = (await ada('POST', `/api/tasks/${id}/complete`)).body as Task;
    await app('POST', '/internal/occurrences', { body: { task_id: id, user_id: owner, due: { at: '2026-11-25T09:00', zone: 'UTC' }, recurrence: 'FREQ=DAILY' } });
    await ada('DELETE', `/api/tasks/${id}`);
    const mine = () => dapr.published.filter(({ event }) => (event.data as { user_id: string }).user_id === owner);
    await until('all is published', () => mine().length === 11);
    for (const { event } of mine()) EVENT_DATA[event.type as EventType].parse(event.data);
    expect(mine().filter(({ topic, key }) => topic === 'task-events' && key === id).map(({ event }) => event.type)).toEqual(['task.created.v1', 'task.updated.v1', 'task.completed.v1', 'task.recurring.triggered.v1', 'task.deleted.v1']);
    const updates = mine().filter(({ topic }) => topic === 'task-updates');
    expect(new Set(updates.map(({ key }) => key))).toEqual(new Set([owner]));
    expect(updates.map(({ event }) => event.data)).toEqual((await changesAfter('0-0')).changes);
    expect(new Set(mine().map(({ event }) => event.id)).size).toBe(11);
  });

  test('carries the trace of the request that caused it', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { id } = (await ada('POST', '/api/tasks', { body: { title: 'x' }, headers: { traceparent } })).body as Task;
    const { event } = await until('it is published', () => dapr.published.find(({ event: one }) => one.subject === id));
    expect(event.traceparent?.slice(3, 35)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });
});

test('what was created and completed is counted once', async () => {
  const value = async (name: string) => {
    const texts = await Promise.all([api, other].map((replica) => replica.metrics.text()));
    return texts.map((text) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)).reduce((a, b) => a + b);
  };
  const before = { created: await value('tasks_created_total'), completed: await value('tasks_completed_total') };
  const headers = { 'idempotency-key': 'counted' };
  const { id } = (await ada('POST', '/api/tasks', { headers, body: { title: 'x' } })).body as Task;
  await ada('POST', '/api/tasks', { headers, body: { title: 'x' } });
  await ada('POST', `/api/tasks/${id}/complete`);
  await ada('POST', `/api/tasks/${id}/complete`);
  expect(await value('tasks_created_total')).toBe(before.created + 1);
  expect(await value('tasks_completed_total')).toBe(before.completed + 1);
});

test('health says 503 when it is not ready, and not why', async () => {
  const lone = await runWithDatabase({ service: 'task-api', url: postgres.url('todoapp'), migrations, dapr, replica: 'task-api-3' }, taskApi);
  lone.health.add('something', () => Promise.reject(new Error('secret reason')));
  expect(await callerOf(lone.url)('GET', '/api/health')).toMatchObject({ status: 503, body: { status: 'not ready', version: 'development' } });
  await lone.stop();
});
