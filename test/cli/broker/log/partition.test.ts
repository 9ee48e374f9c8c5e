import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBatch, headerAt } from '../../../../cli/broker/log/batch.ts';
import { diskFiles, type Files, type LogFile } from '../../../../cli/broker/log/files.ts';
import { type Appended, Partition } from '../../../../cli/broker/log/partition.ts';
import { encodeBatch, readBatchHeader } from '../../../../cli/kafka/record-batch.ts';

const LARGE = { segmentBytes: 1 << 30, segmentMs: 1e12 };
const SMALL = { segmentBytes: 1000, segmentMs: 1e12 };
const FOR_EVER = { retentionMs: -1, retentionBytes: -1 };

let root: string;
let now: number;
let later: Promise<void>[];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'partition-'));
  now = 1_700_000_000_000;
  later = [];
});
afterEach(async () => {
  await Promise.all(later);
  rmSync(root, { recursive: true, force: true });
});

function open(folder = path.join(root, '0'), files: Files = diskFiles): { partition: Partition; cut: number } {
  return Partition.open(folder, { files, now: () => now, dirty: () => undefined, later: (work) => later.push(work()) });
}

function batch(values: readonly string[], options: { timestamp?: number; producerId?: number; baseSequence?: number } = {}): Buffer {
  const { timestamp = now, ...rest } = options;
  return encodeBatch(values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })), { ...rest, ...(rest.producerId ? { producerEpoch: 0 } : {}) });
}

function append(partition: Partition, bytes: Buffer, rolling = LARGE): Appended {
  const header = checkBatch(bytes, 1 << 30);
  if (typeof header === 'string') throw new Error(header);
  return partition.append(bytes, header, rolling);
}

/** The offsets of all batches from `offset` on, by as many reads as it takes. */
function offsets(partition: Partition, from = partition.startOffset): number[] {
  const found: number[] = [];
  for (let offset = from; offset < partition.endOffset; ) {
    const bytes = partition.read(offset, 100_000, true);
    for (let at = 0, header = headerAt(bytes, 0); header && at + header.size <= bytes.length; header = headerAt(bytes, at)) {
      found.push(header.baseOffset);
      offset = header.lastOffset + 1;
      at += header.size;
    }
  }
  return found;
}

const logs = (folder = path.join(root, '0')): string[] => readdirSync(folder).filter((name) => name.endsWith('.log')).sort();

describe('a partition', () => {
  it('numbers what it is given and gives it back from any offset', () => {
    const { partition } = open();
    for (let n = 0; n < 5; n++) expect(append(partition, batch(['a', 'b', 'c']))).toEqual({ is: 'written', baseOffset: n * 3 });
    expect([partition.startOffset, partition.endOffset]).toEqual([0, 15]);
    expect([0, 1, 7, 14].map((offset) => offsets(partition, offset)[0])).toEqual([0, 0, 6, 12]);
    partition.close();
  });

  it('reads the same over any number of segments and any order of batch sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ count: fc.integer({ min: 1, max: 9 }), size: fc.integer({ min: 0, max: 900 }) }), { minLength: 1, maxLength: 40 }), (drawn) => {
        const folder = mkdtempSync(path.join(root, 'p-'));
        const { partition } = open(folder);
        const written = drawn.map(({ count, size }) => append(partition, batch(Array.from({ length: count }, () => 'x'.repeat(size))), SMALL));
        const bases = written.map((one) => (one.is === 'written' ? one.baseOffset : -1));
        expect(offsets(partition)).toEqual(bases);
        partition.close();
        const again = open(folder).partition;
        expect(offsets(again)).toEqual(bases);
        again.close();
      }),
      { numRuns: 30 },
    );
  });

  it('keeps to the limit of a read, but for one whole batch where that is asked for', () => {
    const { partition } = open();
    append(partition, batch(['x'.repeat(500)]));
    append(partition, batch(['y'.repeat(500)]));
    expect(partition.read(0, 100, true).length).toBeGreaterThan(500);
    expect(partition.read(0, 100, true).length).toBeLessThan(700);
    expect(partition.read(0, 100, false)).toHaveLength(0);
    expect(partition.read(0, 800, false)).toHaveLength(800);
    partition.close();
  });

  it('finds the batch for a time over segments, and none for a time that is to come', () => {
    const { partition } = open();
    for (const time of [100, 300, 200, 400]) append(partition, batch(['x'.repeat(600)], { timestamp: time }), SMALL);
    const base = (time: number): number | undefined => {
      const found = partition.batchAtTime(time);
      return found && readBatchHeader(found, 0).baseOffset;
    };
    expect([0, 100, 101, 250, 301, 400, 401].map(base)).toEqual([0, 0, 1, 1, 3, 3, undefined]);
    expect(partition.latestTime).toBe(400);
    partition.close();
  });

  it('wakes whoever waits, once, at the next append', () => {
    const { partition } = open();
    let woken = 0;
    const callOff = partition.waitForMore(() => woken++);
    append(partition, batch(['a']));
    append(partition, batch(['b']));
    expect(woken).toBe(1);
    partition.waitForMore(() => woken++);
    callOff();
    const off = partition.waitForMore(() => (woken += 100));
    off();
    append(partition, batch(['c']));
    expect(woken).toBe(2);
    partition.close();
  });
});

