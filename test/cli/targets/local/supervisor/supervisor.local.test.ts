import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectSupervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { logPath } from '../../../../../cli/targets/local/supervisor/logs.ts';
import { findMarked } from '../../../../../cli/targets/local/supervisor/marks.ts';
import { answers } from '../../../../../cli/targets/local/supervisor/probe.ts';
import { until } from '../../../../support/until.ts';
import { alive, kill9, openBench, server, start, stateDirectory } from './bench.ts';

describe('starting', () => {
  test('starts what is wanted in the background and knows when it is ready', async () => {
    await using bench = await openBench();
    const api = await server('api');
    await bench.supervisor.apply([api]);
    const status = await bench.ready('api');
    expect(status).toMatchObject({ name: 'api', kind: 'service', state: 'ready', port: api.port, restarts: 0, hash: 'one' });
    expect(await (await fetch(`http://127.0.0.1:${api.port}/`)).text()).toBe(String(status.pid));
  });

  test('starts a process only when those that it comes after are ready', async () => {
    await using bench = await openBench();
    const slow = await server('slow', { code: `setTimeout(() => require('node:http').createServer((q, r) => r.end()).listen(Number(process.env.PORT), '127.0.0.1'), 400)` });
    const quick = await server('quick', { after: ['slow'] });
    await bench.supervisor.apply([quick, slow]);
    await until('quick waits', async () => (await bench.one('quick'))?.reason === 'waits for slow');
    expect((await bench.one('quick'))?.pid).toBeUndefined();
    const [, log] = [await bench.allReady(), readFileSync(logPath(bench.stateDir, 'supervisor'), 'utf8')];
    expect(log.indexOf('"process":"slow"')).toBeLessThan(log.indexOf('"process":"quick"'));
    const [first, second] = [await bench.ready('slow'), await bench.ready('quick')];
    expect(second.since).toBeGreaterThan(first.since);
  });

  test('hands over nothing but the environment that the process names, and its mark', async () => {
    process.env['LEAK'] = 'leak';
    await using bench = await openBench();
    const nosy = await server('nosy', {
      code: `console.log(JSON.stringify(Object.keys(process.env).sort())); require('node:http').createServer((q, r) => r.end()).listen(Number(process.env.PORT), '127.0.0.1')`,
    });
    await bench.supervisor.apply([nosy]);
    await bench.ready('nosy');
    expect(JSON.parse(readFileSync(logPath(bench.stateDir, 'nosy'), 'utf8'))).toEqual(['PORT', 'TODOCTL_PROCESS', 'TODOCTL_STATE']);
  });

  test('does not take the answer of another program for that of a process that could not have its port', async () => {
    await using bench = await openBench();
    const mine = await server('mine');
    await using other = await openBench();
    await other.supervisor.apply([{ ...mine, name: 'foreign' }]);
    await other.ready('foreign');
    await bench.supervisor.apply([mine]);
    const status = await until('it is failing', async () => {
      const found = await bench.one('mine');
      return found?.state === 'failing' && found;
    });
    expect(status.reason).toBe(`port ${mine.port} is taken by another program`);
    await other.supervisor.stop();
    await bench.ready('mine');
  });

  test('two that start at the same moment are one', async () => {
    const stateDir = stateDirectory();
    const all = await Promise.all([start(stateDir), start(stateDir), start(stateDir)]);
    await using bench = await openBench(stateDir);
    await bench.supervisor.apply([await server('api')]);
    await bench.ready('api');
    expect(await Promise.all(all.map(async (one) => (await one.status()).length))).toEqual([1, 1, 1]);
    expect(readdirSync(path.join(stateDir, 'lock'))).toEqual([`${bench.record().supervisor.pid}.${bench.record().supervisor.start}.${bench.record().supervisor.boot}`]);
  });

  test('socket and record are for their owner only', async () => {
    await using bench = await openBench();
    expect(statSync(bench.record().socket).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(bench.stateDir, 'record.json')).mode & 0o777).toBe(0o600);
  });

  test('a state directory whose path is too long for a socket has it in a private folder', async () => {
    const short = path.dirname(stateDirectory());
    const stateDir = path.join(short, 'x'.repeat(120), 'state');
    using folder = new DisposableStack();
    folder.defer(() => { rmSync(short, { recursive: true }); });
    await using bench = await openBench(stateDir);
    const { socket } = bench.record();
    expect(socket.startsWith(stateDir)).toBe(false);
    expect(statSync(path.dirname(socket)).mode & 0o777).toBe(0o700);
    await bench.supervisor.apply([await server('api')]);
    await bench.ready('api');
    await bench.supervisor.stop();
    expect(existsSync(path.dirname(socket))).toBe(false);
  });
});

