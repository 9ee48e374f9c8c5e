/** How long and how much a partition keeps; -1 keeps for ever. */
export interface Retention {
  /** Milliseconds, by the records' own times. */
  retentionMs: number;
  /** Bytes of one partition. */
  retentionBytes: number;
}

/** What retention needs to know of a segment. */
export interface Aged {
  size: number;
  /** The latest time of its records, ms; -1 when it has none. */
  latest: number;
}

/** How many of the oldest segments are to go: all records too old, or the rest still larger than the limit without them. Kafka's rule, whole segments only. */
export function expired(segments: readonly Aged[], now: number, { retentionMs, retentionBytes }: Retention): number {
  let count = 0;
  if (retentionMs >= 0) {
    while (count < segments.length && isPast(segments[count] as Aged, now - retentionMs)) count++;
  }
  if (retentionBytes >= 0) {
    let left = segments.slice(count).reduce((sum, segment) => sum + segment.size, 0);
    for (; count < segments.length; count++) {
      left -= (segments[count] as Aged).size;
      if (left < retentionBytes) break;
    }
  }
  return count;
}

function isPast(segment: Aged, oldest: number): boolean {
  return segment.latest >= 0 && segment.latest < oldest;
}
