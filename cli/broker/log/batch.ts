import { BATCH, batchIntact, type BatchHeader, readBatchHeader } from '../../kafka/record-batch.ts';

const MAGIC = 2;

/** The header of the batch at `at`, when 61 bytes are there and can be a header: format 2, a possible size, offsets that go up. */
export function headerAt(bytes: Buffer, at: number): BatchHeader | undefined {
  if (bytes.length - at < BATCH.records || bytes[at + BATCH.magic] !== MAGIC) return undefined;
  const header = readBatchHeader(bytes, at);
  return header.size >= BATCH.records && header.lastOffset >= header.baseOffset ? header : undefined;
}

/** Why a batch cannot be appended, each a different error of the protocol. */
export type BatchFault = 'corrupt' | 'too-large' | 'not-one-batch' | 'unsupported-format' | 'unsupported-transaction';

/** Looks at what a Produce request holds for one partition: exactly one whole, right batch of format 2, no larger than `largest` bytes. */
export function checkBatch(bytes: Buffer, largest: number): BatchHeader | BatchFault {
  if (bytes.length > BATCH.magic && bytes[BATCH.magic] !== MAGIC) return 'unsupported-format';
  const header = headerAt(bytes, 0);
  if (!header || header.size > bytes.length) return 'corrupt';
  if (header.size < bytes.length) return 'not-one-batch';
  if (header.size > largest) return 'too-large';
  if (!batchIntact(bytes, 0)) return 'corrupt';
  if (header.control || header.transactional) return 'unsupported-transaction';
  // Producers number their records without gaps; only compaction makes some.
  if (header.lastOffset - header.baseOffset !== header.count - 1) return 'corrupt';
  return header;
}

/** Sets what the broker decides, both outside the checksum: the offset of the first record and the leader epoch. */
export function place(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  batch.writeInt32BE(Math.floor(baseOffset / 2 ** 32), BATCH.baseOffset);
  batch.writeUInt32BE(baseOffset % 2 ** 32, BATCH.baseOffset + 4);
  batch.writeInt32BE(leaderEpoch, BATCH.leaderEpoch);
}
