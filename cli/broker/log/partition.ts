import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BatchHeader } from '../../kafka/record-batch.ts';
import { place } from './batch.ts';
import type { Files } from './files.ts';
import { type Verdict, Producers } from './producers.ts';
import { recover } from './recovery.ts';
import { expired, type Retention } from './retention.ts';
import { Segment } from './segment.ts';
import { SegmentIndex } from './index.ts';

/** When the active segment is closed and a new one begun. */
export interface Rolling {
  segmentBytes: number;
  segmentMs: number;
}

/** What became of an append. `repeat`: the producer sent this batch before, it lies at `baseOffset` already. */
export type Appended = { is: 'written' | 'repeat'; baseOffset: number } | { is: 'out-of-order' | 'fenced' };

/** What a partition needs from the broker around it. */
export interface PartitionDeps {
  files: Files;
  now(): number;
  /** Called with a segment that has bytes which only the operating system holds. */
  dirty(segment: Segment): void;
  /** Runs what may be done later, such as syncing a closed segment; its failure is logged. */
  later(work: () => Promise<void>): void;
}

const LEADER_EPOCH = 0;
const PRODUCERS_FILE = 'producers.json';
const START_FILE = 'start-offset';

/** The log of one partition: segments on disk, offsets, who waits for more. */
export class Partition {
  readonly folder: string;
  readonly #deps: PartitionDeps;
  readonly #segments: Segment[];
  readonly #waiting = new Set<() => void>();
  readonly #producers: Producers;
  #startOffset: number;
  #gone = false;

  private constructor(folder: string, deps: PartitionDeps, segments: Segment[], producers: Producers, startOffset: number) {
    this.folder = folder;
    this.#deps = deps;
    this.#segments = segments;
    this.#producers = producers;
    this.#startOffset = startOffset;
  }

  /** Opens the log in `folder`, made when missing. `cut` is how many bytes of a torn tail were removed. */
  static open(folder: string, deps: PartitionDeps): { partition: Partition; cut: number } {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const producers = Producers.parse(readIfThere(path.join(folder, PRODUCERS_FILE)) ?? '[]');
    const now = deps.now();
    const { segments, cut } = recover(deps.files, folder, (header) => producers.wrote(header, now));
    const active = segments.at(-1) as Segment;
    if (active.size > 0) active.firstWrite = now;
    const stored = Number(readIfThere(path.join(folder, START_FILE)) ?? '0');
    const start = Math.max(stored, (segments[0] as Segment).baseOffset);
    const partition = new Partition(folder, deps, segments, producers, start);
    return { partition, cut };
  }

  /** The oldest offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset that the next record gets; everything before it can be read (one replica: no other high watermark). */
  get endOffset(): number {
    return this.#active.index.nextOffset;
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** Appends one batch that was checked before; its header's offset and epoch are set in place. Throws when the disk refuses. */
  append(batch: Buffer, header: BatchHeader, rolling: Rolling): Appended {
    const verdict: Verdict = this.#producers.judge(header);
    if (verdict.is !== 'next') return verdict;
    this.#rollWhenDue(header.size, rolling);
    const baseOffset = this.endOffset;
    place(batch, baseOffset, LEADER_EPOCH);
    const placed = { ...header, baseOffset, lastOffset: baseOffset + header.lastOffset - header.baseOffset };
    const now = this.#deps.now();
    this.#active.append(batch, placed);
    this.#active.firstWrite ??= now;
    this.#producers.wrote(placed, now);
    this.#deps.dirty(this.#active);
    this.#wake();
    return { is: 'written', baseOffset };
  }

  /** Whole or cut-off batches from the one that holds `offset`, about `maxBytes`; the first one always whole when `atLeastOne`. */
  read(offset: number, maxBytes: number, atLeastOne: boolean): Buffer {
    const segment = this.#segmentFor(offset);
    const at = segment.locate(offset);
    if (!at) return Buffer.alloc(0);
    if (at.header.size > maxBytes && !atLeastOne) return Buffer.alloc(0);
    return segment.read(at.position, Math.max(maxBytes, at.header.size));
  }

  /** The first batch whose latest record is not older than `time`, whole; undefined when there is none. */
  batchAtTime(time: number): Buffer | undefined {
    for (const segment of this.#segments) {
      if (segment.index.latest < time) continue;
      const at = segment.locateTime(time);
      if (at && at.header.lastOffset >= this.#startOffset) return segment.read(at.position, at.header.size);
    }
    return undefined;
  }

  /** The latest time of any record, -1 when there is none. */
  get latestTime(): number {
    return Math.max(...this.#segments.map(({ index }) => index.latest));
  }

  /** Removes old segments; returns how many. */
  enforce(retention: Retention, rolling: Rolling): number {
    const now = this.#deps.now();
    const aged = this.#segments.map(({ size, index }) => ({ size, latest: index.latest }));
    let count = expired(aged, now, retention);
    if (count === this.#segments.length) {
      // All of it is too old: the active segment is closed so that it can go, and the offsets go on in a new one.
      if (this.#active.size === 0) count--;
      else this.#roll();
    } else {
      this.#rollWhenDue(0, rolling);
    }
    for (const segment of this.#segments.splice(0, count)) segment.remove();
    this.#startOffset = Math.max(this.#startOffset, (this.#segments[0] as Segment).baseOffset);
    return count;
  }

  /** Makes `offset` the oldest one that can be read; whole segments before it are removed. */
  deleteBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    if (offset === this.endOffset && this.#active.size > 0) this.#roll();
    this.#deps.files.replace(path.join(this.folder, START_FILE), String(offset));
    this.#startOffset = offset;
    while (this.#segments.length > 1 && (this.#segments[1] as Segment).baseOffset <= offset) this.#segments.shift()?.remove();
  }

  /** Calls `wake` once, at the next append or when the partition goes; returns a function that calls it off. */
  waitForMore(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  /** Syncs and writes down what lets the next start trust the files. Throws when the disk refuses; the next start then reads them. */
  close(): void {
    this.#wake();
    try {
      this.#active.sync();
      this.#writeProducers();
      this.#active.seal();
    } finally {
      this.#active.close();
    }
  }

  /** Lets go of the files without writing anything: the folder is about to be removed. */
  abandon(): void {
    this.#gone = true;
    this.#wake();
    this.#active.close();
  }

  get #active(): Segment {
    return this.#segments.at(-1) as Segment;
  }

  #segmentFor(offset: number): Segment {
    return this.#segments.findLast((segment) => segment.baseOffset <= offset) ?? (this.#segments[0] as Segment);
  }

  #rollWhenDue(bytes: number, { segmentBytes, segmentMs }: Rolling): void {
    const { size, firstWrite } = this.#active;
    if (size === 0) return;
    const old = firstWrite !== undefined && this.#deps.now() - firstWrite >= segmentMs;
    if (size + bytes > segmentBytes || old) this.#roll();
  }

  #roll(): void {
    const sealed = this.#active;
    const next = new Segment(this.#deps.files, this.folder, this.endOffset, new SegmentIndex(this.endOffset));
    next.open();
    this.#writeProducers();
    this.#segments.push(next);
    this.#deps.later(async () => {
      await sealed.syncSoon();
      // Retention may have removed it meanwhile, or the whole topic, whose folder may already be another's.
      if (!this.#gone && this.#segments.includes(sealed)) sealed.seal();
      sealed.close();
    });
  }

  #writeProducers(): void {
    if (this.#producers.size > 0) this.#deps.files.replace(path.join(this.folder, PRODUCERS_FILE), JSON.stringify(this.#producers));
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
