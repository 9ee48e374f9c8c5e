// The target as commands see it, and what is found and removed, on files and processes of this machine.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { pathsOf } from '../../../../cli/targets/local/paths.ts';
import { writePorts } from '../../../../cli/targets/local/ports.ts';
import { findProcesses, findResources } from '../../../../cli/targets/local/resources.ts';
import { localStatus } from '../../../../cli/targets/local/status.ts';
import { startSupervisor } from '../../../../cli/targets/local/supervisor/client.ts';
import { markOf } from '../../../../cli/targets/local/supervisor/marks.ts';
import type { ProcessSpec } from '../../../../cli/targets/local/supervisor/process-spec.ts';
import { readRecord } from '../../../../cli/targets/local/supervisor/record.ts';
import { openLocalTarget } from '../../../../cli/targets/local/target.ts';
import { teardownSteps } from '../../../../cli/targets/local/teardown.ts';
import type { Target } from '../../../../cli/targets/target.ts';
import { isAlive, PACKAGE } from '../../../support/platform.ts';
import { plainIo } from '../../operations/stage.ts';
import { temporaryFolder, TODO } from './platforms.ts';
import { runAll } from './steps/stage.ts';
import { freePort } from '../../../support/free-ports.ts';
import { until } from '../../../support/until.ts';

const SUPERVISOR = path.join(PACKAGE, 'dist/processes/supervisor.js');
const write = (file: string, text = ''): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const project = (yaml = TODO): string => {
  const folder = temporaryFolder();
  write(path.join(folder, 'todoctl.yaml'), yaml);
  return folder;
};
const open = (cwd: string, environment = 'local', redactor = new Redactor()): Promise<Target> => openLocalTarget({ io: { ...plainIo, redactor }, clock: systemClock, env: {}, cwd, environment });

/** A process that does nothing for as long as it is let. */
const idle = (name: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name, kind: 'service', command: process.execPath, args: ['-e', `require('node:http').createServer((_, r) => r.end()).listen(${more.port}, '127.0.0.1')`], env: {}, cwd: '/', hash: 'h',
  ready: { tcp: { host: '127.0.0.1', port: more.port ?? 0 } }, stop: { signal: 'SIGTERM', graceMs: 1000 }, after: [], ...more,
});

/** A state with one process that a supervisor keeps. */
async function running(folder: string): Promise<{ paths: ReturnType<typeof pathsOf>; port: number; pid: () => number | undefined }> {
  const paths = pathsOf(folder, 'local');
  const port = await freePort();
  await writePorts(paths.ports, { ports: { entrance: port }, bootstrap: [{ host: '127.0.0.1', port: 9 }] });
  const supervisor = await startSupervisor({ stateDir: paths.state, node: process.execPath, script: SUPERVISOR });
  onTestFinished(async () => {
    if (existsSync(paths.state)) await (await startSupervisor({ stateDir: paths.state, node: process.execPath, script: SUPERVISOR })).stop();
  });
  await supervisor.apply([idle('idle-0', { port })]);
  while ((await supervisor.status())[0]?.state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 5));
  return { paths, port, pid: () => readRecord(paths.state)?.processes[0]?.runs?.identity?.pid };
}

