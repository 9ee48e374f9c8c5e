// Logs as they are written, rotated, merged and followed.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLogs } from '../../../../cli/targets/local/logs.ts';
import { lastWords, logPath, logSize, openLog, rotate } from '../../../../cli/targets/local/supervisor/logs.ts';
import type { LogLine } from '../../../../cli/targets/target.ts';
import { temporaryFolder } from './platforms.ts';

const never = new AbortController().signal;
const line = (time: number, msg: string): string => `${JSON.stringify({ level: 30, time, msg })}\n`;
const T = 1_700_000_000_000;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, `${name}.log`), text);
  return folder;
}
const read = (folder: string, tail: number, names: string[] = []): Promise<LogLine[]> => Array.fromAsync(readLogs(folder, { names, follow: false, tail }, never));

describe('the last lines', () => {
  test('of any logs: as many as asked, the youngest, in the order of time', async () => {
    const times = fc.array(fc.nat({ max: 1000 }), { maxLength: 15 }).map((all) => all.sort((a, b) => a - b));
    await fc.assert(fc.asyncProperty(fc.record({ a: times, b: times, c: times }), fc.nat({ max: 40 }), async (logs, tail) => {
      const folder = folderWith(Object.fromEntries(Object.entries(logs).map(([name, all]) => [name, all.map((time) => line(T + time, 'x')).join('')])));
      const got = (await read(folder, tail)).map(({ text }) => (JSON.parse(text) as { time: number }).time - T);
      const all = Object.values(logs).flat().sort((a, b) => a - b);
      expect(got).toEqual(tail === 0 ? [] : all.slice(-tail));
    }), { numRuns: 40 });
  });

  test('of a log larger than what is read at once, with lines that cross the pieces', async () => {
    const lines = Array.from({ length: 400 }, (_, index) => line(T + index, `${index} ${'ü'.repeat(300)}`));
    const folder = folderWith({ big: lines.join('') });
    expect(statSync(path.join(folder, 'big.log')).size).toBeGreaterThan(3 * 64 * 1024);
    expect((await read(folder, 399)).map(({ text }) => `${text}\n`)).toEqual(lines.slice(1));
  });

  test('leave out one that is not whole yet', async () => {
    expect(await read(folderWith({ a: `${line(T, 'whole')}{"level":30,"ti` }), 10)).toHaveLength(1);
    expect(await read(folderWith({ a: 'never ended' }), 10)).toEqual([]);
  });

  test('are of the files that are logs, whatever else lies there', async () => {
    const folder = folderWith({ a: 'one\n' });
    for (const other of ['a.log.1', 'a.log.copying', 'notes.txt']) writeFileSync(path.join(folder, other), 'not this\n');
    expect(await read(folder, 10)).toEqual([{ process: 'a', text: 'one' }]);
  });
});

describe('following', () => {
  /** Reads until `count` lines have come, `next` being called after each. */
  async function follow(folder: string, count: number, next: (got: number) => void, names: string[] = []): Promise<string[]> {
    const stop = new AbortController();
    const got: string[] = [];
    for await (const { process, text } of readLogs(folder, { names, follow: true, tail: 10 }, stop.signal)) {
      got.push(`${process} ${text}`);
      next(got.length);
      if (got.length === count) stop.abort();
    }
    return got;
  }

  test('goes on after the last line, and a line that comes in pieces is one', async () => {
    const folder = folderWith({ a: 'one\ntw' });
    const file = path.join(folder, 'a.log');
    expect(await follow(folder, 3, (got) => appendFileSync(file, ['', 'o\nthr', 'ee\n'][got] ?? ''))).toEqual(['a one', 'a two', 'a three']);
  });

  test('sees a process that is started meanwhile, when it was asked for', async () => {
    const folder = folderWith({ 'a-0': 'one\n' });
    const start = (got: number): void => {
      if (got !== 1) return;
      writeFileSync(path.join(folder, 'b-0.log'), 'not asked for\n');
      writeFileSync(path.join(folder, 'a-1.log'), 'two\n');
    };
    expect(await follow(folder, 2, start, ['a'])).toEqual(['a-0 one', 'a-1 two']);
  });

  test('begins anew in a log that was emptied under it', async () => {
    const folder = folderWith({ a: 'one\ntwo\n' });
    const file = path.join(folder, 'a.log');
    expect(await follow(folder, 3, (got) => {
      if (got !== 2) return;
      truncateSync(file, 0);
      appendFileSync(file, 'three\n');
    })).toEqual(['a one', 'a two', 'a three']);
  });

  test('a signal that was given before ends it at once', async () => {
    expect(await Array.fromAsync(readLogs(folderWith({ a: 'one\n' }), { names: [], follow: true, tail: 10 }, AbortSignal.abort()))).toEqual([{ process: 'a', text: 'one' }]);
  });
});

describe('rotation', () => {
  const given = { bytes: 10, keep: 3 };

  test('keeps every byte of the last few files, the youngest in .1, whatever was written when', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.stringMatching(/^[a-z]{11,30}$/), { minLength: 1, maxLength: 6 }), async (pieces) => {
      const folder = temporaryFolder();
      const file = path.join(folder, 'a.log');
      for (const piece of pieces) {
        appendFileSync(file, piece);
        expect(await rotate(file, given)).toBe(true);
        expect(logSize(file)).toBe(0);
      }
      const kept = pieces.toReversed().slice(0, given.keep);
      expect(kept.map((_, index) => readFileSync(`${file}.${index + 1}`, 'utf8'))).toEqual(kept);
      expect(readdirSync(folder).sort()).toEqual(['a.log', ...kept.map((_, index) => `a.log.${index + 1}`)]);
    }), { numRuns: 25 });
  });

  test('a writer that holds its log open goes on in the emptied file', async () => {
    const file = logPath(temporaryFolder(), 'a');
    const log = openLog(file);
    appendFileSync(log, 'before the rotation');
    await rotate(file, given);
    appendFileSync(log, 'after');
    expect([readFileSync(file, 'utf8'), readFileSync(`${file}.1`, 'utf8')]).toEqual(['after', 'before the rotation']);
  });

  test('what an interrupted one has left is written over', async () => {
    const file = path.join(folderWith({ a: 'long enough to rotate' }), 'a.log');
    writeFileSync(`${file}.copying`, 'half of an earlier copy, longer than the log itself is');
    await rotate(file, given);
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('long enough to rotate');
    expect(existsSync(`${file}.copying`)).toBe(false);
  });
});

describe('last words', () => {
  test('of nothing, of a log that is gone, of blanks: none', () => {
    const folder = folderWith({ empty: '', blank: '\n  \n' });
    for (const name of ['empty', 'blank', 'none']) expect(lastWords(path.join(folder, `${name}.log`), 0)).toBe('');
  });

  test('are those since the start, or all of a log that was emptied since', () => {
    const file = path.join(folderWith({ a: 'of the last life\n' }), 'a.log');
    const since = logSize(file);
    appendFileSync(file, 'one\ntwo\n');
    expect(lastWords(file, since)).toBe('one | two');
    writeFileSync(file, 'new\n');
    expect(lastWords(file, since)).toBe('new');
    rmSync(file);
  });

  test('are never more than three lines, however long the log', () => {
    const file = path.join(folderWith({ a: Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join('') }), 'a.log');
    expect(lastWords(file, 0)).toBe('line 4997 | line 4998 | line 4999');
  });
});
