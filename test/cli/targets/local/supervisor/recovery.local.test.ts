import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectSupervisor, isCurrent, startSupervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { identify, type Identity, isAlive } from '../../../../../cli/io/process-identity.ts';
import { logPath } from '../../../../../cli/targets/local/supervisor/logs.ts';
import { findMarked, markOf } from '../../../../../cli/targets/local/supervisor/marks.ts';
import type { ProcessRecord, SupervisorRecord } from '../../../../../cli/targets/local/supervisor/record.ts';
import { until } from '../../../../support/until.ts';
import { alive, type Bench, kill9, openBench, server, start, stateDirectory } from './bench.ts';

/** A bench with two ready processes and its guard on duty. */
async function running(): Promise<Bench & { pids: (number | undefined)[] }> {
  const bench = await openBench();
  await bench.supervisor.apply([await server('a'), await server('b', { after: ['a'] })]);
  const pids = (await bench.allReady()).map((status) => status.pid);
  await until('the guard is on duty', () => onDuty(bench));
  return { ...bench, pids };
}

/** True when the guard lives and has called. */
function onDuty(bench: Bench): boolean {
  const { guard } = bench.record();
  if (guard === null || !isAlive(guard)) return false;
  return readFileSync(logPath(bench.stateDir, 'supervisor'), 'utf8').includes(`"guard":${guard.pid}`);
}

/** The processes of a name that really run, whatever a record says. */
function count(bench: Bench, name: string): number {
  return findMarked(bench.stateDir).filter((found) => found.name === name).length;
}

async function successor(bench: Bench, before: Identity): Promise<void> {
  await until('another supervisor is there', () => bench.record().supervisor.pid !== before.pid && identify(bench.record().supervisor.pid) !== undefined);
}

/** Some program of the user's that has nothing to do with us. */
function bystander(): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('sleep cannot be started');
  return child as ChildProcess & { pid: number };
}

/** Writes a record as an earlier supervisor would have left it. */
function leave(stateDir: string, given: { boot: string; processes: ProcessRecord[] }): void {
  mkdirSync(stateDir, { recursive: true });
  const supervisor = { pid: 999_999_9, start: '1', boot: given.boot };
  const record: SupervisorRecord = { version: 1, supervisor, guard: null, code: '', socket: path.join(stateDir, 'supervisor.sock'), stopping: false, processes: given.processes };
  writeFileSync(path.join(stateDir, 'record.json'), JSON.stringify(record));
}

function me(): Identity {
  return identify(process.pid) as Identity;
}

describe('kill -9', () => {
  test('of the supervisor: its guard brings it back, its children never notice, and it still looks after them', async () => {
    await using bench = await running();
    const { supervisor } = bench.record();
    await kill9(supervisor);
    await successor(bench, supervisor);
    expect((await bench.allReady()).map((status) => status.pid)).toEqual(bench.pids);
    expect([count(bench, 'a'), count(bench, 'b')]).toEqual([1, 1]);

    await kill9(await bench.ready('a'));
    const again = await bench.ready('a', (status) => status.pid !== bench.pids[0]);
    expect(again.restarts).toBe(1);
    expect((await bench.ready('b')).pid).toBe(bench.pids[1]);
  });

  test('of the supervisor: a status asked at that moment is answered, only later', async () => {
    await using bench = await running();
    await kill9(bench.record().supervisor);
    expect((await bench.supervisor.status()).map((status) => status.pid)).toEqual(bench.pids);
  });

  test('of the guard: the supervisor brings it back, and then the guard the supervisor', async () => {
    await using bench = await running();
    const { guard, supervisor } = bench.record();
    await kill9(guard);
    await until('another guard is on duty', () => bench.record().guard?.pid !== guard?.pid && onDuty(bench));
    expect(bench.record().supervisor).toEqual(supervisor);
    await kill9(supervisor);
    await successor(bench, supervisor);
    expect((await bench.allReady()).map((status) => status.pid)).toEqual(bench.pids);
  });

  test('of the guard before it could call: it is replaced all the same', async () => {
    await using bench = await openBench();
    const guard = await until('it is started', () => bench.record().guard ?? undefined);
    await kill9(guard);
    await until('another guard is on duty', () => bench.record().guard?.pid !== guard.pid && onDuty(bench));
  });

  test('of both: the children live on, and the next start finds them', async () => {
    await using bench = await running();
    const { guard, supervisor } = bench.record();
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    await kill9(supervisor);
    await until('the guard is dead', () => !alive(guard?.pid));
    expect(await connectSupervisor(bench.stateDir)).toBeUndefined();
    expect(bench.pids.map(alive)).toEqual([true, true]);
    await start(bench.stateDir);
    expect((await bench.allReady()).map((status) => status.pid)).toEqual(bench.pids);
  });

  test('of the supervisor while it stops: its successor goes on stopping', async () => {
    await using bench = await openBench();
    const slow = await server('slow', { code: `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 700));
      require('node:http').createServer((q, r) => r.end()).listen(Number(process.env.PORT), '127.0.0.1')` });
    await bench.supervisor.apply([slow]);
    const { pid } = await bench.ready('slow');
    await until('the guard is on duty', () => onDuty(bench));
    const stop = bench.supervisor.stop();
    await until('it is stopping', () => bench.record().stopping);
    await kill9(bench.record().supervisor);
    await stop;
    await until('all is gone', () => !alive(pid) && !existsSync(path.join(bench.stateDir, 'record.json')));
  });

  test('of the supervisor at any moment of an apply: what it had accepted is made so, once', async () => {
    for (const delay of [0, 3, 10, 25, 60]) {
      await using bench = await openBench();
      await until('the guard is on duty', () => onDuty(bench));
      await bench.supervisor.apply([await server('a'), await server('b')]);
      const { supervisor } = bench.record();
      await new Promise((resolve) => setTimeout(resolve, delay));
      await kill9(supervisor);
      await successor(bench, supervisor);
      await bench.allReady();
      expect({ delay, a: count(bench, 'a'), b: count(bench, 'b') }).toEqual({ delay, a: 1, b: 1 });
    }
  });
});

