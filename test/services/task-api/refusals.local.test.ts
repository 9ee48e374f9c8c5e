// Each route with each thing that can be wrong with a request: a problem with its own status, and nothing is written.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../../services/contracts/task.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { callerOf, type Answer, type Ask, type Caller } from '../support/http.ts';
import { APP_TOKEN, runWithDatabase, type RunningWithDatabase } from '../support/running.ts';

const NOBODYS = '01987c3e-0000-7000-8000-000000000000';
const DUE = { at: '2026-11-24T09:00', zone: 'UTC' };

let postgres: TestPostgres;
let api: RunningWithDatabase;
let ada: Caller;
let task: Task;
let turn = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  api = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations }, taskApi);
});
afterAll(async () => {
  await api?.stop();
  await postgres?.stop();
});
// A user and a task of one's own for each test; whatever is refused must leave both as they are.
beforeEach(async () => {
  turn += 1;
  ada = callerOf(api.url, `ada-${turn}`);
  task = (await ada('POST', '/api/tasks', { body: { title: 'Bins', due: DUE, recurrence: 'FREQ=DAILY' } })).body as Task;
});

interface Asked {
  readonly route: string;
  readonly method: string;
  path(id: string): string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
const asUser = (method: string, path: string, body?: unknown): Asked => ({ route: `${method} ${path}`, method, path: (id) => path.replace(':id', id), body });
const CREATE = asUser('POST', '/api/tasks', { title: 'x' });
const CHANGE = asUser('PATCH', '/api/tasks/:id', { title: 'y' });
const COMPLETE = asUser('POST', '/api/tasks/:id/complete');
const REOPEN = asUser('POST', '/api/tasks/:id/reopen');
const DELETE = asUser('DELETE', '/api/tasks/:id');
const OCCUR: Asked = { ...asUser('POST', '/internal/occurrences', { task_id: NOBODYS, user_id: 'ada', due: DUE, recurrence: 'FREQ=DAILY' }), headers: { 'dapr-api-token': APP_TOKEN } };
const READS = [asUser('GET', '/api/tasks/:id'), asUser('GET', '/api/tasks/:id/history')];
const CHANGES = [CHANGE, COMPLETE, REOPEN, DELETE];
const WITH_BODY = [CREATE, CHANGE, OCCUR];

function ask(asked: Asked, id: string, more: Ask = {}): Promise<Answer> {
  const { body, headers } = { ...(asked.body === undefined ? {} : { body: asked.body }), ...more };
  return ada(asked.method, asked.path(id), { ...(body === undefined ? {} : { body }), headers: { ...asked.headers, ...headers } });
}
/** Checks that the answer is a problem of this status, and that the user's tasks and feed are as before. */
async function expectRefusal(answer: Answer, status: number): Promise<void> {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^urn:todo:problem:[a-z-]+$/) as string, detail: expect.stringMatching(/\.$/) as string });
  expect((await ada('GET', '/api/tasks')).body).toMatchObject({ tasks: [task], next: null });
  expect(((await ada('GET', '/api/changes')).body as { changes: unknown[] }).changes).toHaveLength(1);
}

describe.each([...READS, ...CHANGES])('$route', (asked) => {
  test.each([
    ['of an id that nobody has', NOBODYS],
    ['of a word', 'nothing'],
    ['of a number', '1'],
    ['of a way out', '..%2f..'],
    ['of an emoji', '%F0%9F%AA%B4'],
    ['of a very long id', 'x'.repeat(1000)],
  ])('finds no task %s (404)', async (_what, id) => {
    await expectRefusal(await ask(asked, id), 404);
  });

  test('finds a task of somebody else as little as none (404), with whatever headers', async () => {
    const hers = (await callerOf(api.url, `bob-${turn}`)('POST', '/api/tasks', { body: { title: 'hers' } })).body as Task;
    for (const headers of [{}, { 'if-match': '"1"' }, { 'if-match': '*' }, { 'if-none-match': '"1"' }, { 'idempotency-key': 'k' }]) await expectRefusal(await ask(asked, hers.id, { headers }), 404);
    expect((await callerOf(api.url, `bob-${turn}`)('GET', `/api/tasks/${hers.id}`)).body).toEqual(hers);
  });
});

