import { describe, expect, it } from 'vitest';
import { Producers } from '../../../../cli/broker/log/producers.ts';
import { type BatchHeader, encodeBatch, readBatchHeader } from '../../../../cli/kafka/record-batch.ts';

const DAY = 24 * 60 * 60 * 1000;

function header(baseSequence: number, given: { producerId?: number; producerEpoch?: number; count?: number; baseOffset?: number } = {}): BatchHeader {
  const { producerId = 7, producerEpoch = 0, count = 1 } = given;
  const { baseOffset = baseSequence + 100 * producerEpoch } = given;
  const records = Array.from({ length: count }, () => ({ key: null, value: null, timestamp: 0 }));
  return readBatchHeader(encodeBatch(records, { producerId, producerEpoch, baseSequence, baseOffset }), 0);
}

describe('idempotent producers of a partition', () => {
  it('are followed by their sequence numbers', () => {
    const producers = new Producers();
    producers.wrote(header(0, { count: 3 }), 0);
    expect([producers.judge(header(3)), producers.judge(header(4)), producers.judge(header(2))]).toEqual([{ is: 'next' }, { is: 'out-of-order' }, { is: 'out-of-order' }]);
  });

  it('get the offset of a batch that they repeat, for the last five', () => {
    const producers = new Producers();
    for (let sequence = 0; sequence < 7; sequence++) producers.wrote(header(sequence, { baseOffset: 100 + sequence }), 0);
    expect(producers.judge(header(6))).toEqual({ is: 'repeat', baseOffset: 106 });
    expect(producers.judge(header(2))).toEqual({ is: 'repeat', baseOffset: 102 });
    expect(producers.judge(header(1))).toEqual({ is: 'out-of-order' });
  });

  it('are refused when a newer self has written, which begins at 0', () => {
    const producers = new Producers();
    producers.wrote(header(0), 0);
    expect(producers.judge(header(3, { producerEpoch: 1 }))).toEqual({ is: 'out-of-order' });
    expect(producers.judge(header(0, { producerEpoch: 1 }))).toEqual({ is: 'next' });
    producers.wrote(header(0, { producerEpoch: 1 }), 0);
    expect(producers.judge(header(1))).toEqual({ is: 'fenced' });
    expect(producers.judge(header(1, { producerEpoch: 1 }))).toEqual({ is: 'next' });
  });

  it('may come with any sequence when nothing is known of them, and are told apart', () => {
    const producers = new Producers();
    producers.wrote(header(0), 0);
    expect(producers.judge(header(41, { producerId: 8 }))).toEqual({ is: 'next' });
  });

  it('are no concern of batches without an id', () => {
    const producers = new Producers();
    producers.wrote(header(-1, { producerId: -1, producerEpoch: -1 }), 0);
    expect(producers.size).toBe(0);
    expect(producers.judge(header(-1, { producerId: -1, producerEpoch: -1 }))).toEqual({ is: 'next' });
  });

  it('begin again at 0 after the last sequence number', () => {
    const producers = new Producers();
    producers.wrote(header(2 ** 31 - 2, { count: 2 }), 0);
    expect(producers.judge(header(0))).toEqual({ is: 'next' });
  });

  it('are forgotten after a day of silence, and when there are too many', () => {
    const producers = new Producers();
    producers.wrote(header(0, { producerId: 1 }), 0);
    producers.wrote(header(0, { producerId: 2 }), DAY + 1);
    expect(producers.size).toBe(1);
    for (let id = 10; id < 10_020; id++) producers.wrote(header(0, { producerId: id }), DAY + 2);
    expect(producers.size).toBe(10_000);
  });

  it('are not taken back by batches that are read a second time', () => {
    const producers = new Producers();
    for (const sequence of [0, 1, 2, 0, 1]) producers.wrote(header(sequence), 0);
    expect(producers.judge(header(3))).toEqual({ is: 'next' });
  });

  it('survive being written down, and an unreadable file counts as none', () => {
    const producers = new Producers();
    producers.wrote(header(0, { baseOffset: 3 }), 0);
    expect(Producers.parse(JSON.stringify(producers)).judge(header(0))).toEqual({ is: 'repeat', baseOffset: 3 });
    expect(Producers.parse('[[7,').size).toBe(0);
  });
});
