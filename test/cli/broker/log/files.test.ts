import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskFiles } from '../../../../cli/broker/log/files.ts';

let root: string;
let name: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'files-'));
  name = path.join(root, 'file');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a file of the data directory', () => {
  it('is written and read where it is said, not where the last write ended', () => {
    const file = diskFiles.open(name);
    file.write(Buffer.from('abcdef'), 0);
    file.write(Buffer.from('XY'), 2);
    const bytes = Buffer.alloc(10);
    expect([file.read(bytes, 1), bytes.toString('utf8', 0, 5), file.size()]).toEqual([5, 'bXYef', 6]);
    file.truncate(3);
    expect(file.size()).toBe(3);
    file.close();
  });

  it('keeps what is there when it is opened again, and is the owner’s alone', () => {
    const first = diskFiles.open(name);
    first.write(Buffer.from('kept'), 0);
    first.close();
    const again = diskFiles.open(name);
    expect([again.size(), statSync(name).mode & 0o777]).toEqual([4, 0o600]);
    again.close();
  });

  it('can be closed while it is being synced: the descriptor is not given away before', async () => {
    const file = diskFiles.open(name);
    file.write(Buffer.alloc(1 << 20), 0);
    const syncs = [file.syncSoon(), file.syncSoon()];
    file.close();
    const others = Array.from({ length: 20 }, (_, index) => diskFiles.open(`${name}${index}`));
    await expect(Promise.all(syncs)).resolves.toBeDefined();
    for (const other of others) other.close();
    await expect(file.syncSoon()).rejects.toThrow('EBADF');
  });

  it('is replaced as a whole', () => {
    diskFiles.replace(name, 'first');
    diskFiles.replace(name, 'second, and longer');
    diskFiles.replace(name, 'third');
    expect([readFileSync(name, 'utf8'), existsSync(`${name}.draft`)]).toEqual(['third', false]);
  });

  it('is not harmed by a draft that a killed broker left', () => {
    writeFileSync(`${name}.draft`, 'half of something much longer than what comes');
    diskFiles.replace(name, 'whole');
    expect(readFileSync(name, 'utf8')).toBe('whole');
  });
});
