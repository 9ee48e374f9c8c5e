// The small parts that all others stand on: where things lie, which programs run, how PostgreSQL is called.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kafkaAccess } from '../../../../cli/targets/local/kafka.ts';
import { packageRoot, PROCESS_SCRIPTS, processScripts } from '../../../../cli/targets/local/package-root.ts';
import { type Paths, pathsOf } from '../../../../cli/targets/local/paths.ts';
import { listenerOf } from '../../../../cli/targets/local/ports.ts';
import { databaseUrl, schemaOf, serviceUrl } from '../../../../cli/targets/local/postgres/database.ts';
import { serverCommand } from '../../../../cli/targets/local/postgres/server.ts';
import { knownSecrets, secretOf } from '../../../../cli/targets/local/secrets.ts';
import { readGatewayConfig } from '../../../../cli/targets/local/gateway/config.ts';
import { problemBody, problemHeaders } from '../../../../cli/targets/local/gateway/problem.ts';
import { PACKAGE } from '../../../support/platform.ts';
import { platformOf, temporaryFolder } from './platforms.ts';

describe('paths', () => {
  const all = (paths: Paths): [string, string][] => Object.entries(paths) as [string, string][];

  test('everything of an environment lies under its own folder, but for the lock, which lies beside it', () => {
    const paths = pathsOf('/p', 'staging');
    for (const [name, place] of all(paths)) {
      if (!['root', 'home', 'lock'].includes(name)) expect([name, place]).toEqual([name, expect.stringMatching(/^\/p\/\.todoctl\/staging(\/|$)/)]);
    }
    expect([paths.home, paths.lock]).toEqual(['/p/.todoctl', '/p/.todoctl/staging.lock']);
  });

  test('two environments, or two checkouts, share nothing but what they must', () => {
    const of = (root: string, environment: string): Set<string> => new Set(all(pathsOf(root, environment)).map(([, place]) => place));
    expect(of('/p', 'local').intersection(of('/p', 'real'))).toEqual(new Set(['/p', '/p/.todoctl']));
    expect(of('/p', 'local').intersection(of('/q', 'local'))).toEqual(new Set());
  });
});

describe('the programs of the platform', () => {
  test('are found in the package that this file is part of', () => {
    expect(packageRoot()).toBe(PACKAGE);
  });

  test('are the four built ones, by absolute path; the first that is missing is named', () => {
    const root = temporaryFolder();
    const build = (name: string): void => {
      mkdirSync(path.join(root, 'dist/processes'), { recursive: true });
      writeFileSync(path.join(root, 'dist/processes', `${name}.js`), '');
    };
    for (const [index, name] of PROCESS_SCRIPTS.entries()) {
      expect(() => processScripts(root)).toThrow(expect.objectContaining({ code: 'TODOCTL_NOT_BUILT', message: `todoctl is not built: dist/processes/${PROCESS_SCRIPTS[index]}.js is missing` }) as Error);
      build(name);
    }
    expect(Object.keys(processScripts(root))).toEqual([...PROCESS_SCRIPTS]);
    expect(Object.values(processScripts(root)).every((file) => path.isAbsolute(file))).toBe(true);
  });
});

describe('who listens on a port', () => {
  test.each([
    ['entrance', 'gateway'], ['kafka', 'broker'], ['postgres', 'postgres'], ['task-api-0', 'task-api-0'], ['task-api-0.dapr', 'sidecar'], ['a.dapr-grpc', 'sidecar'],
  ])('%s: %s', async (name, listener) => {
    expect(listenerOf(name, await platformOf())).toBe(listener);
  });

  test('with a daprd of one\'s own each replica has its own', async () => {
    const platform = await platformOf({ environment: 'provider: local, dapr: { binary: daprd }' });
    expect(['audit-0.dapr', 'audit-0.dapr-grpc', 'audit-0.dapr-internal-grpc', 'audit-0'].map((name) => listenerOf(name, platform))).toEqual(['audit-0.dapr', 'audit-0.dapr', 'audit-0.dapr', 'audit-0']);
  });
});

