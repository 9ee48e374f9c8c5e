import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { pathsOf } from '../../../../cli/targets/local/paths.ts';
import { freeBytesOf, preflight, type PreflightGiven } from '../../../../cli/targets/local/preflight.ts';
import { findProgram } from '../../../../cli/targets/local/programs.ts';
import { platformOf, temporaryFolder } from './platforms.ts';

/** A folder that looks like a built todoctl with these services. */
function builtPackage(...services: string[]): string {
  const folder = temporaryFolder();
  for (const name of ['supervisor', 'broker', 'sidecar', 'gateway']) write(folder, `dist/processes/${name}.js`);
  for (const name of services) {
    write(folder, `dist/services/${name}/main.js`);
    write(folder, `dist/services/${name}/inputs.json`, '{"recipe":0,"inputs":{},"hash":"h"}');
  }
  return folder;
}

function write(folder: string, file: string, text = ''): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

const SERVICES = ['task-api', 'audit', 'realtime', 'web'];

async function givenFor(environment = 'provider: local', change: Partial<PreflightGiven> = {}): Promise<PreflightGiven> {
  const folder = temporaryFolder();
  const platform = await platformOf({ environment, folder });
  return {
    paths: pathsOf(folder, 'local'),
    env: {},
    packageRoot: builtPackage(...SERVICES),
    platform: async () => platform,
    nodeVersion: '26.1.0',
    freeBytes: async () => 10 * 1024 ** 3,
    ...change,
  };
}

const failures = async (given: PreflightGiven): Promise<string[]> => (await preflight(given)).flatMap(({ title, error }) => (error ? [`${title}: ${error.code}: ${error.message}`] : []));

test('a machine where all is well: every check by name, nothing made', async () => {
  const given = await givenFor();
  expect(await preflight(given)).toEqual(['Node', 'todoctl is built', 'State folder can be written', 'Free disk space', 'todoctl.yaml', 'Code of the services', 'PostgreSQL'].map((title) => ({ title })));
  expect(readdirSync(given.paths.root)).toEqual(['todoctl.yaml']);
});

test('all that is wrong is found at once', async () => {
  const given = await givenFor('provider: local, dapr: { binary: ./no/daprd }', { nodeVersion: '20.1.0', freeBytes: async () => 5 * 1024 ** 2, packageRoot: temporaryFolder() });
  expect((await failures(given)).map((line) => line.split(': ')[1])).toEqual(['TODOCTL_NODE_TOO_OLD', 'TODOCTL_NOT_BUILT', 'TODOCTL_DISK_FULL', 'TODOCTL_SERVICE_MISSING', 'TODOCTL_DAPRD_MISSING']);
});

test('a broken definition is one of the findings, and the rest is still looked at', async () => {
  const error = new TodoctlError('TODOCTL_USAGE', { message: 'broken' });
  const checks = await preflight(await givenFor(undefined, { platform: async () => { throw error; } }));
  expect(checks.filter((check) => check.error)).toEqual([{ title: 'todoctl.yaml', error }]);
  expect(checks.map(({ title }) => title)).not.toContain('PostgreSQL');
});

describe('disk space', () => {
  test('says how much is free and how much is needed, in whole megabytes', async () => {
    expect(await failures(await givenFor(undefined, { freeBytes: async () => 100.9 * 1024 ** 2 }))).toEqual([
      'Free disk space: TODOCTL_DISK_FULL: 100 MB are free for .todoctl/local, the platform needs 512 MB',
    ]);
  });

  test('how much is needed can be set', async () => {
    const change = { freeBytes: async () => 100 * 1024 ** 2, env: { TODOCTL_MIN_FREE_MB: '100' } };
    expect(await failures(await givenFor(undefined, change))).toEqual([]);
  });

  test('is asked of the disk itself', async () => {
    expect(await freeBytesOf(temporaryFolder())).toBeGreaterThan(0);
  });
});

describe('fixed ports', () => {
  test('one that somebody else has is refused with who it is', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const [found] = await failures(await givenFor(`provider: local, ports: { postgres: ${port} }`));
    expect(found).toContain(`Port for postgres: TODOCTL_PORT_TAKEN: Port ${port} (postgres) is taken by`);
    server.close();
    await once(server, 'close');
    expect(await failures(await givenFor(`provider: local, ports: { postgres: ${port} }`))).toEqual([]);
  });
});

describe('code', () => {
  test('of a service is missing: it is named', async () => {
    expect(await failures(await givenFor(undefined, { packageRoot: builtPackage('task-api', 'audit', 'realtime') }))).toEqual([
      'Code of the services: TODOCTL_SERVICE_MISSING: The service web has no code: services/web/main.ts does not exist',
    ]);
  });

  test('the project\'s own counts', async () => {
    const given = await givenFor(undefined, { packageRoot: builtPackage('task-api', 'audit', 'realtime') });
    write(given.paths.root, 'services/web/main.ts');
    expect(await failures(given)).toEqual([]);
  });

  test('a build that was interrupted is not taken', async () => {
    const packageRoot = builtPackage(...SERVICES);
    write(packageRoot, 'dist/services/web/inputs.json', '{');
    expect(await failures(await givenFor(undefined, { packageRoot }))).toEqual(['Code of the services: TODOCTL_NOT_BUILT: todoctl is not built: dist/services/web is not complete']);
  });
});

describe('parts of one\'s own', () => {
  test('a PostgreSQL whose URL is not set, and one that does not answer', async () => {
    const environment = 'provider: local, postgres: { url: { env: URL } }';
    expect(await failures(await givenFor(environment))).toEqual(['PostgreSQL: TODOCTL_SECRET_MISSING: The environment variable URL is not set']);
    const [silent] = await failures(await givenFor(environment, { env: { URL: 'postgres://user:s3cret@127.0.0.1:1/db' } }));
    expect(silent).toMatch(/^PostgreSQL: TODOCTL_DATABASE_UNREACHABLE: /);
    expect(silent).not.toContain('s3cret');
  });

  test('a Kafka: one address that answers is enough', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await failures(await givenFor(`provider: local, kafka: { bootstrap: "127.0.0.1:1,127.0.0.1:${port}" }`))).toEqual([]);
    server.close();
    expect(await failures(await givenFor('provider: local, kafka: { bootstrap: "127.0.0.1:1" }'))).toEqual(['Kafka: TODOCTL_BOOTSTRAP_UNREACHABLE: No Kafka answers at 127.0.0.1:1']);
  });
});

test('a program is found by path, or by name on PATH, when it may be executed', async () => {
  const folder = temporaryFolder();
  const program = path.join(folder, 'daprd');
  writeFileSync(program, '');
  expect(await findProgram(program, {})).toBeUndefined();
  chmodSync(program, 0o755);
  expect(await findProgram(program, {})).toBe(program);
  expect(await findProgram('daprd', { PATH: `/nowhere:${folder}` })).toBe(program);
  expect(await findProgram('daprd', {})).toBeUndefined();
});