describe('a record that is not true any more', () => {
  test('whose pid belongs to someone else by now: that one is left alone, then and at the stop', async () => {
    const stranger = bystander();
    const stateDir = stateDirectory();
    const spec = await server('a');
    const identity = { ...(identify(stranger.pid) as Identity), start: '12345' };
    leave(stateDir, { boot: me().boot, processes: [{ name: 'a', wanted: spec, runs: { spec, identity }, restarts: 0 }] });
    {
      await using bench = await openBench(stateDir);
      const status = await bench.ready('a');
      expect(status.pid).not.toBe(stranger.pid);
      await bench.supervisor.apply([{ ...spec, hash: 'two' }]);
      await bench.ready('a', (changed) => changed.hash === 'two');
    }
    expect(alive(stranger.pid)).toBe(true);
    stranger.kill('SIGKILL');
  });

  test('of an earlier run of the machine: nothing of it is believed, even where pid and start agree', async () => {
    const stranger = bystander();
    const stateDir = stateDirectory();
    const spec = await server('a');
    const identity = { ...(identify(stranger.pid) as Identity), boot: 'an earlier one' };
    leave(stateDir, { boot: 'an earlier one', processes: [{ name: 'a', wanted: spec, runs: { spec, identity }, restarts: 3 }] });
    {
      expect(await connectSupervisor(stateDir)).toBeUndefined();
      await using bench = await openBench(stateDir);
      expect(await bench.supervisor.status()).toEqual([]);
      await bench.supervisor.apply([spec]);
      expect((await bench.ready('a')).restarts).toBe(0);
    }
    expect(alive(stranger.pid)).toBe(true);
    stranger.kill('SIGKILL');
  });

  test('that ends between the decision to start a process and its pid: it is found by its mark, not started twice', async () => {
    const stateDir = stateDirectory();
    const spec = await server('a');
    mkdirSync(stateDir, { recursive: true });
    const child = spawn(spec.command, spec.args, { env: { ...spec.env, ...markOf(stateDir, 'a') }, detached: true, stdio: 'ignore' });
    await until('it runs', () => findMarked(stateDir).length === 1);
    leave(stateDir, { boot: me().boot, processes: [{ name: 'a', wanted: spec, runs: { spec, identity: null }, restarts: 0 }] });
    await using bench = await openBench(stateDir);
    expect((await bench.ready('a')).pid).toBe(child.pid);
    expect(count(bench, 'a')).toBe(1);
  });

  test('or is half a record: counts as none, and what still runs is ended before anything is started', async () => {
    await using bench = await running();
    const { guard, supervisor } = bench.record();
    process.kill(guard?.pid ?? 0, 'SIGKILL');
    await kill9(supervisor);
    writeFileSync(path.join(bench.stateDir, 'record.json'), '{"version":1,"super');
    const next = await start(bench.stateDir);
    expect(bench.pids.map(alive)).toEqual([false, false]);
    expect(await next.status()).toEqual([]);
  });
});

test('a supervisor of an older build hands over: another one, the same processes, not a restart among them', async () => {
  await using bench = await running();
  const { supervisor, guard } = bench.record();
  const newer = path.join(path.dirname(bench.stateDir), 'newer.ts');
  writeFileSync(newer, `import ${JSON.stringify(path.resolve('cli/targets/local/supervisor/main.ts'))};\n`);
  expect(isCurrent({ stateDir: bench.stateDir, script: newer })).toBe(false);
  const next = await startSupervisor({ stateDir: bench.stateDir, node: process.execPath, script: newer });
  expect(isCurrent({ stateDir: bench.stateDir, script: newer })).toBe(true);
  expect(bench.record().supervisor.pid).not.toBe(supervisor.pid);
  expect([supervisor.pid, guard?.pid].map(alive)).toEqual([false, false]);
  expect((await bench.allReady()).map((status) => status.pid)).toEqual(bench.pids);
  expect((await next.status()).map((status) => status.restarts)).toEqual([0, 0]);
});

test('a state directory that is removed while everything runs takes its processes with it', async () => {
  await using bench = await running();
  const { guard, supervisor } = bench.record();
  rmSync(bench.stateDir, { recursive: true, force: true });
  await until('all have ended', () => [...bench.pids, supervisor.pid, guard?.pid].every((pid) => !alive(pid)));
});