describe('how PostgreSQL is called', () => {
  const runAs = { way: 'itself' as const, uid: 1, wrap: (line: { command: string; args: readonly string[] }) => line };
  const binaries = { initdb: '/pg/initdb', postgres: '/pg/postgres', major: 18, version: '18.4' };
  const settingsOf = (args: readonly string[]): Record<string, string> => Object.fromEntries(args.flatMap((arg, index) => (arg === '-c' ? [(args[index + 1] ?? '').split('=', 2) as [string, string]] : [])));

  test('on loopback alone, without a socket file, and with all that a crash must not lose', () => {
    const { command, args } = serverCommand({ binaries, runAs, dataDir: '/d', port: 5 });
    expect([command, args.slice(0, 2)]).toEqual(['/pg/postgres', ['-D', '/d']]);
    expect(settingsOf(args)).toMatchObject({ listen_addresses: '127.0.0.1', unix_socket_directories: '', port: '5', fsync: 'on', timezone: 'UTC' });
    expect(settingsOf(args)).not.toHaveProperty('synchronous_commit');
    expect(settingsOf(args)).not.toHaveProperty('full_page_writes');
  });

  test('as whoever may run it, and a setting of the caller\'s wins', () => {
    const wrap = (line: { command: string; args: readonly string[] }) => ({ command: 'unshare', args: ['--user', line.command, ...line.args] });
    const { command, args } = serverCommand({ binaries, runAs: { ...runAs, wrap }, dataDir: '/d', port: 5, settings: { fsync: 'off' } });
    expect([command, args.slice(0, 2)]).toEqual(['unshare', ['--user', '/pg/postgres']]);
    expect(settingsOf(args)['fsync']).toBe('off');
  });

  test('its URL holds any password, as it was', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (password) => {
      const url = new URL(databaseUrl(5, 'me', password, 'db'));
      expect([decodeURIComponent(url.password), url.username, url.host, url.pathname]).toEqual([password, 'me', '127.0.0.1:5', '/db']);
    }));
    expect(serviceUrl(5, 'p')).toBe('postgres://todo_user:p@127.0.0.1:5/todoapp');
  });

  test('a service has a schema of its own name', () => {
    expect(['audit', 'task-api', 'a-b-c'].map(schemaOf)).toEqual(['audit', 'task_api', 'a_b_c']);
  });
});

test('Kafka is named by its environment and its addresses, so that an error can say where', () => {
  const access = kafkaAccess('local', [{ host: 'a', port: 1 }, { host: 'b', port: 2 }]);
  expect([access.where, access.bootstrap.length]).toEqual(['local (a:1, b:2)', 2]);
});

describe('the gateway\'s own words', () => {
  test.each([[400, 'Bad Request'], [404, 'Not Found'], [502, 'Bad Gateway'], [503, 'Service Unavailable'], [504, 'Gateway Timeout']] as const)('%i is a problem called %s', (status, title) => {
    const body = problemBody({ status, detail: 'Größe' });
    expect(JSON.parse(body)).toEqual({ type: 'about:blank', title, status, detail: 'Größe' });
    const headers = problemHeaders({ status, detail: '' }, body);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  test.each([[['node', 'gateway']], [['node', 'gateway', '--config']], [['node', 'gateway', 'file.json']]])('%j is no way to call it', (argv) => {
    expect(() => readGatewayConfig(argv)).toThrow('usage: gateway --config FILE');
  });
});

describe('secrets', () => {
  test('that were not made are a mistake of ours, and the name is all that is said', () => {
    expect(() => secretOf({ a: 'very-secret' }, 'b')).toThrow('no secret b was made');
  });

  test('none where there is no folder', async () => {
    expect(await knownSecrets(path.join(temporaryFolder(), 'none'))).toEqual([]);
  });
});
