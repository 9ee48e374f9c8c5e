// kill -9 of each part while tasks are created and completed. Whatever was acknowledged is in the event store, on the topic in order per task,
// and has its effect once; and the platform is ready again by itself.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestPlatform, PACKAGE, type TestPlatform } from '../support/platform.ts';
import { type Acknowledged, writeTasks } from '../support/writer.ts';

const TASKS = 300;
/** Every tenth task repeats: its completion must make exactly one next occurrence. */
const REPEATING = TASKS / 10;

let platform: TestPlatform;
let entrance: URL;
let database: pg.Pool;

beforeAll(async () => {
  const yaml = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
  const two = ['task-api', 'recurrence', 'audit', 'realtime', 'web'].map((name) => `${name}: { replicas: 2 }`).join(', ');
  platform = await createTestPlatform({ yaml: yaml.replace('local:   { provider: local }', `local: { provider: local, services: { ${two} } }`) });
  const { running } = await platform.deploy();
  entrance = new URL(running?.entrance ?? '');
  const url = await readFile(path.join(platform.folder, '.todoctl/local/secrets/database-url'), 'utf8');
  database = new pg.Pool({ connectionString: url.trim(), max: 2 });
  // A killed server ends idle connections; the pool opens new ones.
  database.on('error', () => undefined);
});

afterAll(async () => {
  await database.end();
  await platform.dispose();
});

describe.each(['task-api-0', 'sidecar', 'broker', 'postgres', 'supervisor'])('kill -9 of %s under load', (victim) => {
  const user = `user-of-${victim}`;
  let written: Acknowledged[];
  let killed: number;

  beforeAll(async () => {
    const { processes } = await platform.waitReady();
    const pid = processes.find(({ name }) => name === victim)?.pid;
    if (pid === undefined) throw new Error(`${victim} does not run`);
    killed = pid;
    written = await writeTasks({
      entrance,
      user,
      tasks: TASKS,
      repeating: (index) => index % (TASKS / REPEATING) === 0,
      concurrency: 8,
      withinMs: 120_000,
      at: { completed: TASKS / 3, then: () => process.kill(pid, 'SIGKILL') },
    });
  });

  test('everything is ready again by itself, the victim with a new pid', async () => {
    const { processes } = await platform.waitReady();
    expect(new Set(processes.map(({ state }) => state))).toEqual(new Set(['ready']));
    expect(processes.find(({ name }) => name === victim)?.pid).not.toBe(killed);
  });

  test('every acknowledged change is in the event store, once', async () => {
    expect(written).toHaveLength(TASKS);
    await eventually(async () => (await tasksOf(user)) >= TASKS + REPEATING);
    const { rows } = await database.query<{ stream: string; types: string[] }>(
      'SELECT stream, array_agg(type ORDER BY version) AS types FROM task_api.events WHERE scope = $1 GROUP BY stream', [user]);
    const found = new Map(rows.map(({ stream, types }) => [stream, types]));
    for (const { id, repeats } of written) {
      expect(found.get(id)).toEqual(['task.created.v1', 'task.completed.v1', ...(repeats ? ['task.recurring.triggered.v1'] : [])]);
    }
  });

  test('every repeating task came back exactly once', async () => {
    expect(await tasksOf(user)).toBe(TASKS + REPEATING);
  });

  test('the topic has every event in order per task, after dropping repeats of an event id', async () => {
    const stored = await storedOf(user);
    expect(stored.size).toBe(TASKS + REPEATING);
    await eventually(async () => (await onTopic(user)).size >= stored.size);
    expect(await onTopic(user)).toEqual(stored);
  });

  test('audit kept every event of the topic, once', async () => {
    const count = async (): Promise<number> => {
      const { rows } = await database.query<{ count: string }>(
        `SELECT count(*) FROM audit.records WHERE event_id IN (SELECT id::text FROM task_api.events WHERE scope = $1)`, [user]);
      return Number(rows[0]?.count);
    };
    const expected = [...(await storedOf(user)).values()].flat().length;
    await eventually(async () => (await count()) >= expected);
    expect(await count()).toBe(expected);
  });
});

async function tasksOf(user: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>('SELECT count(*) FROM task_api.tasks WHERE owner = $1', [user]);
  return Number(rows[0]?.count);
}

/** Event ids by task, in the order of the event store. */
async function storedOf(user: string): Promise<Map<string, string[]>> {
  const { rows } = await database.query<{ stream: string; ids: string[] }>(
    'SELECT stream, array_agg(id::text ORDER BY version) AS ids FROM task_api.events WHERE scope = $1 GROUP BY stream ORDER BY stream', [user]);
  return new Map(rows.map(({ stream, ids }) => [stream, ids]));
}

interface TopicLine {
  value: { id: string; subject: string; data: { user_id: string } };
}

/** Event ids by task, in the order of the topic, repeats dropped. */
async function onTopic(user: string): Promise<Map<string, string[]>> {
  const { stdout } = await platform.run('events', 'tail', 'task-events', '--from', 'beginning', '--no-follow', '--json');
  const byTask = new Map<string, string[]>();
  for (const line of stdout.split('\n').filter(Boolean)) {
    const { id, subject, data } = (JSON.parse(line) as TopicLine).value;
    if (data.user_id !== user) continue;
    const ids = byTask.get(subject) ?? [];
    if (!ids.includes(id)) byTask.set(subject, [...ids, id]);
  }
  return new Map([...byTask].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Waits until something is so; what follows then asserts it. */
async function eventually(isSo: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
