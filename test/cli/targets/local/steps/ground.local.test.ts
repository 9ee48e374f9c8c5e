// Lock, supervisor and ports against the machine: real files, real processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../../cli/engine/step.ts';
import { pathsOf } from '../../../../../cli/targets/local/paths.ts';
import { isFree, type Ports, readPorts } from '../../../../../cli/targets/local/ports.ts';
import { lockStep, portsStep, stateStep, supervisorStep } from '../../../../../cli/targets/local/steps/ground.ts';
import type { Supervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { identify } from '../../../../../cli/io/process-identity.ts';
import { temporaryFolder, TODO } from '../platforms.ts';
import { endAtEnd, known, localIn, runAll } from './stage.ts';

const supervisorOf = (running: readonly string[]): Supervisor => ({
  apply: async () => undefined,
  stop: async () => undefined,
  status: async () => running.map((name) => ({ name, kind: 'service', state: 'ready', pid: 1, restarts: 0, since: 0, hash: '' })),
});

describe('the lock', () => {
  const paths = (): ReturnType<typeof pathsOf> => pathsOf(temporaryFolder(), 'local');
  const during = (lock: Step, look: () => void): Step => ({ ...known('during', undefined), needs: [lock], check: async () => {
    look();
    return { is: 'done', value: undefined };
  } });

  test('is held while the run goes on, and leaves nothing', async () => {
    const here = paths();
    const lock = lockStep(here);
    let [flags, ignored]: [string[], string] = [[], ''];
    const { ends } = await runAll([lock, during(lock, () => {
      flags = readdirSync(here.lock);
      ignored = readFileSync(path.join(here.home, '.gitignore'), 'utf8');
    })]);
    expect(ends).toEqual({ lock: 'changed', during: 'unchanged' });
    expect(flags.map((flag) => Number(flag.split('.')[0]))).toEqual([process.pid]);
    expect(ignored).toBe('*\n');
    expect(existsSync(here.home)).toBe(false);
  });

  test('lets the state of this and of other environments be', async () => {
    const here = paths();
    mkdirSync(path.join(here.home, 'other/data'), { recursive: true });
    await runAll([lockStep(here)]);
    expect(readdirSync(here.home).sort()).toEqual(['.gitignore', 'other']);
  });

  test('is released when a step fails', async () => {
    const here = paths();
    const lock = lockStep(here);
    await runAll([lock, during(lock, () => { throw new Error('broken'); })]);
    expect((await runAll([lockStep(here)])).outcome.ok).toBe(true);
  });

  test('of a live process keeps others out, and says who it is; of a dead one keeps nobody out', async () => {
    const here = paths();
    const holder = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const { pid, start, boot } = identify(holder.pid ?? 0) ?? { pid: 0, start: '', boot: '' };
    mkdirSync(here.lock, { recursive: true });
    writeFileSync(path.join(here.lock, `${pid}.${start}.${boot}`), '');
    const refused = await runAll([lockStep(here)]);
    expect(refused.outcome.error).toMatchObject({ code: 'TODOCTL_LOCKED', message: `Another todoctl (pid ${pid}) is changing this environment` });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect((await runAll([lockStep(here)])).outcome.ok).toBe(true);
  });

  test('is not taken in a dry run', async () => {
    const here = paths();
    const { ends } = await runAll([lockStep(here)], { dryRun: true });
    expect(ends).toEqual({ lock: 'skipped' });
    expect(existsSync(here.home)).toBe(false);
  });
});

describe('ports', () => {
  const portsOf = async (given: Parameters<typeof localIn>[0], supervisor: Supervisor): Promise<{ is: string | undefined; value: Ports | undefined; error: unknown; changes: string[] }> => {
    const step = portsStep(await localIn(given), known('supervisor', supervisor));
    const { outcome, events, ends } = await runAll([step]);
    const changes = events.flatMap((event) => (event.is === 'changed' ? event.changes.map(({ what, from, to }) => `${what}: ${from ?? 'none'} → ${to}`) : []));
    return { is: ends['ports'], value: outcome.of(step), error: outcome.error, changes };
  };

  test('are given out, written down, and kept', async () => {
    const folder = temporaryFolder();
    const first = await portsOf({ folder }, supervisorOf([]));
    expect(first.is).toBe('changed');
    expect(first.changes).toContain(`entrance: none → ${first.value?.['entrance']}`);
    expect(await readPorts(pathsOf(folder, 'local').ports)).toEqual({ ports: first.value, bootstrap: [{ host: '127.0.0.1', port: first.value?.['kafka'] }] });
    expect(await portsOf({ folder }, supervisorOf([]))).toMatchObject({ is: 'unchanged', value: first.value });
    expect(await Promise.all(Object.values(first.value ?? {}).map(isFree))).not.toContain(false);
  });

  test('that our own processes listen on are ours; that somebody else took is exchanged', async () => {
    const folder = temporaryFolder();
    const first = await portsOf({ folder }, supervisorOf([]));
    const web = first.value?.['web-0'] ?? 0;
    const server = createServer().listen(web, '127.0.0.1');
    await once(server, 'listening');
    expect(await portsOf({ folder }, supervisorOf(['web-0']))).toMatchObject({ is: 'unchanged' });
    const exchanged = await portsOf({ folder }, supervisorOf([]));
    expect(exchanged.changes).toEqual([`web-0: ${web} → ${exchanged.value?.['web-0']}`]);
    server.close();
  });

  test('of all apps are the one sidecar\'s: while it runs, none is exchanged', async () => {
    const given = { folder: temporaryFolder(), yaml: TODO };
    const first = await portsOf(given, supervisorOf([]));
    const ofApps = Object.entries(first.value ?? {}).filter(([name]) => name.endsWith('.dapr'));
    expect(ofApps.length).toBeGreaterThan(1);
    const sidecar = ofApps.map(([, port]) => createServer().listen(port, '127.0.0.1'));
    await Promise.all(sidecar.map((server) => once(server, 'listening')));
    expect(await portsOf(given, supervisorOf(['sidecar']))).toMatchObject({ is: 'unchanged', value: first.value });
    for (const server of sidecar) server.close();
  });

  test('that are fixed and taken stop the run', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { is, error } = await portsOf({ environment: `provider: local, ports: { kafka: ${port} }` }, supervisorOf([]));
    expect([is, error]).toEqual(['failed', expect.objectContaining({ code: 'TODOCTL_PORT_TAKEN' })]);
    server.close();
  });

  test('of a Kafka of one\'s own are written down for those who only look', async () => {
    const folder = temporaryFolder();
    await portsOf({ folder, environment: 'provider: local, kafka: { bootstrap: "k1:9092,k2:9093" }' }, supervisorOf([]));
    expect((await readPorts(pathsOf(folder, 'local').ports))?.bootstrap).toEqual([{ host: 'k1', port: 9092 }, { host: 'k2', port: 9093 }]);
  });
});

test('the supervisor is started once, and found the next time', async () => {
  const local = await localIn();
  endAtEnd(local);
  const starting = supervisorStep(local, stateStep(local, known('lock', undefined)));
  const first = await runAll([starting]);
  expect(first.ends).toMatchObject({ state: 'changed', supervisor: 'changed' });
  expect(await first.outcome.of(starting)?.status()).toEqual([]);
  expect((await runAll([supervisorStep(local, stateStep(local, known('lock', undefined)))])).ends).toMatchObject({ state: 'unchanged', supervisor: 'unchanged' });
});
