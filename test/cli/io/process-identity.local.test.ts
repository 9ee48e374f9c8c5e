import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, type Identity, isAlive } from '../../../cli/io/process-identity.ts';
import { until } from '../../support/until.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(path.join(os.tmpdir(), 'identity-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const me = (): Identity => identify(process.pid) as Identity;

describe('the identity of a process', () => {
  test('is the same each time, and of this process alone', () => {
    expect(identify(process.pid)).toEqual(me());
    expect(isAlive(me())).toBe(true);
    expect(isAlive({ ...me(), start: '1' })).toBe(false);
    expect(isAlive({ ...me(), boot: 'another' })).toBe(false);
  });

  test('holds while it lives and no longer', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const identity = identify(child.pid ?? 0) as Identity;
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
  });

  test('a zombie is not alive, though its pid still exists', async () => {
    // The shell starts a child and becomes a program that never waits for it; only then the child is let go.
    const parent = spawn('sh', ['-c', '(read line) <&3 & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    const [chunk] = (await new Promise<[Buffer]>((resolve) => parent.stdout?.once('data', (data: Buffer) => { resolve([data]); })));
    const pid = Number(chunk.toString());
    await until('its parent is no shell any more', () => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
    (parent.stdio[3] as Writable).end('\n');
    await until('it is a zombie', () => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '));
    expect(identify(pid)).toBeUndefined();
    expect(() => process.kill(pid, 0)).not.toThrow();
    parent.kill('SIGKILL');
  });

  test('is read rightly where a program has brackets and blanks in its name', async () => {
    const odd = path.join(folder, 'a) Z 1 (b');
    writeFileSync(odd, '#!/bin/sh\nsleep 1000\n', { mode: 0o755 });
    const child = spawn(odd, { stdio: 'ignore' });
    const identity = await until('it runs', () => identify(child.pid ?? 0));
    expect(Number(identity.start)).toBeGreaterThanOrEqual(Number(me().start));
    child.kill('SIGKILL');
  });
});