describe('which environment is meant', () => {
  test('one that is not defined is refused with the nearest; no todoctl.yaml at all, too', async () => {
    await expect(open(project(), 'lokal')).rejects.toMatchObject({ code: 'TODOCTL_ENVIRONMENT_UNKNOWN' });
    await expect(open(temporaryFolder())).rejects.toMatchObject({ code: 'TODOCTL_DEFINITION_NOT_FOUND' });
  });

  test('one of a cloud is not one of this machine', async () => {
    const folder = project(TODO.replace('provider: local', 'provider: digitalocean, auth: { jwks: "https://id/keys" }'));
    await expect(open(folder)).rejects.toMatchObject({ code: 'TODOCTL_PROVIDER_UNKNOWN', message: 'The environment local is of provider digitalocean' });
  });

  test('from a folder inside the project, too', async () => {
    const folder = project();
    mkdirSync(path.join(folder, 'a/b'), { recursive: true });
    expect(await (await open(path.join(folder, 'a/b'))).folder?.()).toBe(path.join(folder, '.todoctl/local'));
  });

  test('what is here can be looked at and removed though todoctl.yaml is broken by now', async () => {
    const folder = project();
    write(path.join(folder, '.todoctl/local/data/x'));
    write(path.join(folder, 'todoctl.yaml'), 'platform: [');
    const target = await open(folder);
    expect(await target.status()).toEqual([]);
    expect((await target.resources()).map(({ name }) => name)).toEqual(['.todoctl/local/data']);
    await expect(target.deploy()).rejects.toMatchObject({ code: expect.stringMatching(/^TODOCTL_DEFINITION_/) as string });
  });
});

describe('where things are', () => {
  test('is known from ports.json alone', async () => {
    const folder = project();
    await writePorts(pathsOf(folder, 'local').ports, { ports: { entrance: 20_001 }, bootstrap: [{ host: '127.0.0.1', port: 20_002 }] });
    const target = await open(folder);
    expect((await target.entrance()).url.href).toBe('http://127.0.0.1:20001/');
    expect(await target.kafka()).toMatchObject({ where: 'local (127.0.0.1:20002)', bootstrap: [{ host: '127.0.0.1', port: 20_002 }] });
  });

  test('before a deploy nobody knows', async () => {
    const target = await open(project());
    await expect(target.kafka()).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
    await expect(target.entrance()).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
  });
});

test('no secret that lies here can be printed with a log', async () => {
  const folder = project();
  write(path.join(folder, '.todoctl/local/secrets/postgres'), 'very-secret\n');
  write(path.join(folder, '.todoctl/local/logs/postgres.log'), 'password is very-secret\n');
  const redactor = new Redactor();
  const lines: string[] = [];
  for await (const { text } of (await open(folder, 'local', redactor)).logs({ names: [], follow: false, tail: 5 }, new AbortController().signal)) lines.push(redactor.redact(text));
  expect(lines).toEqual(['password is ***']);
});

describe('what is found of an environment', () => {
  test('its processes, its ports with who holds them, its files', async () => {
    const { paths, port, pid } = await running(project());
    const found = await findResources(paths);
    expect(found.filter(({ kind }) => kind === 'process').map(({ name }) => name).sort()).toEqual(['idle-0', 'supervisor', 'supervisor (guard)']);
    expect(found.find(({ kind }) => kind === 'port')).toEqual({ kind: 'port', name: 'entrance', id: String(port), owner: 'environment', heldBy: expect.stringContaining(`(pid ${pid()})`) as string });
    expect(found.filter(({ kind }) => kind === 'directory').map(({ name }) => name)).toContain('.todoctl/local/logs');
  });

  test('a port that somebody else holds is not ours', async () => {
    const paths = pathsOf(project(), 'local');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await writePorts(paths.ports, { ports: { entrance: port }, bootstrap: [] });
    expect((await findResources(paths)).find(({ kind }) => kind === 'port')).toMatchObject({ owner: 'other', heldBy: expect.stringContaining(`(pid ${process.pid})`) as string });
    server.close();
  });

  test('a process that bears the mark is ours though no record knows it', async () => {
    const { state } = pathsOf(project(), 'local');
    const stray = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], { env: markOf(state, 'lost-0'), stdio: ['pipe', 'pipe', 'ignore'] });
    await once(stray.stdout, 'data');
    expect(findProcesses(state)).toEqual([{ kind: 'process', name: 'lost-0', id: String(stray.pid), owner: 'environment' }]);
    stray.kill('SIGKILL');
    await once(stray, 'exit');
    expect(findProcesses(state)).toEqual([]);
  });
});

