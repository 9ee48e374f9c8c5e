import type { Cluster } from '../../kafka/cluster.ts';
import { beginnings, ends, offsetsSince, type Offsets, partitionKey, type TopicPartition } from '../../kafka/offsets.ts';
import type { Assignment } from '../../kafka/reader.ts';

/** Where reading starts. `last` counts events over all partitions together; times are milliseconds. */
export type Start =
  | { at: 'beginning' }
  | { at: 'end' }
  | { at: 'offset'; offset: number }
  | { at: 'time'; time: number }
  | { at: 'last'; count: number };

/** A partition with what is in it now and what of that is to be read. */
export interface Span extends Assignment {
  beginning: number;
  end: number;
}

/**
 * Where each partition starts and stops. With `follow` it never stops; otherwise at the end that it has now, so that a
 * busy topic does not keep us for ever. `until` (ms) stops earlier, at the first record as new as that.
 * `last` starts at the end: what lies before it is read backwards first (see last.ts).
 */
export async function spansOf(cluster: Cluster, partitions: readonly TopicPartition[], start: Start, bounds: { follow: boolean; until?: number }): Promise<Span[]> {
  const end = await ends(cluster, partitions);
  const beginning = await beginnings(cluster, partitions);
  const from = await startOffsets(cluster, partitions, start, { beginning, end });
  const until = bounds.until === undefined ? end : await offsetsSince(cluster, partitions, bounds.until);
  return partitions.map((partition) => {
    const of = (offsets: Offsets): number => offsets.get(partitionKey(partition)) ?? 0;
    const inside = Math.min(Math.max(of(from), of(beginning)), of(end));
    return { ...partition, offset: inside, until: bounds.follow ? Infinity : Math.min(of(until), of(end)), beginning: of(beginning), end: of(end) };
  });
}

async function startOffsets(cluster: Cluster, partitions: readonly TopicPartition[], start: Start, now: { beginning: Offsets; end: Offsets }): Promise<Offsets> {
  switch (start.at) {
    case 'beginning':
      return now.beginning;
    case 'end':
    case 'last':
      return now.end;
    case 'offset':
      return new Map(partitions.map((partition) => [partitionKey(partition), start.offset]));
    case 'time':
      return offsetsSince(cluster, partitions, start.time);
  }
}
