/** Bytes of log between two entries: a look-up reads at most this much of batch heads. */
const INTERVAL = 16 * 1024;

/** One point of a segment: a batch that begins at `position`, and the latest time of all batches before it. */
interface Entry {
  offset: number;
  position: number;
  latestBefore: number;
}

/** What is written beside a sealed segment. */
interface StoredIndex {
  version: 1;
  /** Length of the segment that this index describes; another length means that the index is stale. */
  size: number;
  nextOffset: number;
  latest: number;
  entries: [offset: number, position: number, latestBefore: number][];
}

const NO_TIME = -1;

/** The sparse index of one segment: finds where to begin reading for an offset or a time. */
export class SegmentIndex {
  /** Bytes of whole batches. */
  size = 0;
  /** The offset that the next batch will get. */
  nextOffset: number;
  /** The latest time of any batch, -1 when there is none. */
  latest = NO_TIME;
  readonly #entries: Entry[] = [];

  constructor(baseOffset: number) {
    this.nextOffset = baseOffset;
  }

  /** Takes note of a batch that was written at the end. */
  add(batch: { baseOffset: number; size: number; lastOffset: number; maxTimestamp: number }): void {
    const last = this.#entries.at(-1);
    if (!last || this.size - last.position >= INTERVAL) {
      this.#entries.push({ offset: batch.baseOffset, position: this.size, latestBefore: this.latest });
    }
    this.size += batch.size;
    this.nextOffset = batch.lastOffset + 1;
    this.latest = Math.max(this.latest, batch.maxTimestamp);
  }

  /** Where to begin looking for the batch with `offset`. */
  positionFor(offset: number): number {
    return this.#last((entry) => entry.offset <= offset);
  }

  /** Where to begin looking for the first batch that is not older than `time`. */
  positionForTime(time: number): number {
    return this.#last((entry) => entry.latestBefore < time);
  }

  toJSON(): StoredIndex {
    const entries = this.#entries.map((entry): [number, number, number] => [entry.offset, entry.position, entry.latestBefore]);
    return { version: 1, size: this.size, nextOffset: this.nextOffset, latest: this.latest, entries };
  }

  /** The index that `text` holds, when it describes a segment of `size` bytes; otherwise the segment must be read. */
  static parse(text: string, size: number): SegmentIndex | undefined {
    let stored: StoredIndex;
    try {
      stored = JSON.parse(text) as StoredIndex;
    } catch {
      return undefined;
    }
    if (stored.version !== 1 || stored.size !== size) return undefined;
    const index = new SegmentIndex(stored.nextOffset);
    index.size = stored.size;
    index.latest = stored.latest;
    for (const [offset, position, latestBefore] of stored.entries) index.#entries.push({ offset, position, latestBefore });
    return index;
  }

  // Both columns only grow, so the entries that fit come first.
  #last(fits: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fits(this.#entries[middle] as Entry)) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low - 1]?.position ?? 0;
  }
}