describe('changing', () => {
  test('an apply of the same changes nothing; another hash restarts only that one, gracefully', async () => {
    await using bench = await openBench();
    const specs = [await server('a'), await server('b', { after: ['a'] }), await server('c', { after: ['b'] })];
    await bench.supervisor.apply(specs);
    const before = await bench.allReady();
    await bench.supervisor.apply(specs);
    expect((await bench.allReady()).map((status) => status.pid)).toEqual(before.map((status) => status.pid));

    await bench.supervisor.apply(specs.map((spec) => (spec.name === 'b' ? { ...spec, hash: 'two' } : spec)));
    const changed = await bench.ready('b', (status) => status.hash === 'two');
    expect(changed.pid).not.toBe(before[1]?.pid);
    expect(changed.restarts).toBe(0);
    expect(readFileSync(logPath(bench.stateDir, 'b'), 'utf8')).toContain('goodbye');
    expect((await bench.ready('a')).pid).toBe(before[0]?.pid);
    expect((await bench.ready('c')).pid).toBe(before[2]?.pid);
  });

  test('what is not among the wanted any more ends, and its port can be had at once', async () => {
    await using bench = await openBench();
    const old = await server('old');
    await bench.supervisor.apply([old]);
    const { pid } = await bench.ready('old');
    await bench.supervisor.apply([await server('new', { port: old.port })]);
    await bench.ready('new');
    expect(alive(pid)).toBe(false);
    expect((await bench.supervisor.status()).map((status) => status.name)).toEqual(['new']);
  });

  test('of many applies at once the last one counts', async () => {
    await using bench = await openBench();
    const api = await server('api');
    const hashes = ['1', '2', '3', '4', '5'];
    for (const hash of hashes) await bench.supervisor.apply([{ ...api, hash }]);
    await bench.ready('api', (status) => status.hash === '5');
    await Promise.all(hashes.map((hash) => bench.supervisor.apply([{ ...api, hash: `again ${hash}` }])));
    const { hash } = bench.record().processes[0]?.wanted ?? {};
    await bench.ready('api', (status) => status.hash === hash);
  });

  test.each([
    ['two of one name', async () => [await server('a'), await server('a')], 'two processes are called a'],
    ['after one that is not there', async () => [await server('a', { after: ['b'] })], 'a is to start after b, which is not among them'],
    ['a circle', async () => [await server('a', { after: ['b'] }), await server('b', { after: ['a'] })], 'each waits for the next: a, b, a'],
    ['a name that is a path', async () => [await server('../a')], '"../a" is no name for a process'],
  ])('refuses %s, and leaves all as it was', async (_, specs, reason) => {
    await using bench = await openBench();
    await bench.supervisor.apply([await server('there')]);
    const { pid } = await bench.ready('there');
    await expect(bench.supervisor.apply(await specs())).rejects.toMatchObject({ code: 'TODOCTL_SUPERVISOR_REFUSED', message: `The supervisor refused: ${reason}` });
    expect((await bench.ready('there')).pid).toBe(pid);
  });
});

describe('a process that ends by itself', () => {
  test('is started again, and its dependants are left alone', async () => {
    await using bench = await openBench();
    await bench.supervisor.apply([await server('a'), await server('b', { after: ['a'] })]);
    const [a, b] = [await bench.ready('a'), await bench.ready('b')];
    await kill9(a);
    const again = await bench.ready('a', (status) => status.pid !== a.pid);
    expect(again.restarts).toBe(1);
    expect((await bench.ready('b')).pid).toBe(b.pid);
  });

  test('again and again is failing, with its last words, and is tried again at once by an apply', async () => {
    await using bench = await openBench();
    const doomed = await server('doomed', { code: `console.log(JSON.stringify({ level: 50, msg: 'no database' })); process.exit(3)` });
    await bench.supervisor.apply([doomed]);
    const status = await until('it is failing', async () => {
      const found = await bench.one('doomed');
      return found?.state === 'failing' && found.pid === undefined && found;
    });
    expect(status.reason).toBe('exit code 3; its last words: no database');
    expect(status.restarts).toBeGreaterThanOrEqual(3);
    await bench.supervisor.apply([await server('doomed', { hash: 'mended' })]);
    await bench.ready('doomed');
  });

  test('or cannot be started at all is failing, and says why', async () => {
    await using bench = await openBench();
    await bench.supervisor.apply([{ ...(await server('ghost')), command: '/no/such/program' }]);
    const reason = await until('it is failing', async () => {
      const found = await bench.one('ghost');
      return found?.state === 'failing' && found.reason;
    });
    expect(reason).toContain('/no/such/program ENOENT');
  });

  test('and leaves a child in its group takes it along', async () => {
    await using bench = await openBench();
    const parent = await server('parent', {
      code: `const child = require('node:child_process').spawn('sleep', ['1000']);
        require('node:http').createServer((q, r) => r.end(String(child.pid))).listen(Number(process.env.PORT), '127.0.0.1')`,
    });
    await bench.supervisor.apply([parent]);
    const status = await bench.ready('parent');
    const inner = Number(await (await fetch(`http://127.0.0.1:${parent.port}/`)).text());
    await kill9(status);
    await until('its child is gone', () => !findMarked(bench.stateDir).some((found) => found.pid === inner));
  });
});

