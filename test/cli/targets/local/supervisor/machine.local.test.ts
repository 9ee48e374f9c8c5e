import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, type Identity } from '../../../../../cli/io/process-identity.ts';
import { takeLock } from '../../../../../cli/targets/local/supervisor/lock.ts';
import { lastWords, openLog, rotate } from '../../../../../cli/targets/local/supervisor/logs.ts';
import { answers, probe } from '../../../../../cli/targets/local/supervisor/probe.ts';
import { readRecord, RecordFile, type SupervisorRecord } from '../../../../../cli/targets/local/supervisor/record.ts';
import { freePort } from '../../../../support/free-ports.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(path.join(os.tmpdir(), 'machine-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const me = (): Identity => identify(process.pid) as Identity;

describe('lock', () => {
  test('is held by one, free after its release', async () => {
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const other = identify(child.pid ?? 0) as Identity;
    const mine = await takeLock(folder, me());
    expect(mine).toMatchObject({ release: expect.any(Function) as unknown });
    expect(await takeLock(folder, other)).toEqual({ heldBy: me() });
    expect(await takeLock(folder, me())).toEqual({ heldBy: me() });
    if ('release' in mine) mine.release();
    expect(await takeLock(folder, other)).toHaveProperty('release');
    child.kill('SIGKILL');
  });

  test('of a dead owner, of an earlier boot, or of a pid that is someone else’s now is taken over', async () => {
    for (const stale of [{ ...me(), pid: 4_000_000 }, { ...me(), boot: 'earlier' }, { ...me(), start: '7' }]) {
      writeFileSync(path.join(folder, `${stale.pid}.${stale.start}.${stale.boot}`), '');
    }
    expect(await takeLock(folder, me())).toHaveProperty('release');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('of many that come at one moment never two have it', async () => {
    const children = Array.from({ length: 6 }, () => spawn('sleep', ['1000'], { stdio: 'ignore' }));
    const contenders = children.map((child) => identify(child.pid ?? 0) as Identity);
    for (let round = 0; round < 10; round++) {
      const locks = await Promise.all(contenders.map((contender) => takeLock(folder, contender)));
      const holders = locks.filter((lock) => 'release' in lock);
      expect(holders.length).toBeLessThanOrEqual(1);
      for (const lock of holders) lock.release();
    }
    for (const child of children) child.kill('SIGKILL');
  });

  test('knows when its folder was removed under it', async () => {
    const lock = await takeLock(path.join(folder, 'lock'), me());
    if ('heldBy' in lock) throw new Error('not taken');
    expect(lock.isHeld()).toBe(true);
    rmSync(path.join(folder, 'lock'), { recursive: true });
    expect(lock.isHeld()).toBe(false);
  });
});

describe('record', () => {
  const content = (): SupervisorRecord => ({ version: 1, supervisor: me(), guard: null, code: 'c', socket: 's', stopping: false, processes: [] });
  const fail = (error: unknown): void => { throw error; };

  test('is written whole, and the last state wins', async () => {
    let stopping = false;
    const file = new RecordFile(folder, () => ({ ...content(), stopping }), fail);
    const saves = [file.save(), file.save()];
    stopping = true;
    saves.push(file.save());
    await Promise.all(saves);
    expect(readRecord(folder)).toEqual({ ...content(), stopping: true });
    expect(readdirSync(folder)).toEqual(['record.json']);
  });

  test('that is torn, empty or of another version counts as none', () => {
    for (const text of ['', '{"version":1,', '{"version":2}', 'null']) {
      writeFileSync(path.join(folder, 'record.json'), text);
      expect(readRecord(folder)).toBeUndefined();
    }
  });

  test('that cannot be written is told, and keeps nobody waiting', async () => {
    const told: unknown[] = [];
    await new RecordFile(path.join(folder, 'gone'), content, (error) => told.push(error)).save();
    expect(told).toMatchObject([{ code: 'ENOENT' }]);
  });

  test('is not written again after it was removed', async () => {
    const file = new RecordFile(folder, content, fail);
    await file.save();
    const late = file.save();
    await file.remove();
    await late;
    await file.save();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('logs', () => {
  test('a writer that never stops gets no line twice while its log is rotated, and loses at most what it writes in the moment of the cut', async () => {
    const file = path.join(folder, 'writer.log');
    const log = openLog(file);
    const code = 'let i = 0; const t = setInterval(() => { for (let k = 0; k < 5; k++) console.log(`line ${i++} ${"x".repeat(100)}`); if (i >= 2000) { clearInterval(t); } }, 1)';
    const writer = spawn(process.execPath, ['-e', code], { stdio: ['ignore', log, log] });
    closeSync(log);
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    let rotations = 0;
    while (writer.exitCode === null) {
      if (await rotate(file, { bytes: 20_000, keep: 50 })) rotations++;
      else await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await ended;
    expect(rotations).toBeGreaterThan(3);
    const order = Array.from({ length: rotations }, (_, index) => `${file}.${rotations - index}`);
    const numbers = [...order, file].flatMap((name) => readFileSync(name, 'utf8').split('\n')).filter((line) => line !== '').map((line) => Number(line.split(' ')[1]));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    // It writes five lines at a time.
    expect(numbers.length).toBeGreaterThanOrEqual(2000 - 5 * rotations);
    expect(numbers.at(-1)).toBe(1999);
  });

  test('keeps so many older files, the youngest as .1', async () => {
    const file = path.join(folder, 'a.log');
    for (const letter of ['a', 'b', 'c', 'd']) {
      writeFileSync(file, letter.repeat(10));
      expect(await rotate(file, { bytes: 5, keep: 2 })).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    expect([readFileSync(`${file}.1`, 'utf8'), readFileSync(`${file}.2`, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['dddddddddd', 'cccccccccc', '']);
  });

  test('a log that is small, or not there, is left alone', async () => {
    writeFileSync(path.join(folder, 'a.log'), 'x');
    expect(await rotate(path.join(folder, 'a.log'), { bytes: 5, keep: 2 })).toBe(false);
    expect(await rotate(path.join(folder, 'b.log'), { bytes: 5, keep: 2 })).toBe(false);
    expect(readdirSync(folder)).toEqual(['a.log']);
  });

  test('last words are the messages of the last lines since a start', () => {
    const file = path.join(folder, 'a.log');
    writeFileSync(file, 'old\n');
    const since = 4;
    expect(lastWords(file, since)).toBe('');
    writeFileSync(file, 'old\none\n{"level":50,"msg":"cannot listen","err":{"message":"EADDRINUSE"}}\n\n  at crash\n{"no":"message"}\n');
    expect(lastWords(file, since)).toBe('cannot listen: EADDRINUSE | at crash | {"no":"message"}');
    expect(lastWords(path.join(folder, 'none.log'), 0)).toBe('');
  });
});

describe('probe', () => {
  let server: Server | undefined;
  afterEach(() => { server?.close(); });

  /** Answers every connection with these bytes. */
  async function listen(reply: string | undefined): Promise<number> {
    server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => (reply === undefined ? socket.end() : socket.write(reply)));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }

  test.each([
    ['HTTP/1.1 204 No Content\r\n\r\n', undefined],
    ['HTTP/1.1 200 OK\r\n\r\n', undefined],
    ['HTTP/1.1 503 Service Unavailable\r\n\r\n', '503'],
    ['HTTP/1.1 301 Moved\r\n\r\n', '301'],
    ['x'.repeat(2000), 'not HTTP'],
    [undefined, 'closed without an answer'],
    ['', 'no answer in 100 ms'],
  ])('%j is %j', async (reply, reason) => {
    const port = await listen(reply);
    expect(await probe({ http: `http://127.0.0.1:${port}/readyz` }, 100)).toBe(reason && `GET 127.0.0.1:${port}/readyz: ${reason}`);
  });

  test('a port that accepts is ready, one that nobody listens on is not', async () => {
    const port = await listen('');
    expect(await probe({ tcp: { host: '127.0.0.1', port } }, 100)).toBeUndefined();
    expect(await answers({ host: '127.0.0.1', port })).toBe(true);
    const free = await freePort();
    expect(await probe({ tcp: { host: '127.0.0.1', port: free } }, 100)).toBe(`127.0.0.1:${free}: nobody listens`);
    expect(await answers({ host: '127.0.0.1', port: free })).toBe(false);
  });
});
