import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlatform } from '../../../cli/definition/load.ts';
import type { Platform } from '../../../cli/definition/platform.ts';
import { SYSTEM_SCHEMAS } from '../../../cli/systems/all.ts';
import { TOPICS } from '../../../services/contracts/names.ts';
import { load, minimal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const own = (environment: string): Promise<Platform> => loadPlatform({ cwd: root, environment, env: {}, systems: SYSTEM_SCHEMAS });

describe('the platform’s own todoctl.yaml', () => {
  test.each(['local', 'staging', 'prod'])('loads for %s', async (environment) => {
    const platform = await own(environment);
    expect(platform.environment.name).toBe(environment);
    expect(platform.file).toBe(path.join(root, 'todoctl.yaml'));
  });

  test('declares the topics of services/contracts with their keys', async () => {
    const { topics } = await own('local');
    const declared = topics.filter(({ deadLetterOf }) => deadLetterOf === undefined).map(({ name, key }) => [name, { key }]);
    expect(Object.fromEntries(declared)).toEqual(TOPICS);
  });

  test('runs one replica of each service locally and scale.min of them in a cluster', async () => {
    const replicas = async (environment: string): Promise<unknown> => {
      const { services } = await own(environment);
      return Object.fromEntries(services.map((service) => [service.name, service.replicas]));
    };
    expect(await replicas('local')).toEqual({ 'task-api': 1, recurrence: 1, audit: 1, realtime: 1, web: 1 });
    expect(await replicas('staging')).toEqual({ 'task-api': 1, recurrence: 1, audit: 1, realtime: 1, web: 1 });
    expect(await replicas('prod'), 'a protected one loses no service with one node').toEqual({ 'task-api': 3, recurrence: 2, audit: 2, realtime: 2, web: 2 });
  });

  test('every service of a protected environment may grow, as it says or from 2 to 4', async () => {
    const scales = async (environment: string): Promise<unknown> => {
      const { services } = await own(environment);
      return Object.fromEntries(services.map((service) => [service.name, service.scale]));
    };
    const declared = { 'task-api': { min: 3, max: 20, cpu: 70, memory: 80 }, recurrence: { min: 2, max: 6, lag: 500 } };
    expect(await scales('staging')).toEqual({ 'task-api': { ...declared['task-api'], min: 1, max: 4 }, recurrence: { ...declared.recurrence, min: 1, max: 2 } });
    expect(await scales('prod')).toEqual({ ...declared, audit: { min: 2, max: 4 }, realtime: { min: 2, max: 4 }, web: { min: 2, max: 4 } });
  });

  test('derives every arrow', async () => {
    const { services } = await own('local');
    const arrows = services.flatMap(({ name, publishes, subscriptions, invokes }) => [
      ...publishes.map((topic) => `${name} → ${topic}`),
      ...subscriptions.map(({ topic, component, group }) => `${topic} → ${name} by ${component} as ${group}`),
      ...invokes.map((other) => `${name} calls ${other}`),
    ]);
    expect(arrows).toMatchInlineSnapshot(`
      [
        "task-api → task-events",
        "task-api → task-updates",
        "task-events → recurrence by pubsub as recurrence",
        "recurrence calls task-api",
        "task-events → audit by pubsub as audit",
        "reminders → audit by pubsub as audit",
        "task-updates → realtime by pubsub-realtime as realtime-{podName}",
        "realtime calls task-api",
      ]
    `);
  });
});

describe('where the definition is looked for', () => {
  test('upwards from the current folder; its folder is the project’s root', async () => {
    const folder = await temporaryFolder();
    const deep = path.join(folder, 'a/b/c');
    await mkdir(deep, { recursive: true });
    await writeFile(path.join(folder, 'todoctl.yaml'), minimal());
    await expect(loadPlatform({ cwd: deep, environment: 'local', env: {} })).resolves.toMatchObject({ root: folder });
  });

  test('the nearest one wins', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'inner'));
    await writeFile(path.join(folder, 'todoctl.yaml'), minimal());
    await writeFile(path.join(folder, 'inner/todoctl.yaml'), minimal().replace('platform: todo', 'platform: inner'));
    await expect(loadPlatform({ cwd: path.join(folder, 'inner'), environment: 'local', env: {} })).resolves.toMatchObject({ name: 'inner' });
  });
});

describe('defaults', () => {
  test('of a topic: three partitions, seven days, all bytes; its dead letters: one partition, thirty days', async () => {
    const { topics } = await load(minimal());
    const days = 86_400_000;
    expect(topics).toEqual([
      { name: 'task-events', key: 'task', partitions: 3, retentionMs: 7 * days, deadLetter: 'task-events.dlq' },
      { name: 'task-events.dlq', key: 'task', partitions: 1, retentionMs: 30 * days, deadLetterOf: 'task-events' },
    ]);
  });

  test('of a service: no database, no state, one replica', async () => {
    const { services } = await load(minimal());
    expect(services[0]).toMatchObject({ database: false, state: false, replicas: 1, invokes: [], invokedBy: [], subscriptions: [] });
  });

  test('of an environment: not protected, free ports', async () => {
    const { environment } = await load(minimal());
    expect(environment).toEqual({ name: 'local', provider: 'local', protected: false, ports: {}, systems: {} });
  });
});