describe('segments', () => {
  it('are closed by size', () => {
    const { partition } = open();
    for (let n = 0; n < 6; n++) append(partition, batch(['x'.repeat(400)]), SMALL);
    expect(logs()).toEqual(['00000000000000000000.log', '00000000000000000002.log', '00000000000000000004.log']);
    partition.close();
  });

  it('are closed by age, without a write too', () => {
    const { partition } = open();
    append(partition, batch(['a']), { ...LARGE, segmentMs: 1000 });
    now += 1001;
    partition.enforce(FOR_EVER, { ...LARGE, segmentMs: 1000 });
    expect(logs()).toHaveLength(2);
    partition.close();
  });

  it('go when retention says so; the beginning moves and the numbers go on', () => {
    const { partition } = open();
    for (let n = 0; n < 6; n++) append(partition, batch(['x'.repeat(400)], { timestamp: now + n }), SMALL);
    expect(partition.enforce({ ...FOR_EVER, retentionBytes: 900 }, SMALL)).toBe(2);
    expect([partition.startOffset, offsets(partition)]).toEqual([4, [4, 5]]);
    now += 10_000;
    expect(partition.enforce({ ...FOR_EVER, retentionMs: 1000 }, SMALL)).toBe(1);
    expect([partition.startOffset, partition.endOffset]).toEqual([6, 6]);
    expect(append(partition, batch(['next']))).toEqual({ is: 'written', baseOffset: 6 });
    partition.close();
    expect(open().partition.startOffset).toBe(6);
  });

  it('leave nothing behind that retention took', async () => {
    const { partition } = open();
    for (let n = 0; n < 6; n++) append(partition, batch(['x'.repeat(400)]), SMALL);
    partition.enforce({ ...FOR_EVER, retentionBytes: 900 }, SMALL);
    await Promise.all(later);
    expect(readdirSync(path.join(root, '0')).sort()).toEqual(['00000000000000000004.log']);
    partition.close();
  });

  it('are cut off at an offset, which a restart remembers', () => {
    const { partition } = open();
    for (let n = 0; n < 6; n++) append(partition, batch(['x'.repeat(400)]), SMALL);
    partition.deleteBefore(3);
    expect([partition.startOffset, logs().length]).toEqual([3, 2]);
    partition.close();
    const again = open().partition;
    expect([again.startOffset, offsets(again)[0]]).toEqual([3, 3]);
    again.deleteBefore(6);
    expect([again.startOffset, again.endOffset, offsets(again)]).toEqual([6, 6, []]);
    again.close();
  });
});