describe('readiness', () => {
  test('a process that was ready and does not answer any more is failing until it does', async () => {
    await using bench = await openBench();
    const moody = await server('moody', {
      code: `let fine = true; require('node:http').createServer((q, r) => {
        if (q.url === '/turn') fine = !fine;
        r.statusCode = fine || q.url === '/turn' ? 200 : 503; r.end();
      }).listen(Number(process.env.PORT), '127.0.0.1')`,
    });
    await bench.supervisor.apply([moody]);
    const { pid } = await bench.ready('moody');
    await fetch(`http://127.0.0.1:${moody.port}/turn`);
    const reason = await until('it is failing', async () => {
      const found = await bench.one('moody');
      return found?.state === 'failing' && found.reason;
    });
    expect(reason).toBe(`GET 127.0.0.1:${moody.port}/: 503`);
    await fetch(`http://127.0.0.1:${moody.port}/turn`);
    expect((await bench.ready('moody')).pid).toBe(pid);
  });
});

describe('stopping', () => {
  test('ends dependants first, then itself and its guard, and leaves logs only', async () => {
    await using bench = await openBench();
    const specs = [await server('a'), await server('b', { after: ['a'] }), await server('c', { after: ['b'] })];
    await bench.supervisor.apply(specs);
    const pids = (await bench.allReady()).map((status) => status.pid);
    const { supervisor, guard } = await until('the guard has called', () => (bench.record().guard ? bench.record() : undefined));
    await bench.supervisor.stop();
    expect([...pids, supervisor.pid, guard?.pid].filter(alive)).toEqual([]);
    expect(await Promise.all(specs.map((spec) => answers({ host: '127.0.0.1', port: spec.port })))).toEqual([false, false, false]);
    expect(readdirSync(bench.stateDir).sort()).toEqual(['lock', 'logs']);
    expect(readdirSync(path.join(bench.stateDir, 'lock'))).toEqual([]);
    const log = readFileSync(logPath(bench.stateDir, 'supervisor'), 'utf8').split('\n').filter((line) => line.includes('"msg":"ended"'));
    expect(log.map((line) => (JSON.parse(line) as { process: string }).process)).toEqual(['c', 'b', 'a']);
    expect(await connectSupervisor(bench.stateDir)).toBeUndefined();
  });

  test('kills what does not listen after its grace, with what left its group', async () => {
    await using bench = await openBench();
    const stubborn = await server('stubborn', {
      graceMs: 200,
      code: `process.on('SIGTERM', () => {});
        require('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref();
        require('node:http').createServer((q, r) => r.end()).listen(Number(process.env.PORT), '127.0.0.1')`,
    });
    await bench.supervisor.apply([stubborn]);
    const { pid } = await bench.ready('stubborn');
    expect(findMarked(bench.stateDir).map((found) => found.inner).sort()).toEqual([false, true]);
    await bench.supervisor.stop();
    expect(alive(pid)).toBe(false);
    expect(findMarked(bench.stateDir)).toEqual([]);
  });

  test('SIGTERM to the supervisor is a stop', async () => {
    await using bench = await openBench();
    await bench.supervisor.apply([await server('a')]);
    const { pid } = await bench.ready('a');
    const { supervisor } = bench.record();
    process.kill(supervisor.pid, 'SIGTERM');
    await until('all is gone', () => !existsSync(path.join(bench.stateDir, 'record.json')) && !alive(pid));
  });

  test('stop while it is stopping waits for the same end, and a start after it begins anew', async () => {
    await using bench = await openBench();
    const slow = await server('slow', { code: `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 500));
      require('node:http').createServer((q, r) => r.end()).listen(Number(process.env.PORT), '127.0.0.1')` });
    await bench.supervisor.apply([slow]);
    const { pid } = await bench.ready('slow');
    const stops = [bench.supervisor.stop(), bench.supervisor.stop()];
    await until('it is stopping', () => bench.record().stopping);
    const next = await start(bench.stateDir);
    await Promise.all(stops);
    expect(alive(pid)).toBe(false);
    expect(await next.status()).toEqual([]);
  });
});

test('two state directories know nothing of each other', async () => {
  await using one = await openBench();
  await using two = await openBench();
  await one.supervisor.apply([await server('api')]);
  await two.supervisor.apply([await server('api')]);
  const [first, second] = [await one.ready('api'), await two.ready('api')];
  await one.supervisor.stop();
  expect(alive(first.pid)).toBe(false);
  expect((await two.ready('api')).pid).toBe(second.pid);
});