describe('what an environment says goes over what the platform says', () => {
  const here = (settings: string): string => minimal(`  here: { provider: local, ${settings} }\n`);

  test('partitions, retention and size of a topic; the rest stays', async () => {
    const { topics } = await load(here('topics: { task-events: { partitions: 6, retention: 1h30m, retentionSize: 512MiB } }'), 'here');
    expect(topics[0]).toMatchObject({ key: 'task', partitions: 6, retentionMs: 5_400_000, retentionBytes: 512 * 1024 * 1024 });
  });

  test('replicas of a service', async () => {
    const { services } = await load(here('services: { task-api: { replicas: 2 } }'), 'here');
    expect(services[0]).toMatchObject({ name: 'task-api', route: '/api', replicas: 2, publishes: ['task-events'] });
  });

  test('single bounds of a scale', async () => {
    const scaled = here('services: { task-api: { scale: { max: 5 } } }').replace('route: /api', 'route: /api, scale: { min: 2, max: 9, cpu: 70 }');
    const { services } = await load(scaled, 'here');
    expect(services[0]?.scale).toEqual({ min: 2, max: 5, cpu: 70 });
  });

  test('other environments do not see it', async () => {
    const { services } = await load(here('services: { task-api: { replicas: 2 } }'), 'local');
    expect(services[0]?.replicas).toBe(1);
  });

  test('real parts instead of the embedded ones', async () => {
    const { environment } = await load(
      here('kafka: { bootstrap: "127.0.0.1:9092,127.0.0.1:9093" }, dapr: { binary: .cache/daprd }, postgres: { url: { env: DATABASE_URL } }, ports: { entrance: 8080 }'),
      'here',
    );
    expect(environment).toMatchObject({
      kafka: { bootstrap: '127.0.0.1:9092,127.0.0.1:9093' },
      postgres: { url: { env: 'DATABASE_URL' } },
      ports: { entrance: 8080 },
    });
  });
});

describe('paths in the definition are relative to it', () => {
  test.each([
    ['secrets/url', (root: string) => path.join(root, 'secrets/url')],
    ['/run/secrets/url', () => '/run/secrets/url'],
    ['~/url', () => '/home/me/url'],
  ])('%s', async (file, expected) => {
    const platform = await load(minimal().replace('provider: local', `provider: local, postgres: { url: { file: ${file} } }, auth: { key: { file: ${file} } }`));
    expect(platform.environment).toMatchObject({ postgres: { url: { file: expected(platform.root) } }, auth: { key: { file: expected(platform.root) } } });
  });

  test('a daprd with a slash is a path, one without is looked up on PATH', async () => {
    const byPath = await load(minimal().replace('provider: local', 'provider: local, dapr: { binary: bin/daprd }'));
    expect(byPath.environment.dapr).toEqual({ binary: path.join(byPath.root, 'bin/daprd') });
    const byName = await load(minimal().replace('provider: local', 'provider: local, dapr: { binary: daprd }'));
    expect(byName.environment.dapr).toEqual({ binary: 'daprd' });
  });
});

describe('spellings', () => {
  test('a file that begins with a byte order mark', async () => {
    await expect(load(`\ufeff${minimal()}`)).resolves.toMatchObject({ name: 'todo' });
  });

  test('Windows line ends', async () => {
    await expect(load(minimal().replaceAll('\n', '\r\n'))).resolves.toMatchObject({ name: 'todo' });
  });

  test('JSON, which is YAML too', async () => {
    const json = JSON.stringify({ platform: 'todo', topics: {}, services: {}, environments: { local: { provider: 'local' } } });
    await expect(load(json)).resolves.toMatchObject({ name: 'todo', topics: [], services: [] });
  });

  test('anchors and aliases, as long as there are few', async () => {
    const { topics } = await load(minimal().replace('task-events: { key: task }', 'task-events: &usual { key: task, partitions: 2 }\n  reminders: *usual'));
    expect(topics.map(({ name, partitions }) => `${name} ${partitions}`)).toEqual(['task-events 2', 'task-events.dlq 1', 'reminders 2', 'reminders.dlq 1']);
  });

  test('a key of Object.prototype is a key like any other', async () => {
    await expect(load(minimal('__proto__: { polluted: true }\n'))).rejects.toMatchObject({ code: 'TODOCTL_DEFINITION_UNKNOWN_KEY' });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('who signs tokens', () => {
  const auth = async (text: string) => (await load(minimal().replace('provider: local', `provider: local, auth: ${text}`))).environment.auth;

  test('is by itself named as its keys’ origin is, and tokens are for the platform', async () => {
    expect(await auth('{ jwks: "https://id.example.com:8443/realms/todo/keys" }')).toEqual({ jwks: 'https://id.example.com:8443/realms/todo/keys', issuer: 'https://id.example.com:8443', audience: 'todo' });
    expect(await auth('{ key: { env: KEY } }')).toEqual({ key: { env: 'KEY' }, issuer: 'todo', audience: 'todo' });
  });

  test('or as the environment says', async () => {
    expect(await auth('{ jwks: "https://id.example.com/keys", issuer: someone, audience: others }')).toMatchObject({ issuer: 'someone', audience: 'others' });
  });
});
