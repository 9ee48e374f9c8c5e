import { batchIntact, type BatchHeader } from '../../kafka/record-batch.ts';
import { headerAt } from './batch.ts';
import type { LogFile } from './files.ts';
import { SegmentIndex } from './index.ts';

const READ_AT_ONCE = 4 * 1024 * 1024;

/** Reads a segment from its beginning: its index, and how many bytes behind the last right batch are not one. */
export function scan(file: LogFile, baseOffset: number, onBatch: (header: BatchHeader) => void = () => undefined): { index: SegmentIndex; torn: number } {
  const index = new SegmentIndex(baseOffset);
  const total = file.size();
  let chunk = Buffer.allocUnsafe(Math.min(READ_AT_ONCE, total));
  while (index.size < total) {
    let filled = chunk.subarray(0, file.read(chunk, index.size));
    const first = headerAt(filled, 0);
    if (!first || first.size > total - index.size) break;
    if (first.size > filled.length) {
      chunk = Buffer.allocUnsafe(first.size);
      filled = chunk.subarray(0, file.read(chunk, index.size));
    }
    if (!scanChunk(filled, index, onBatch)) break;
  }
  return { index, torn: total - index.size };
}

/** Takes the right batches at the front of `bytes`; false when the first one is not right. */
function scanChunk(bytes: Buffer, index: SegmentIndex, onBatch: (header: BatchHeader) => void): boolean {
  let at = 0;
  for (let header = headerAt(bytes, 0); header && at + header.size <= bytes.length; header = headerAt(bytes, at)) {
    if (header.baseOffset < index.nextOffset || !batchIntact(bytes, at)) break;
    index.add(header);
    onBatch(header);
    at += header.size;
  }
  return at > 0;
}
