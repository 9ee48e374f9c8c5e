// A state folder that a crash, a full disk or a hand has left in pieces: everything can still look at it, remove it, and deploy over it.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import { type Paths, pathsOf } from '../../../../cli/targets/local/paths.ts';
import { portNames, readPorts, writePorts } from '../../../../cli/targets/local/ports.ts';
import { findResources } from '../../../../cli/targets/local/resources.ts';
import { makeSecrets, readSecrets } from '../../../../cli/targets/local/secrets.ts';
import { localStatus } from '../../../../cli/targets/local/status.ts';
import { portsStep, secretsStep } from '../../../../cli/targets/local/steps/ground.ts';
import type { Supervisor } from '../../../../cli/targets/local/supervisor/client.ts';
import { readRecord, recordPath } from '../../../../cli/targets/local/supervisor/record.ts';
import { openLocalTarget } from '../../../../cli/targets/local/target.ts';
import { teardownSteps } from '../../../../cli/targets/local/teardown.ts';
import type { Target } from '../../../../cli/targets/target.ts';
import { PACKAGE } from '../../../support/platform.ts';
import { plainIo } from '../../operations/stage.ts';
import { temporaryFolder, TODO } from './platforms.ts';
import { known, localIn, runAll } from './steps/stage.ts';

/** What may lie where JSON should: cut off, empty, of another shape, of another version. */
const NOT_PORTS = [
  '', '{', '{"ports":{"entrance":20001', '\0\0\0\0', 'null', '[]', '"text"', '7', '{}', '{"ports":null,"bootstrap":[]}', '{"ports":{},"bootstrap":[]}', '{"ports":{"entrance":20001}}',
  '{"ports":{"entrance":"20001"},"bootstrap":[]}', '{"ports":{"entrance":0},"bootstrap":[]}', '{"ports":{"entrance":99999},"bootstrap":[]}', '{"ports":{"entrance":1.5},"bootstrap":[]}',
  '{"ports":{"entrance":20001,"kafka":null},"bootstrap":[]}', '{"ports":{"entrance":20001},"bootstrap":{}}', '{"ports":{"entrance":20001},"bootstrap":[null]}', '{"ports":{"entrance":20001},"bootstrap":[{"host":"x"}]}',
];
const NOT_A_RECORD = ['', '{', '{"version":1', 'null', '[]', '"text"', '{}', '{"version":2,"supervisor":{"pid":1},"processes":[]}', '{"version":1}', '{"version":1,"supervisor":null,"processes":[]}', '{"version":1,"supervisor":{"pid":1}}', '{"version":1,"supervisor":{"pid":1},"processes":null}'];

function stateOf(files: Readonly<Record<string, string>>): Paths {
  const root = temporaryFolder();
  writeFileSync(path.join(root, 'todoctl.yaml'), TODO);
  const paths = pathsOf(root, 'local');
  mkdirSync(paths.state, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(paths.state, name)), { recursive: true });
    writeFileSync(path.join(paths.state, name), text);
  }
  return paths;
}

const open = (paths: Paths): Promise<Target> => openLocalTarget({ io: { ...plainIo, redactor: new Redactor() }, clock: systemClock, env: {}, cwd: paths.root, environment: 'local' });
const tearDown = (paths: Paths, keepData = false): ReturnType<typeof runAll> => runAll(teardownSteps({ paths, node: process.execPath, packageRoot: PACKAGE, keepData }));
const nothingRuns: Supervisor = { apply: async () => undefined, stop: async () => undefined, status: async () => [] };

