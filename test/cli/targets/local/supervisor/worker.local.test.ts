// One worker by itself, over real processes, with neighbours that say what the test wants: how it starts, waits, gives up and ends.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Log } from '../../../../../cli/io/json-log.ts';
import { Bell } from '../../../../../cli/targets/local/supervisor/bell.ts';
import type { ProcessSpec, ProcessStatus } from '../../../../../cli/targets/local/supervisor/process-spec.ts';
import { type Neighbours, Worker } from '../../../../../cli/targets/local/supervisor/worker.ts';
import { temporaryFolder } from '../platforms.ts';

interface Kept { worker: Worker; others: Neighbours & { saved: number; said: string[] }; stateDir: string; until: (holds: (status: ProcessStatus) => boolean) => Promise<ProcessStatus>; end: () => Promise<void> }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const listenOn = (port: number): string => `require('node:net').createServer().listen(${port}, '127.0.0.1')`;

function spec(code: string, port: number, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    name: 'one', kind: 'service', command: process.execPath, args: ['-e', code], env: {}, cwd: '/', hash: 'first',
    ready: { tcp: { host: '127.0.0.1', port } }, port, stop: { signal: 'SIGTERM', graceMs: 2000 }, after: [], ...more,
  };
}

function keep(wanted: ProcessSpec, change: Partial<Neighbours> = {}): Kept {
  const stateDir = temporaryFolder();
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: say, fatal: say, with: () => log };
  const others = {
    stateDir, bell: new Bell(), saved: 0, said,
    log,
    save: async () => void others.saved++,
    isReady: () => true, holder: () => undefined, dependantsLeft: () => false,
    ...change,
  };
  const worker = new Worker(wanted.name, wanted, others);
  const life = worker.live();
  const end = async (): Promise<void> => {
    worker.want(undefined);
    others.bell.ring();
    await life;
  };
  onTestFinished(end);
  const until = async (holds: (status: ProcessStatus) => boolean): Promise<ProcessStatus> => {
    while (!holds(worker.status())) await others.bell.heard(5);
    return worker.status();
  };
  return { worker, others, stateDir, until, end };
}

describe('starting', () => {
  test('is noted before it happens, so that a successor looks for what was about to be', async () => {
    const records: unknown[] = [];
    const port = await freePort();
    const kept: Kept = keep(spec(listenOn(port), port), { save: async () => void records.push(kept.worker.record().runs) });
    const { pid } = await kept.until(({ state }) => state === 'ready');
    expect(records[0]).toMatchObject({ spec: { name: 'one' }, identity: null });
    expect(kept.worker.record().runs).toMatchObject({ identity: { pid } });
  });

  test('waits for what it comes after, and says for what', async () => {
    const port = await freePort();
    const ready = new Set<string>();
    const { until, others, worker } = keep(spec(listenOn(port), port, { after: ['postgres', 'broker'] }), { isReady: (name) => ready.has(name) });
    await until(({ reason }) => reason === 'waits for postgres, broker');
    ready.add('postgres');
    others.bell.ring();
    await until(({ reason }) => reason === 'waits for broker');
    expect(worker.status()).not.toHaveProperty('pid');
    ready.add('broker');
    others.bell.ring();
    await until(({ state }) => state === 'ready');
  });

  test('waits for its port while another process of ours still has it', async () => {
    const port = await freePort();
    let holder: string | undefined = 'the one before';
    const { until, others } = keep(spec(listenOn(port), port), { holder: () => holder });
    await until(({ reason }) => reason === `waits for port ${port} of the one before`);
    holder = undefined;
    others.bell.ring();
    await until(({ state }) => state === 'ready');
  });

  test('is put off while another program has its port: failing, with the reason; and goes on by itself when it is free', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { until } = keep(spec(listenOn(port), port));
    const failing = await until(({ state }) => state === 'failing');
    expect([failing.reason, failing.pid]).toEqual([`port ${port} is taken by another program`, undefined]);
    server.close();
    expect((await until(({ state }) => state === 'ready')).restarts).toBe(0);
  });

  test('of a program that is not there: failing, with the reason', async () => {
    const { until } = keep(spec('', await freePort(), { command: '/no/such/program' }));
    expect((await until(({ state }) => state === 'failing')).reason).toBe('cannot be started: spawn /no/such/program ENOENT');
  });
});