describe.each(WITH_BODY)('the body of $route', (asked) => {
  test.each([
    ['cut off', '{"title":'],
    ['empty', ''],
    ['two values', '{} {}'],
    ['with a comma too many', '{"title":"x",}'],
    ['no JSON at all', '<xml/>'],
  ])('is refused when it is %s (400)', async (_what, body) => {
    await expectRefusal(await ask(asked, task.id, { body }), 400);
  });

  test.each(['null', '7', '"text"', '[]', 'true'])('is an object, not %s (422)', async (body) => {
    await expectRefusal(await ask(asked, task.id, { body }), 422);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'json', 'text/html; charset=application/json'])('is not taken as %s (415)', async (type) => {
    await expectRefusal(await ask(asked, task.id, { headers: { 'content-type': type } }), 415);
  });

  test('has a limit, whatever its fields are (413)', async () => {
    await expectRefusal(await ask(asked, task.id, { body: `{"title":"${'x'.repeat(70_000)}"}` }), 413);
    await expectRefusal(await ask(asked, task.id, { body: `{"title":"x"}${' '.repeat(70_000)}` }), 413);
  });

  test('nested very deep is refused and ends nothing (422)', async () => {
    await expectRefusal(await ask(asked, task.id, { body: `{"title":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }), 422);
  });

  test('nested very deep around a NUL, which is looked for at any depth, neither (422)', async () => {
    await expectRefusal(await ask(asked, task.id, { body: `{"title":${'['.repeat(30_000)}"\\u0000"${']'.repeat(30_000)}}` }), 422);
  });

  test('with NUL in a value or a name is refused (422)', async () => {
    await expectRefusal(await ask(asked, task.id, { body: '{"title":"a\\u0000b"}' }), 422);
    await expectRefusal(await ask(asked, task.id, { body: '{"ti\\u0000tle":"ab"}' }), 422);
  });
});

test.each([
  ['PUT', '/api/tasks', 'GET, HEAD, POST'],
  ['DELETE', '/api/tasks', 'GET, HEAD, POST'],
  ['PUT', '/api/tasks/:id', 'DELETE, GET, HEAD, PATCH'],
  ['POST', '/api/tasks/:id', 'DELETE, GET, HEAD, PATCH'],
  ['GET', '/api/tasks/:id/complete', 'POST'],
  ['DELETE', '/api/tasks/:id/reopen', 'POST'],
  ['POST', '/api/tasks/:id/history', 'GET, HEAD'],
  ['POST', '/api/changes', 'GET, HEAD'],
  ['POST', '/api/health', 'GET, HEAD'],
])('%s %s is not possible, and what is stands in Allow (405)', async (method, path, allowed) => {
  const answer = await ada(method, path.replace(':id', task.id), method === 'GET' ? {} : { body: {} });
  await expectRefusal(answer, 405);
  expect(answer.headers.get('allow')?.split(', ').sort().join(', ')).toBe(allowed);
});

test.each(['/', '/api', '/api/task', '/api/tasks/', '/api/tasks/x/y/z', '/api/tasks/x/complete/', '/API/TASKS', '/internal'])('there is nothing at %s (404)', async (path) => {
  await expectRefusal(await ada('GET', path), 404);
});

test.each(['/api/tasks?q=%00', '/api/tasks?tag=a%00', '/api/changes?after=%00', '/api/tasks/%00', '/api/tasks/%E0%A4%A'])('%s is refused, as no text can be that (400)', async (path) => {
  await expectRefusal(await ada('GET', path), 400);
});

describe.each(CHANGES)('If-Match at $route', (asked) => {
  test.each([
    ['of another version', '"2"'],
    ['weak, which is not enough to write by', 'W/"1"'],
    ['without its quotes', '1'],
    ['empty', '""'],
    ['a list of others', '"0", "2", "3"'],
    ['of another service', '"abc"'],
  ])('%s is refused (412)', async (_what, tag) => {
    await expectRefusal(await ask(asked, task.id, { headers: { 'if-match': tag } }), 412);
  });

  test.each([
    ['the version', '"1"'],
    ['a list that holds it', '"7", "1"'],
    ['any', '*'],
  ])('%s lets it through', async (_what, tag) => {
    expect((await ask(asked, task.id, { headers: { 'if-match': tag } })).status).toBeLessThan(300);
  });
});

describe.each([...CHANGES, CREATE])('an Idempotency-Key at $route', (asked) => {
  const headers = { 'idempotency-key': 'k-1' };
  const feed = async () => ((await ada('GET', '/api/changes')).body as { changes: unknown[] }).changes;

  test('brings the same answer again, and acts once', async () => {
    const first = await ask(asked, task.id, { headers });
    const after = await feed();
    const again = await ask(asked, task.id, { headers });
    expect([again.status, again.body, again.headers.get('etag'), again.headers.get('location')]).toEqual([first.status, first.body, first.headers.get('etag'), first.headers.get('location')]);
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
    expect(await feed()).toEqual(after);
  });

  test('is refused for another route or task (422), and that is not done', async () => {
    await ada('POST', '/api/tasks', { headers, body: { title: 'the first to use it' } });
    const before = await feed();
    const answer = await ask(asked, task.id, { headers, ...(asked === CREATE ? { body: { title: 'another' } } : {}) });
    expect(answer).toMatchObject({ status: 422, body: { type: 'urn:todo:problem:idempotency-key-reused' } });
    expect(await feed()).toEqual(before);
  });

  test.each([
    ['longer than 255 characters', 'k'.repeat(256)],
    ['of two words', 'a b'],
  ])('cannot be %s (400)', async (_what, key) => {
    await expectRefusal(await ask(asked, task.id, { headers: { 'idempotency-key': key } }), 400);
  });

  test('of a refused request may be used again', async () => {
    if (asked === CREATE) await expectRefusal(await ask(asked, task.id, { headers, body: { title: ' ' } }), 422);
    else await expectRefusal(await ask(asked, task.id, { headers: { ...headers, 'if-match': '"9"' } }), 412);
    expect((await ask(asked, task.id, { headers })).status).toBeLessThan(300);
  });
});

describe('each wrong field is named', () => {
  const pointers = (answer: Answer) => (answer.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer).sort();
  test.each([
    ['all of them at once', { title: 7, description: null, priority: 'urgent', tags: 'home', due: 'soon', recurrence: 1, extra: 1 }, ['/description', '/due', '/extra', '/priority', '/recurrence', '/tags', '/title']],
    ['inside a due date', { title: 'x', due: { at: 7, zone: null, hour: 9 } }, ['/due/at', '/due/hour', '/due/zone']],
    ['in a list, by its place', { title: 'x', tags: ['fine', '', 7] }, ['/tags/1', '/tags/2']],
    ['with what a pointer must escape', { title: 'x', 'a/b~c': 1 }, ['/a~1b~0c']],
    ['too many tags', { title: 'x', tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, ['/tags']],
    ['what only the platform may set', { title: 'x', id: NOBODYS, owner: 'bob', version: 9, completed: true, created_at: 'now' }, ['/completed', '/created_at', '/id', '/owner', '/version']],
  ])('%s (422)', async (_what, body, expected) => {
    const answer = await ada('POST', '/api/tasks', { body });
    await expectRefusal(answer, 422);
    expect(pointers(answer)).toEqual(expected);
  });

  test('of an occurrence that nobody could make (422)', async () => {
    const answer = await ask(OCCUR, task.id, { body: { task_id: 'nothing', user_id: '', due: null, recurrence: 1 } });
    await expectRefusal(answer, 422);
    expect(pointers(answer)).toEqual(['/due', '/recurrence', '/task_id', '/user_id']);
  });
});