describe('ports.json', () => {
  test.each(NOT_PORTS)('that holds %j counts as none', async (text) => {
    const paths = stateOf({ 'ports.json': text });
    expect(await readPorts(paths.ports)).toBeUndefined();
    const target = await open(paths);
    await expect(target.kafka()).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
    await expect(target.entrance()).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
    expect((await target.resources()).map(({ kind, name }) => `${kind} ${name}`)).toEqual(['directory .todoctl/local/ports.json']);
  });

  test.each(NOT_PORTS)('that holds %j is written anew by a deploy, whole', async (text) => {
    const folder = temporaryFolder();
    const local = await localIn({ folder });
    mkdirSync(local.paths.state, { recursive: true });
    writeFileSync(local.paths.ports, text);
    const step = portsStep(local, known('supervisor', nothingRuns));
    const { ends, outcome } = await runAll([step]);
    expect(ends['ports']).toBe('changed');
    expect(Object.keys((await readPorts(local.paths.ports))?.ports ?? {})).toEqual(portNames(local.platform));
    expect(outcome.of(step)).toEqual((await readPorts(local.paths.ports))?.ports);
  });

  test('with a name too many is read; a deploy drops what nothing listens on any more', async () => {
    const local = await localIn();
    await writePorts(local.paths.ports, { ports: { entrance: 20_001, 'gone-0': 20_002 }, bootstrap: [] });
    await runAll([portsStep(local, known('supervisor', nothingRuns))]);
    expect((await readPorts(local.paths.ports))?.ports).not.toHaveProperty('gone-0');
  });

  test('whatever JSON it holds: what is read can be used', async () => {
    const file = path.join(temporaryFolder(), 'ports.json');
    await fc.assert(fc.asyncProperty(fc.oneof(fc.json(), fc.record({ ports: fc.dictionary(fc.constantFrom('entrance', 'kafka'), fc.jsonValue()), bootstrap: fc.jsonValue() }).map((value) => JSON.stringify(value))), async (text) => {
      writeFileSync(file, text);
      const found = await readPorts(file);
      if (found) expect(new URL(`http://127.0.0.1:${found.ports['entrance']}/`).port).not.toBe('none');
      for (const port of Object.values(found?.ports ?? {})) expect(Number.isInteger(port) && port > 0 && port < 65_536).toBe(true);
    }));
  });
});

describe('record.json', () => {
  test.each(NOT_A_RECORD)('that holds %j counts as none: nothing runs, and nothing is in the way of a teardown', async (text) => {
    const paths = stateOf({ 'record.json': text, 'logs/broker.log': 'x\n' });
    expect(readRecord(paths.state)).toBeUndefined();
    expect(await localStatus(paths)).toEqual([]);
    expect((await findResources(paths)).map(({ name }) => name)).toEqual(['.todoctl/local/logs', '.todoctl/local/record.json']);
    const { outcome, ends } = await tearDown(paths);
    expect(outcome.error).toBeUndefined();
    expect(ends).toEqual({ lock: 'changed', stop: 'unchanged', remove: 'changed' });
    expect(readdirSync(paths.root)).toEqual(['todoctl.yaml']);
  });

  test('of an earlier run of the machine, with pids that are other programs\' by now: they are not ours, and live on', async () => {
    const me = { pid: process.pid, start: '1', boot: 'an earlier run' };
    const record = { version: 1, supervisor: me, guard: me, code: '', socket: '/nowhere', stopping: false, processes: [{ name: 'web-0', wanted: null, runs: { spec: { name: 'web-0', kind: 'service', port: 20_001 }, identity: me }, restarts: 2 }] };
    const paths = stateOf({ 'record.json': JSON.stringify(record) });
    expect((await localStatus(paths)).map(({ name, state, reason, pid }) => [name, state, reason, pid])).toEqual([
      ['supervisor', 'stopped', 'todoctl deploy starts it again', undefined], ['web-0', 'stopped', 'ended with the supervisor', undefined],
    ]);
    expect((await findResources(paths)).filter(({ kind }) => kind === 'process')).toEqual([]);
    expect((await tearDown(paths)).outcome.error).toBeUndefined();
    expect(existsSync(paths.home)).toBe(false);
  });
});