test('status of a deploy that ended half-way: what runs is ready, the whole is not', async () => {
  const { paths } = await running(project());
  expect((await localStatus(paths)).map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['supervisor', 'ready', undefined], ['idle-0', 'ready', undefined], ['gateway', 'stopped', 'todoctl deploy did not come this far; run it again'],
  ]);
});

describe('status without a supervisor', () => {
  test('says what lives on without one, and what to do', async () => {
    const { paths, pid } = await running(project());
    // Frozen first: each would bring the other back.
    const record = readRecord(paths.state);
    const both = [record?.guard?.pid ?? 0, record?.supervisor.pid ?? 0];
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const one of both) process.kill(one, signal);
    await until('the end of both', () => !both.some(isAlive));
    expect(await localStatus(paths)).toMatchObject([
      { name: 'supervisor', state: 'stopped', reason: 'todoctl deploy starts it again' },
      { name: 'idle-0', state: 'failing', reason: 'runs without a supervisor', pid: pid() },
    ]);
    process.kill(pid() ?? 0, 'SIGKILL');
    await until('the end of the service', () => !isAlive(pid() ?? 0));
    expect((await localStatus(paths))[1]).toMatchObject({ state: 'stopped', reason: 'ended with the supervisor' });
  });
});

describe('teardown', () => {
  const tearDown = (folder: string, keepData = false): ReturnType<typeof runAll> => runAll(teardownSteps({ paths: pathsOf(folder, 'local'), node: process.execPath, packageRoot: PACKAGE, keepData }));

  test('ends and removes all that is found', async () => {
    const folder = project();
    const { pid } = await running(folder);
    const alive = pid() ?? 0;
    const { outcome, ends } = await tearDown(folder);
    expect(outcome.error).toBeUndefined();
    expect(ends).toEqual({ lock: 'changed', stop: 'changed', remove: 'changed' });
    expect(isAlive(alive)).toBe(false);
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });

  test('also when supervisor and guard were killed', async () => {
    const folder = project();
    const { paths, pid } = await running(folder);
    const record = readRecord(paths.state);
    for (const killed of [record?.guard?.pid, record?.supervisor.pid]) process.kill(killed ?? 0, 'SIGKILL');
    const alive = pid() ?? 0;
    expect((await tearDown(folder)).outcome.error).toBeUndefined();
    expect(isAlive(alive)).toBe(false);
    expect(existsSync(paths.home)).toBe(false);
  });

  test('also strays that no record knows', async () => {
    const folder = project();
    const { state } = pathsOf(folder, 'local');
    mkdirSync(state, { recursive: true });
    const stray = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log(1)'], { env: markOf(state, 'lost-0'), stdio: ['pipe', 'pipe', 'ignore'] });
    await once(stray.stdout, 'data');
    const ended = once(stray, 'exit');
    expect((await tearDown(folder)).outcome.error).toBeUndefined();
    expect((await ended)[1]).toBe('SIGKILL');
  });

  test('keeps the data, and what it is of no use without', async () => {
    const folder = project();
    const { paths } = await running(folder);
    for (const name of ['data/postgres/PG_VERSION', 'secrets/postgres', 'build/x.js', 'config/broker.json', 'dapr/secrets.json']) write(path.join(paths.state, name));
    expect((await tearDown(folder, true)).outcome.error).toBeUndefined();
    expect(readdirSync(paths.state)).toEqual(['build', 'data', 'ports.json', 'secrets']);
    expect((await tearDown(folder, true)).ends).toEqual({ lock: 'changed', stop: 'unchanged', remove: 'unchanged' });
  });

  test('a dry run touches nothing and names what it would end', async () => {
    const folder = project();
    const { paths, pid } = await running(folder);
    const { events } = await runAll(teardownSteps({ paths, node: process.execPath, packageRoot: PACKAGE, keepData: false }), { dryRun: true });
    expect(events.flatMap((event) => (event.is === 'planned' ? event.changes.map(({ what }) => what) : []))).toEqual(expect.arrayContaining(['idle-0', 'supervisor', '.todoctl/local']));
    expect(isAlive(pid() ?? 0)).toBe(true);
  });
});