describe('a process that ends by itself', () => {
  test('is started again; after the third time it counts as failing, with its last words', async () => {
    const port = await freePort();
    const { until, stateDir } = keep(spec('console.log("no database"); process.exit(3)', port));
    const first = await until(({ restarts }) => restarts === 1);
    expect(first.state).toBe('starting');
    const third = await until(({ restarts }) => restarts >= 3);
    expect([third.state, third.reason]).toEqual(['failing', 'exit code 3; its last words: no database']);
    expect(readFileSync(path.join(stateDir, 'logs/one.log'), 'utf8').match(/no database/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test('because somebody killed it: told so, and the next one has another pid', async () => {
    const port = await freePort();
    const { until } = keep(spec(listenOn(port), port));
    const { pid = 0 } = await until(({ state }) => state === 'ready');
    process.kill(pid, 'SIGKILL');
    const dead = await until(({ restarts }) => restarts === 1);
    const again = await until((status) => status.state === 'ready' && status.pid !== pid);
    expect([dead.restarts, again.restarts]).toEqual([1, 1]);
  });

  test('whose trouble is asked about anew: its earlier ends are forgotten, it is tried at once', async () => {
    const port = await freePort();
    const { until, worker, others } = keep(spec('process.exit(1)', port));
    await until(({ state, restarts }) => state === 'failing' && restarts >= 5);
    worker.want(spec(listenOn(port), port, { hash: 'mended' }));
    others.bell.ring();
    expect((await until(({ state }) => state === 'ready')).hash).toBe('mended');
  });
});

describe('ending', () => {
  test('waits for those that need it', async () => {
    const port = await freePort();
    let left = true;
    const { until, worker, others } = keep(spec(listenOn(port), port), { dependantsLeft: () => left });
    const { pid } = await until(({ state }) => state === 'ready');
    worker.want(undefined);
    others.bell.ring();
    await others.bell.heard(50);
    expect(worker.status()).toMatchObject({ state: 'ready', pid });
    left = false;
    others.bell.ring();
    await until((status) => status.pid === undefined);
  });

  test('asks first, kills when the grace is over, and returns only then', async () => {
    const port = await freePort();
    const deaf = `process.on('SIGTERM', () => console.log('asked')); ${listenOn(port)}`;
    const { until, end, worker, stateDir } = keep(spec(deaf, port, { stop: { signal: 'SIGTERM', graceMs: 100 } }));
    const { pid = 0 } = await until(({ state }) => state === 'ready');
    await end();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readFileSync(path.join(stateDir, 'logs/one.log'), 'utf8')).toBe('asked\n');
    expect(worker.record()).toEqual({ name: 'one', wanted: null, runs: null, restarts: 0 });
  });

  test('of what was never started is over at once, and starts nothing', async () => {
    const port = await freePort();
    const { end, stateDir, until } = keep(spec(listenOn(port), port, { after: ['never'] }), { isReady: () => false });
    await until(({ reason }) => reason === 'waits for never');
    await end();
    expect(existsSync(path.join(stateDir, 'logs'))).toBe(false);
  });

  test('another hash: the old one ends, the new one starts, and that is no restart', async () => {
    const port = await freePort();
    const { until, worker, others } = keep(spec(listenOn(port), port));
    const before = await until(({ state }) => state === 'ready');
    worker.want(spec(listenOn(port), port, { hash: 'second' }));
    others.bell.ring();
    const after = await until(({ state, hash }) => state === 'ready' && hash === 'second');
    expect(after.pid).not.toBe(before.pid);
    expect(after.restarts).toBe(0);
  });
});
