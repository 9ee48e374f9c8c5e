import { describe, expect, it } from 'vitest';
import { RecordQueue } from '../../../../cli/sidecar/kafka/record-queue.ts';

describe('a partition\'s queue', () => {
  it('gives records in their order, as many as are asked for', async () => {
    const queue = new RecordQueue<number>(10);
    queue.push([1, 2, 3]);
    expect(await queue.take(2, 0)).toEqual([1, 2]);
    expect(await queue.take(2, 0)).toEqual([3]);
  });

  it('waits for the first record', async () => {
    const queue = new RecordQueue<number>(10);
    const taking = queue.take(5, 0);
    queue.push([]);
    queue.push([7]);
    expect(await taking).toEqual([7]);
  });

  it('waits for more only as long as it may, and no longer than it needs', async () => {
    const queue = new RecordQueue<number>(10);
    const full = queue.take(3, 60_000);
    queue.push([1]);
    queue.push([2]);
    queue.push([3, 4]);
    expect(await full).toEqual([1, 2, 3]);
    expect(await queue.take(3, 5)).toEqual([4]);
  });

  it('tells the reader when there is room', async () => {
    const queue = new RecordQueue<number>(1);
    queue.push([1, 2, 3]);
    let room = false;
    const waiting = queue.room().then(() => (room = true));
    await queue.take(1, 0);
    await Promise.resolve();
    expect(room).toBe(false);
    await queue.take(1, 0);
    await waiting;
    expect(room).toBe(true);
  });

  it('once closed, lets everyone go and gives nothing more', async () => {
    const queue = new RecordQueue<number>(0);
    const taking = queue.take(1, 0);
    queue.close();
    expect(await taking).toEqual([]);
    queue.push([1]);
    expect(await queue.take(1, 60_000)).toEqual([]);
    await queue.room();
  });

  it('takes a fetch of any size', async () => {
    const queue = new RecordQueue<number>(0);
    queue.push(Array.from({ length: 300_000 }, (_, n) => n));
    expect(await queue.take(300_000, 0)).toHaveLength(300_000);
  });
});