describe('secrets', () => {
  test('of which some are missing or empty: those are made, the others stay as they are', async () => {
    const local = await localIn();
    await makeSecrets(local.paths.secrets, ['postgres'], () => 'kept');
    writeFileSync(path.join(local.paths.secrets, 'todo-user'), ' \n');
    const step = secretsStep(local, known('state', undefined));
    const { ends, outcome } = await runAll([step]);
    expect(ends['secrets']).toBe('changed');
    expect(outcome.of(step)?.['postgres']).toBe('kept');
    expect(outcome.of(step)?.['todo-user']).toMatch(/^[\w-]{32}$/);
    expect(local.secrets).toEqual(expect.arrayContaining(Object.values(outcome.of(step) ?? {})));
  });

  test('a folder among them is none, and stops neither a look nor a teardown', async () => {
    const paths = stateOf({ 'secrets/postgres/inside': 'x', 'logs/web-0.log': 'one\n' });
    expect(await readSecrets(paths.secrets, ['postgres'])).toEqual({});
    const lines = await Array.fromAsync((await open(paths)).logs({ names: [], follow: false, tail: 1 }, new AbortController().signal));
    expect(lines).toEqual([{ process: 'web-0', text: 'one' }]);
    expect((await tearDown(paths)).outcome.error).toBeUndefined();
  });
});

describe('a teardown', () => {
  test('of nothing, of an empty state folder, of one without its data: each ends well and leaves nothing', async () => {
    const nothing = pathsOf(temporaryFolder(), 'local');
    expect((await tearDown(nothing)).ends).toEqual({ lock: 'changed', stop: 'unchanged', remove: 'unchanged' });
    for (const files of [{}, { 'logs/a.log': '' }, { 'dapr/x.yaml': '', 'secrets/a': 'b' }]) {
      const paths = stateOf(files);
      expect((await tearDown(paths)).outcome.error).toBeUndefined();
      expect(existsSync(paths.home)).toBe(false);
    }
  });

  test('that keeps the data keeps what is there of it, and asks for nothing that is not', async () => {
    const paths = stateOf({ 'data/broker/meta.json': '{}', 'ports.json': '{', 'config/gateway.json': '{}', 'supervisor.sock': '' });
    expect((await tearDown(paths, true)).ends['remove']).toBe('changed');
    expect(readdirSync(paths.state)).toEqual(['data', 'ports.json']);
    expect((await tearDown(paths)).outcome.error).toBeUndefined();
    expect(existsSync(paths.home)).toBe(false);
  });

  test('leaves the other environments of the project alone', async () => {
    const paths = stateOf({ 'logs/a.log': '' });
    mkdirSync(path.join(paths.home, 'other'), { recursive: true });
    writeFileSync(path.join(paths.home, 'other/ports.json'), '{"theirs":1}');
    await tearDown(paths);
    expect(readdirSync(paths.home).sort()).toEqual(['.gitignore', 'other']);
    expect(readFileSync(path.join(paths.home, 'other/ports.json'), 'utf8')).toBe('{"theirs":1}');
  });

  test('whatever pieces are there, and whatever they hold: all of it goes, twice is no error', async () => {
    const text = fc.oneof(fc.constantFrom(...NOT_PORTS, ...NOT_A_RECORD), fc.string());
    const piece = fc.constantFrom('record.json', 'ports.json', 'supervisor.sock', 'secrets/postgres', 'dapr/secrets.json', 'data/postgres/PG_VERSION', 'logs/web-0.log', 'lock/1.2.3', 'build/web/inputs.json');
    await fc.assert(fc.asyncProperty(fc.dictionary(piece, text), async (files) => {
      const paths = stateOf(files);
      expect((await tearDown(paths)).outcome.error).toBeUndefined();
      expect(existsSync(paths.home)).toBe(false);
      expect((await tearDown(paths)).ends).toEqual({ lock: 'changed', stop: 'unchanged', remove: 'unchanged' });
    }), { numRuns: 30 });
  });
});

test('a port of ours that somebody else holds by now is told as theirs, though nothing of ours runs', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const paths = stateOf({ 'ports.json': JSON.stringify({ ports: { entrance: port }, bootstrap: [] }) });
  expect((await findResources(paths)).find(({ kind }) => kind === 'port')).toMatchObject({ name: 'entrance', id: String(port), owner: 'other' });
  expect((await tearDown(paths)).outcome.error).toBeUndefined();
  server.close();
});

test('a record is where status, teardown and the supervisor look for it', () => {
  expect(recordPath('/p/.todoctl/local')).toBe('/p/.todoctl/local/record.json');
});
