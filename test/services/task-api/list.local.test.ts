// The list and the feed over a real database, by random stories: what a reader pages through is what a plain filter over all
// tasks would give, whoever writes meanwhile.
import { randomUUIDv7 } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../../services/contracts/task.ts';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { feedHead, readFeed } from '../../../services/kit/event-store.ts';
import { migrate } from '../../../services/kit/migrate.ts';
import { createOutbox } from '../../../services/kit/outbox.ts';
import { newTrace } from '../../../services/kit/trace.ts';
import { listTasks, readListQuery } from '../../../services/task-api/list.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { deciding, loadTask, writeTasks } from '../../../services/task-api/task-log.ts';
import { decide, type Command, type TaskFields } from '../../../services/task-api/task.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let database: Database;
let turn = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = openDatabase({ url: await postgres.createDatabase('todoapp'), schema: 'task_api', connections: 8 });
  await migrate(database, migrations);
});
afterAll(async () => {
  await database?.close();
  await postgres?.stop();
});

const PLAIN: TaskFields = { title: 'x', description: '', priority: 'medium', tags: [], due: null, recurrence: null };
const owner = () => `ada-${turn}`;

async function carry(id: string, command: Command): Promise<void> {
  await deciding(database, async (tx) => {
    const before = await loadTask(tx, id);
    const decision = decide(before, command);
    if (!('events' in decision)) throw new Error(`${command.do} was refused`);
    await writeTasks(tx, createOutbox(database), newTrace(), [{ before, events: decision.events }]);
  });
}
/** Makes a task; several may be of one millisecond, so that only their ids order them. */
async function make(fields: Partial<TaskFields> = {}, at = '2026-11-21T10:00:00.000Z'): Promise<string> {
  const id = randomUUIDv7();
  await carry(id, { do: 'create', id, owner: owner(), fields: { ...PLAIN, ...fields }, at });
  return id;
}
/** All pages of a query, with `between` done before each page but the first. */
async function pages(query: string, between: () => Promise<unknown> = async () => undefined): Promise<Task[][]> {
  const read: Task[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    if (read.length > 100) throw new Error('the pages do not end');
    if (read.length > 0) await between();
    const page = await listTasks(database, owner(), readListQuery(new URLSearchParams(`${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)));
    read.push(page.tasks);
    cursor = page.next;
  }
  return read;
}
const titles = async (query: string) => (await pages(query)).flat().map(({ title }) => title).sort();

describe('paging', () => {
  test('gives each task that was there once, in order, though others are made, changed and deleted meanwhile', async () => {
    const story = fc.record({
      times: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }),
      limit: fc.integer({ min: 1, max: 5 }),
      meanwhile: fc.array(fc.constantFrom('make', 'make older', 'change', 'delete'), { maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ times, limit, meanwhile }) => {
        turn += 1;
        const there: string[] = [];
        for (const second of times) there.push(await make({}, `2026-11-21T10:00:0${second}.000Z`));
        const left = [...meanwhile];
        const gone = new Set<string>();
        const between = async () => {
          const what = left.shift();
          if (what === 'make') await make({}, '2026-11-21T10:01:00.000Z');
          if (what === 'make older') await make({ title: 'older' }, '2026-11-21T09:00:00.000Z');
          if (what === 'change') await carry(there[0] ?? '', { do: 'change', fields: { title: `y ${left.length}` }, at: '2026-11-21T11:00:00.000Z' });
          if (what === 'delete' && there.length > 1 && !gone.has(there[1] ?? '')) {
            await carry(there[1] ?? '', { do: 'delete', at: '2026-11-21T11:00:00.000Z' });
            gone.add(there[1] ?? '');
          }
        };
        const read = (await pages(`limit=${limit}`, between)).flat();
        const ids = read.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(there.filter((id) => !gone.has(id) && !ids.includes(id))).toEqual([]);
        expect(read.map(({ created_at, id }) => created_at + id)).toEqual(read.map(({ created_at, id }) => created_at + id).sort().reverse());
      }),
      { numRuns: 20 },
    );
  });

  test.each([1, 2, 3, 4, 5])('four tasks by pages of %i: no empty page at the end', async (limit) => {
    turn += 1;
    for (let n = 0; n < 4; n += 1) await make();
    expect((await pages(`limit=${limit}`)).map((page) => page.length)).toEqual(Array.from({ length: Math.ceil(4 / limit) }, (_, index) => Math.min(limit, 4 - index * limit)));
  });

  test('a cursor may be used again, and by whoever asks for the same', async () => {
    turn += 1;
    for (let n = 0; n < 3; n += 1) await make({ priority: 'high', tags: ['a', 'b'], title: `b${n}` });
    const query = 'priority=high&tag=a&tag=b&q=B&completed=false&limit=1';
    const first = await listTasks(database, owner(), readListQuery(new URLSearchParams(query)));
    const second = () => listTasks(database, owner(), readListQuery(new URLSearchParams(`${query}&cursor=${first.next}`)));
    expect(await second()).toEqual(await second());
    expect((await second()).tasks.map(({ title }) => title)).toEqual(['b1']);
  });
});

describe('filters', () => {
  const STOCK: Partial<TaskFields>[] = [
    { title: '100% done', tags: ['a'], priority: 'high' },
    { title: '100 done', tags: ['a', 'b'] },
    { title: 'snake_case', description: 'line one\nline two' },
    { title: 'snakeXcase', tags: ['b'], priority: 'low' },
    { title: 'C:\\temp', description: "it's \"quoted\"" },
    { title: 'ÄPFEL kaufen', tags: ['Ä'] },
    { title: 'Ὀδυσσεύς' },
    { title: '🪴 water', tags: ['🪴'] },
  ];
  beforeAll(async () => {
    turn += 1;
    for (const [index, fields] of STOCK.entries()) {
      const id = await make(fields);
      if (index % 3 === 0) await carry(id, { do: 'complete', at: '2026-11-21T12:00:00.000Z' });
    }
  });

  test.each([
    ['%', ['100% done']],
    ['_', ['snake_case']],
    ['\\', ['C:\\temp']],
    ["'", ['C:\\temp']],
    ['"quoted"', ['C:\\temp']],
    ['E_C', ['snake_case']],
    ['äpfel', ['ÄPFEL kaufen']],
    ['ὈΔΥΣ', ['Ὀδυσσεύς']],
    ['🪴', ['🪴 water']],
    ['line one\nline', ['snake_case']],
    ['100', ['100 done', '100% done']],
    ['.*', []],
    ['%%', []],
  ])('a text of %j is looked for as it is', async (q, expected) => {
    expect(await titles(`q=${encodeURIComponent(q)}`)).toEqual(expected);
  });

  test('a tag is one whole tag, in its own case', async () => {
    expect(await titles('tag=a')).toEqual(['100 done', '100% done']);
    expect(await titles('tag=%C3%84')).toEqual(['ÄPFEL kaufen']);
    expect(await titles('tag=A')).toEqual([]);
    expect(await titles(`tag=${encodeURIComponent('a","b')}`)).toEqual([]);
  });

  test('all together give what each alone would leave', async () => {
    const all = (await pages('')).flat();
    const chosen = fc.record({ completed: fc.constantFrom('', 'true', 'false'), priority: fc.constantFrom('', 'low', 'medium', 'high'), tags: fc.subarray(['a', 'b']), q: fc.constantFrom('', 'done', 'case', '1') });
    await fc.assert(
      fc.asyncProperty(chosen, async ({ completed, priority, tags, q }) => {
        const query = new URLSearchParams({ limit: '2', ...(completed ? { completed } : {}), ...(priority ? { priority } : {}), ...(q ? { q } : {}) });
        for (const tag of tags) query.append('tag', tag);
        const fits = (task: Task) =>
          (completed === '' || String(task.completed) === completed) && (priority === '' || task.priority === priority) && tags.every((tag) => task.tags.includes(tag)) && task.title.includes(q);
        expect((await pages(query.toString())).flat()).toEqual(all.filter(fits));
      }),
      { numRuns: 40 },
    );
  });
});

test('a reader that follows the feed while many write gets every event once, each task’s in order, and ends at the head', async () => {
  turn += 1;
  const WRITERS = 6;
  const write = async (): Promise<void> => {
    const id = await make();
    for (let n = 1; n <= 6; n += 1) await carry(id, { do: 'change', fields: { title: `x ${n}` }, at: '2026-11-21T11:00:00.000Z' });
  };
  let writing = true;
  const writers = Promise.all(Array.from({ length: WRITERS }, write)).finally(() => (writing = false));
  const seen: { stream: string; version: number; position: string }[] = [];
  let after: string | undefined;
  for (let idle = false; writing || !idle; ) {
    const page = await readFeed(database, { after, limit: 4, scope: owner() });
    idle = page.length === 0;
    seen.push(...page);
    after = page.at(-1)?.position ?? after;
  }
  await writers;
  // What was committed after the last empty page, and before the writers' end was seen.
  seen.push(...(await readFeed(database, { after, limit: 1000, scope: owner() })));
  expect(seen).toHaveLength(WRITERS * 7);
  const byTask = Map.groupBy(seen, ({ stream }) => stream);
  for (const events of byTask.values()) expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(seen.at(-1)?.position).toBe(await feedHead(database));
});
