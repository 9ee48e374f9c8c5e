import { Codecs, recordsOf } from '../../kafka/chunk.ts';
import type { Cluster } from '../../kafka/cluster.ts';
import { Consumed } from '../../kafka/consumed.ts';
import { partitionKey } from '../../kafka/offsets.ts';
import { readPartitions } from '../../kafka/reader.ts';
import type { Filter } from './filter.ts';
import type { Span } from './starts.ts';

/** How much further each look back goes when the last one found too few. */
const GROWTH = 4;

interface Window {
  span: Span;
  /** Everything from here to the end was read. */
  read: number;
  found: Consumed[];
}

/**
 * The last `count` events before the spans' ends that pass the filter, oldest first by time. Offsets say little about
 * how many records there are (compaction and transactions leave gaps), so each partition is read back in growing
 * windows until enough real ones were found or its beginning is reached.
 */
export async function lastEvents(cluster: Cluster, spans: readonly Span[], count: number, options: { filter: Filter | undefined; signal: AbortSignal }): Promise<Consumed[]> {
  if (count === 0) return [];
  const windows: Window[] = spans.map((span) => ({ span, read: Math.min(span.end, span.until), found: [] }));
  for (let size = count; ; size *= GROWTH) {
    const short = windows.filter(({ read, found, span }) => found.length < count && read > span.beginning);
    if (short.length === 0 || options.signal.aborted) break;
    await lookBack(cluster, short, count, size, options);
  }
  return windows.flatMap(({ found }) => found).sort(byTime).slice(-count);
}

async function lookBack(cluster: Cluster, windows: readonly Window[], count: number, size: number, { filter, signal }: { filter: Filter | undefined; signal: AbortSignal }): Promise<void> {
  const codecs = new Codecs();
  const found = new Map(windows.map(({ span }) => [partitionKey(span), [] as Consumed[]]));
  const assignments = windows.map(({ span, read }) => ({ ...span, offset: Math.max(span.beginning, read - size), until: read }));
  await readPartitions(cluster, assignments, {
    signal,
    onChunks: async (chunks) => {
      for (const chunk of chunks) {
        await codecs.prepare(chunk.bytes);
        const events = found.get(partitionKey(chunk)) ?? [];
        for (const record of recordsOf(chunk, codecs)) {
          const event = new Consumed(chunk.topic, chunk.partition, record);
          if (!filter || filter(event)) events.push(event.kept());
          // Only the newest count; dropping in steps keeps this linear.
          if (events.length >= count * 2 + 1024) events.splice(0, events.length - count);
        }
      }
    },
  });
  for (const window of windows) {
    window.found = [...(found.get(partitionKey(window.span)) ?? []), ...window.found].slice(-count);
    window.read = Math.max(window.span.beginning, window.read - size);
  }
}

/** By time; of one time by place, so that a run prints the same twice. */
function byTime(a: Consumed, b: Consumed): number {
  return a.record.timestamp - b.record.timestamp || a.topic.localeCompare(b.topic) || a.partition - b.partition || a.record.offset - b.record.offset;
}
