import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { pathsOf } from '../../../../cli/targets/local/paths.ts';
import { portNames, type Ports } from '../../../../cli/targets/local/ports.ts';
import { foundationOf, type Processes, processesOf, type ProcessesGiven } from '../../../../cli/targets/local/processes.ts';
import type { ProcessSpec } from '../../../../cli/targets/local/supervisor/process-spec.ts';
import { platformOf, TODO } from './platforms.ts';

const given = (platform: Platform, change: Partial<ProcessesGiven> = {}): ProcessesGiven => ({
  platform,
  paths: pathsOf('/project', 'local'),
  ports: numbered(platform),
  node: '/node',
  scripts: { supervisor: '/p/supervisor.js', broker: '/p/broker.js', sidecar: '/p/sidecar.js', gateway: '/p/gateway.js' },
  scriptHashes: { supervisor: 's', broker: 'b', sidecar: 'c', gateway: 'g' },
  code: Object.fromEntries(platform.services.map(({ name }) => [name, { entry: `/b/${name}/main.js`, hash: `hash-of-${name}`, fresh: true }])),
  daprHash: 'dapr',
  postgres: { command: '/pg/postgres', args: ['-D', '/data'] },
  ...change,
});
const numbered = (platform: Platform): Ports => Object.fromEntries(portNames(platform).map((name, index) => [name, 20_000 + index]));
const named = ({ specs }: Processes, name: string): ProcessSpec => {
  const found = specs.find((spec) => spec.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const hashes = ({ specs }: Processes): Record<string, string> => Object.fromEntries(specs.map(({ name, hash }) => [name, hash]));
const differing = (a: Processes, b: Processes): string[] => Object.keys({ ...hashes(a), ...hashes(b) }).filter((name) => hashes(a)[name] !== hashes(b)[name]);

describe('what runs', () => {
  test('everything that is embedded, and each replica', async () => {
    const { specs, files } = processesOf(given(await platformOf()));
    expect(specs.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'database postgres', 'broker broker', 'sidecar sidecar', 'service task-api-0', 'service task-api-1', 'service audit-0', 'service realtime-0', 'service web-0', 'gateway gateway',
    ]);
    expect(files.map(({ path }) => path)).toEqual(['/project/.todoctl/local/config/broker.json', '/project/.todoctl/local/config/sidecar.json', '/project/.todoctl/local/config/gateway.json']);
  });

  test('with parts of one\'s own: no broker, no PostgreSQL, a daprd for each replica', async () => {
    const platform = await platformOf({ environment: 'provider: local, kafka: { bootstrap: "k:9092" }, postgres: { url: { env: X } }, dapr: { binary: daprd }' });
    const { postgres: _, ...rest } = given(platform, { daprd: '/usr/bin/daprd' });
    const processes = processesOf(rest);
    expect(processes.specs.map(({ name }) => name).filter((name) => !/^(task-api|audit|realtime|web)-\d$/.test(name))).toEqual(['task-api-0.dapr', 'task-api-1.dapr', 'audit-0.dapr', 'realtime-0.dapr', 'gateway']);
    expect(named(processes, 'audit-0').after).toEqual([]);
    const daprd = named(processes, 'audit-0.dapr');
    expect(daprd.args).toEqual(expect.arrayContaining(['/project/.todoctl/local/secrets/audit.dapr-token', '/usr/bin/daprd', '--app-id', 'audit']));
    expect(daprd.cwd).toBe('/project/.todoctl/local/dapr');
  });

  test('no sidecar where nothing goes through Dapr', async () => {
    const platform = await platformOf({ yaml: 'platform: p\ntopics: {}\nservices: { web: { route: / } }\nenvironments: { local: { provider: local } }\n' });
    expect(processesOf(given(platform)).specs.map(({ name }) => name)).toEqual(['postgres', 'broker', 'web-0', 'gateway']);
  });

  test('the foundation can be told before anything is bundled, and is the same as in the whole', async () => {
    const all = given(await platformOf());
    const { code: _, daprHash: __, ...before } = all;
    const foundation = foundationOf(before);
    expect(foundation.specs).toEqual(processesOf(all).specs.slice(0, 2));
  });
});

describe('how it is run', () => {
  test('everything is told to be on loopback, and is looked at where it listens', async () => {
    const { specs, files } = processesOf(given(await platformOf()));
    for (const { ready, port } of specs) {
      const at = 'http' in ready ? new URL(ready.http).host : `${ready.tcp.host}:${ready.tcp.port}`;
      expect(at).toBe(`127.0.0.1:${port}`);
    }
    for (const { content } of files) expect(content).not.toMatch(/0\.0\.0\.0|localhost|"::/);
  });

  test('a service gets its place, its database and its sidecar, and secrets by path only', async () => {
    const { env, cwd, args } = named(processesOf(given(await platformOf())), 'task-api-1');
    expect(env).toEqual({
      SERVICE: 'task-api', REPLICA: 'task-api-1', HOST: '127.0.0.1', PORT: '20005', LOG_LEVEL: 'info', SHUTDOWN_SECONDS: '10', TZ: 'UTC', VERSION: 'hash-of-task',
      DATABASE_URL_FILE: '/project/.todoctl/local/secrets/database-url',
      DAPR_HTTP_PORT: '20006', DAPR_API_TOKEN_FILE: '/project/.todoctl/local/secrets/task-api.dapr-token', APP_API_TOKEN_FILE: '/project/.todoctl/local/secrets/task-api.app-token',
      AUTH_MODE: 'local', NODE_COMPILE_CACHE: '/project/.todoctl/local/build/compile-cache',
    });
    expect([cwd, args.at(-1)]).toEqual(['/b/task-api', '/b/task-api/main.js']);
  });

  test('a service without database or arrows gets neither', async () => {
    const { env, after } = named(processesOf(given(await platformOf())), 'web-0');
    expect(Object.keys(env).filter((name) => /DATABASE|DAPR|APP_API/.test(name))).toEqual([]);
    expect(after).toEqual([]);
  });

  test.each([
    ['auth: { jwks: "https://id/keys", issuer: i, audience: a }', { AUTH_MODE: 'jwt', AUTH_JWKS_URL: 'https://id/keys', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' }],
    ['auth: { key: { env: KEY } }', { AUTH_MODE: 'jwt', AUTH_KEY_FILE: '/project/.todoctl/local/secrets/auth-key', AUTH_ISSUER: 'todo', AUTH_AUDIENCE: 'todo' }],
  ])('with %s identity comes from a token', async (auth, expected) => {
    const { env } = named(processesOf(given(await platformOf({ environment: `provider: local, ${auth}` }))), 'task-api-0');
    expect(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AUTH_')))).toEqual(expected);
  });

  test('what needs something comes after it', async () => {
    const { specs } = processesOf(given(await platformOf()));
    expect(Object.fromEntries(specs.filter(({ after }) => after.length > 0).map(({ name, after }) => [name, after]))).toEqual({
      sidecar: ['postgres', 'broker'], 'task-api-0': ['postgres'], 'task-api-1': ['postgres'], 'audit-0': ['postgres'],
    });
  });

  test('the sidecar has an app for each replica with arrows, the gateway a route for each service that has one', async () => {
    const { files } = processesOf(given(await platformOf()));
    const [, sidecar, gateway] = files.map(({ content }) => JSON.parse(content) as { apps: { podName: string; appPort: number; httpPort: number }[]; routes: unknown });
    expect(sidecar?.apps.map(({ podName, appPort, httpPort }) => [podName, appPort, httpPort])).toEqual([['task-api-0', 20_003, 20_004], ['task-api-1', 20_005, 20_006], ['audit-0', 20_007, 20_008], ['realtime-0', 20_009, 20_010]]);
    expect(gateway?.routes).toEqual([
      { prefix: '/api', upstreams: [{ host: '127.0.0.1', port: 20_003 }, { host: '127.0.0.1', port: 20_005 }] },
      { prefix: '/live', upstreams: [{ host: '127.0.0.1', port: 20_009 }] },
      { prefix: '/', upstreams: [{ host: '127.0.0.1', port: 20_011 }] },
    ]);
  });
});

describe('what is restarted when something changes', () => {
  test('nothing when nothing has changed', async () => {
    const [one, two] = [await platformOf(), await platformOf()];
    expect(differing(processesOf(given(one)), processesOf(given(two)))).toEqual([]);
  });

  test('the code of a service: its replicas', async () => {
    const platform = await platformOf();
    const { code } = given(platform);
    const changed = given(platform, { code: { ...code, 'task-api': { entry: '/b/task-api/main.js', hash: 'other', fresh: false } } });
    expect(differing(processesOf(given(platform)), processesOf(changed))).toEqual(['task-api-0', 'task-api-1']);
  });

  test('the Dapr files: the sidecar', async () => {
    const platform = await platformOf();
    expect(differing(processesOf(given(platform)), processesOf(given(platform, { daprHash: 'other' })))).toEqual(['sidecar']);
  });

  test('a process\'s own script: that process', async () => {
    const platform = await platformOf();
    const changed = given(platform, { scriptHashes: { supervisor: 'x', broker: 'x', sidecar: 'c', gateway: 'g' } });
    expect(differing(processesOf(given(platform)), processesOf(changed))).toEqual(['broker']);
  });

  test('one replica more: it, and those that must know it', async () => {
    const [two, three] = [await platformOf(), await platformOf({ yaml: TODO.replace('replicas: 2', 'replicas: 3') })];
    const ports = { ...numbered(two), 'task-api-2': 21_000, 'task-api-2.dapr': 21_001 };
    expect(differing(processesOf(given(two)), processesOf(given(three, { ports })))).toEqual(['sidecar', 'gateway', 'task-api-2']);
  });

  test('the node that runs it: everything but PostgreSQL', async () => {
    const platform = await platformOf();
    expect(differing(processesOf(given(platform)), processesOf(given(platform, { node: '/other/node' })))).not.toContain('postgres');
  });
});
