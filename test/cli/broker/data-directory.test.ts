import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeDataDirectory } from '../../../cli/broker/data-directory.ts';
import { diskFiles } from '../../../cli/broker/log/files.ts';
import { identify } from '../../../cli/io/process-identity.ts';

let root: string;
beforeEach(() => {
  root = path.join(mkdtempSync(path.join(tmpdir(), 'data-')), 'broker');
});
afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true }));

const take = (): ReturnType<typeof takeDataDirectory> => takeDataDirectory(root, diskFiles);
const lock = (): string => path.join(root, 'lock');

describe("the broker's data directory", () => {
  it('is made for its owner only, and let go', () => {
    const taken = take();
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: process.pid });
    taken.release();
    expect(existsSync(lock())).toBe(false);
    take().release();
  });

  it('has one broker at a time', () => {
    const taken = take();
    expect(take).toThrow(expect.objectContaining({ code: 'TODOCTL_BROKER_DATA_IN_USE', exit: 3, message: expect.stringContaining(String(process.pid)) as string }));
    expect(existsSync(lock())).toBe(true);
    taken.release();
  });

  it('is taken over from a broker that was killed, also when its pid is somebody else by now', async () => {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
    const dead = identify(child.pid as number);
    await once(child, 'exit');
    take().release();
    for (const holder of [JSON.stringify(dead), JSON.stringify({ ...identify(process.pid), start: 'another time' }), '{"pid":', 'null', '']) {
      writeFileSync(lock(), holder);
      take().release();
    }
    expect(readdirSync(root)).toEqual(['meta.json']);
  });

  it.each(['{"version":2}', '{"version":"x"}', 'not JSON', '[]', 'null'])('of another layout is left alone (%s)', (meta) => {
    take().release();
    writeFileSync(path.join(root, 'meta.json'), meta);
    expect(take).toThrow(expect.objectContaining({ code: 'TODOCTL_BROKER_DATA_VERSION', exit: 3 }));
    expect([readFileSync(path.join(root, 'meta.json'), 'utf8'), existsSync(lock())]).toEqual([meta, false]);
  });
});