describe('after a kill', () => {
  it('every whole batch is there, wherever the file was cut', () => {
    const folder = path.join(root, '0');
    const { partition } = open(folder);
    const ends: number[] = [];
    for (let n = 0; n < 8; n++) {
      const bytes = batch([`record ${n}`, 'x'.repeat(n * 37)]);
      ends.push((ends.at(-1) ?? 0) + bytes.length);
      append(partition, bytes);
    }
    partition.abandon();
    const file = path.join(folder, logs(folder)[0] as string);
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        writeFileSync(file, whole.subarray(0, length));
        const { partition: again, cut } = open(folder);
        const kept = ends.filter((end) => end <= length);
        expect(again.endOffset).toBe(kept.length * 2);
        expect(cut).toBe(length - (kept.at(-1) ?? 0));
        expect(append(again, batch(['more']))).toEqual({ is: 'written', baseOffset: kept.length * 2 });
        again.abandon();
      }),
      { numRuns: 60 },
    );
  });

  it('a tail of other bytes is cut at the last right batch', () => {
    const folder = path.join(root, '0');
    const { partition } = open(folder);
    append(partition, batch(['good']));
    append(partition, batch(['damaged']));
    partition.abandon();
    const file = path.join(folder, logs(folder)[0] as string);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(5000)]));
    const again = open(folder);
    expect([again.partition.endOffset, again.cut > 5000]).toEqual([1, true]);
    again.partition.close();
  });

  it('what lay behind a cut never comes back, even where a new batch fits exactly before it', () => {
    const folder = path.join(root, '0');
    const { partition } = open(folder);
    const one = batch(['damaged']);
    for (const bytes of [one, batch(['behind it'])]) append(partition, bytes);
    partition.abandon();
    const file = path.join(folder, logs(folder)[0] as string);
    const bytes = readFileSync(file);
    bytes[one.length - 1] = (bytes[one.length - 1] as number) ^ 1;
    writeFileSync(file, bytes);
    const { partition: again } = open(folder);
    append(again, batch(['another']));
    again.abandon();
    const last = open(folder).partition;
    expect(last.endOffset).toBe(1);
    last.close();
  });

  it('no segment follows one that had to be cut: the offsets have no hole', async () => {
    const folder = path.join(root, '0');
    const { partition } = open(folder);
    for (let n = 0; n < 6; n++) append(partition, batch(['x'.repeat(400)]), SMALL);
    await Promise.all(later);
    partition.abandon();
    // As after a power cut: the first segment lost its tail before its index was written.
    const [first] = logs(folder);
    rmSync(path.join(folder, (first as string).replace('.log', '.index')));
    truncateSync(path.join(folder, first as string), 600);
    const again = open(folder).partition;
    expect([again.endOffset, logs(folder)]).toEqual([1, [first]]);
    again.close();
  });

  it('a sealed segment is trusted by its index, and one without is read and sealed', async () => {
    const folder = path.join(root, '0');
    const { partition } = open(folder);
    for (let n = 0; n < 4; n++) append(partition, batch(['x'.repeat(400)]), SMALL);
    await Promise.all(later);
    partition.close();
    const indexes = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.index')).sort();
    expect(indexes()).toHaveLength(2);
    for (const name of indexes()) rmSync(path.join(folder, name));
    const again = open(folder).partition;
    expect([again.endOffset, indexes()]).toEqual([4, ['00000000000000000000.index']]);
    again.close();
  });

  it('a repeated batch is still known, after a kill and after a clean stop', () => {
    const send = (partition: Partition, baseSequence: number): Appended => append(partition, batch(['x'.repeat(400)], { producerId: 9, baseSequence }), SMALL);
    const first = open().partition;
    for (let sequence = 0; sequence < 4; sequence++) send(first, sequence);
    first.abandon();
    const second = open().partition;
    expect([send(second, 3), send(second, 4)]).toEqual([{ is: 'repeat', baseOffset: 3 }, { is: 'written', baseOffset: 4 }]);
    second.close();
    const third = open().partition;
    expect([send(third, 4), send(third, 5)]).toEqual([{ is: 'repeat', baseOffset: 4 }, { is: 'written', baseOffset: 5 }]);
    third.close();
  });
});

describe('a disk that is full', () => {
  it('refuses a batch and changes nothing; later ones go on where it was', () => {
    let room = Infinity;
    const files = filling(() => room);
    const { partition } = open(undefined, files);
    append(partition, batch(['kept']));
    const file = path.join(root, '0', logs()[0] as string);
    const { length } = readFileSync(file);
    room = 30;
    expect(() => append(partition, batch(['refused', 'altogether']))).toThrow('ENOSPC');
    expect(readFileSync(file)).toHaveLength(length);
    expect([partition.endOffset, offsets(partition)]).toEqual([1, [0]]);
    room = Infinity;
    expect(append(partition, batch(['goes on']))).toEqual({ is: 'written', baseOffset: 1 });
    partition.abandon();
    const again = open();
    expect([offsets(again.partition), again.cut]).toEqual([[0, 1], 0]);
    again.partition.close();
  });
});

/** A disk that takes as many bytes per write as `room` says, then throws as a full one does. */
function filling(room: () => number): Files {
  return {
    replace: (file, content) => diskFiles.replace(file, content),
    open: (file): LogFile => {
      const real = diskFiles.open(file);
      return {
        ...real,
        write: (bytes, position) => {
          real.write(bytes.subarray(0, Math.min(bytes.length, room())), position);
          if (bytes.length > room()) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
        },
      };
    },
  };
}
