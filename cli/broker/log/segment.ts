import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BATCH, type BatchHeader } from '../../kafka/record-batch.ts';
import { headerAt } from './batch.ts';
import type { Files, LogFile } from './files.ts';
import { SegmentIndex } from './index.ts';
import { scan } from './scan.ts';

const HEADS_AT_ONCE = 16 * 1024;

/** Where a batch lies in its segment. */
export interface Located {
  header: BatchHeader;
  position: number;
}

/** The path of the segment that begins at `baseOffset`: twenty digits, so that names sort as offsets do. */
export function segmentPath(folder: string, baseOffset: number): string {
  return path.join(folder, `${String(baseOffset).padStart(20, '0')}.log`);
}

/** One append-only file of batches. A sealed segment has its index beside it; the active one has it in memory. */
export class Segment {
  readonly baseOffset: number;
  readonly path: string;
  /** When its first batch was written by this process, or it was opened; ms. */
  firstWrite: number | undefined;
  readonly #files: Files;
  #file: LogFile | undefined;
  #index: SegmentIndex | undefined;

  constructor(files: Files, folder: string, baseOffset: number, index?: SegmentIndex) {
    this.#files = files;
    this.baseOffset = baseOffset;
    this.path = segmentPath(folder, baseOffset);
    this.#index = index;
  }

  get index(): SegmentIndex {
    this.#index ??= this.#loadIndex();
    return this.#index;
  }

  get size(): number {
    return this.index.size;
  }

  /** Opens the file for good; a sealed segment opens it per read instead, so that a long log does not hold a descriptor per file. */
  open(): void {
    this.#file ??= this.#files.open(this.path);
  }

  /** The index on disk no longer describes the file from the first append on. */
  forgetStoredIndex(): void {
    rmSync(indexPath(this.path), { force: true });
  }

  /** Writes a batch at the end. After an error the file is as it was before, or has a tail that the next write covers. */
  append(batch: Buffer, header: BatchHeader): void {
    const file = this.#file as LogFile;
    try {
      file.write(batch, this.index.size);
    } catch (error) {
      attempt(() => file.truncate(this.index.size));
      throw error;
    }
    this.index.add(header);
  }

  /** The batch that holds `offset`, or the first one after it. */
  locate(offset: number): Located | undefined {
    return this.#find(this.index.positionFor(offset), (header) => header.lastOffset >= offset);
  }

  /** The first batch whose latest record is not older than `time`. */
  locateTime(time: number): Located | undefined {
    return this.#find(this.index.positionForTime(time), (header) => header.maxTimestamp >= time);
  }

  /** Bytes from `position`, at most `length`, never beyond the last whole batch. */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.index.size - position)));
    const read = this.#reading((file) => file.read(bytes, position));
    return read === bytes.length ? bytes : bytes.subarray(0, read);
  }

  sync(): void {
    this.#file?.sync();
  }

  async syncSoon(): Promise<void> {
    await this.#file?.syncSoon();
  }

  /** Writes the index down; from then on a start trusts the file without reading it. Its data must be synced before. */
  seal(): void {
    this.#files.replace(indexPath(this.path), JSON.stringify(this.index));
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
    this.forgetStoredIndex();
  }

  #find(from: number, wanted: (header: BatchHeader) => boolean): Located | undefined {
    return this.#reading((file) => {
      const window = Buffer.allocUnsafe(HEADS_AT_ONCE);
      let windowAt = -1;
      let filled = 0;
      for (let position = from; position < this.index.size; ) {
        if (windowAt < 0 || position + BATCH.records > windowAt + filled) {
          filled = file.read(window, position);
          windowAt = position;
        }
        const header = headerAt(window.subarray(0, filled), position - windowAt);
        if (!header) return undefined;
        if (wanted(header)) return { header, position };
        position += header.size;
      }
      return undefined;
    });
  }

  #reading<T>(use: (file: LogFile) => T): T {
    if (this.#file) return use(this.#file);
    const file = this.#files.open(this.path);
    try {
      return use(file);
    } finally {
      file.close();
    }
  }

  #loadIndex(): SegmentIndex {
    const stored = readStoredIndex(this.path, this.#reading((file) => file.size()));
    return stored ?? this.#reading((file) => scan(file, this.baseOffset).index);
  }
}

/** The stored index of a segment file of `size` bytes, when there is one that describes it. */
export function readStoredIndex(segment: string, size: number): SegmentIndex | undefined {
  const file = indexPath(segment);
  return existsSync(file) ? SegmentIndex.parse(readFileSync(file, 'utf8'), size) : undefined;
}

function indexPath(segment: string): string {
  return segment.replace(/\.log$/, '.index');
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The disk already refused one thing; the first error is the one to report.
  }
}
