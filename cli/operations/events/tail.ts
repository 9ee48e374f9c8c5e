import { Cluster, shown } from '../../kafka/cluster.ts';
import { type Assignment, type Notice, readPartitions } from '../../kafka/reader.ts';
import { partitionKey } from '../../kafka/offsets.ts';
import type { Context } from '../context.ts';
import { makeFilter } from './filter.ts';
import { formatOf } from './format.ts';
import { lastEvents } from './last.ts';
import { partitionsOf, selectTopics } from './select-topics.ts';
import { type Span, spansOf, type Start } from './starts.ts';
import { boundsOf, type TailFlags } from './tail-options.ts';
import { TailSink } from './tail-sink.ts';

/** What tail says on stderr while it works. */
export type TailTalk =
  | { kind: 'reading'; where: string; spans: readonly Span[]; topics: readonly string[]; start: Start; until?: number; follow: boolean }
  | { kind: 'found'; topic: string; partition: number }
  | Notice;

export interface TailResult {
  /** Events printed. */
  seen: number;
  ended: 'end' | 'limit' | 'interrupted' | 'closed' | 'until';
}

/** A broker that stays away this long ends what does not follow. */
const PATIENCE_MS = 30_000;
/** Timers take 31 bits of milliseconds: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Prints events of topics to stdout as they come. Joins no group and leaves no trace at the broker.
 * Throws TODOCTL_TOPIC_UNKNOWN, TODOCTL_PARTITION_UNKNOWN, TODOCTL_WHERE_SYNTAX, TODOCTL_FORMAT_SYNTAX, TODOCTL_TIME_*,
 * TODOCTL_KAFKA_*; a mistake in a flag is found before anything is connected.
 */
export async function tail(context: Context, flags: TailFlags, say: (talk: TailTalk) => void): Promise<TailResult> {
  const bounds = boundsOf(flags, context.clock.now());
  const filter = makeFilter(flags);
  const sink = new TailSink(context.io.stdout, formatOf(flags.format, context.io), filter, flags.limit);
  const target = await context.target();
  await using access = await target.kafka();
  await using cluster = new Cluster(access, context.leave);
  const stop = stopSignal(context, bounds, sink.done);
  try {
    const topics = await selectTopics(cluster, flags.topics);
    const partitions = partitionsOf(topics, flags.partition);
    const spans = await spansOf(cluster, partitions, bounds.start, bounds);
    say({ kind: 'reading', where: access.where, spans, topics: flags.topics, ...bounds });
    if (bounds.start.at === 'last') await sink.events(await lastEvents(cluster, spans, bounds.start.count, { filter, signal: stop }));
    await readPartitions(cluster, spans, {
      signal: stop,
      onChunks: (chunks) => sink.chunks(chunks),
      onNotice: say,
      ...(bounds.follow ? { discover: discovery(cluster, flags, say, spans) } : { patienceMs: PATIENCE_MS }),
    });
    await sink.flush();
  } catch (error) {
    if ((error as { code?: string }).code !== 'EPIPE') throw shown(access, error);
    return { seen: sink.seen, ended: 'closed' };
  }
  return { seen: sink.seen, ended: endOf(context, bounds, sink) };
}

function stopSignal(context: Context, bounds: { until?: number; follow: boolean }, done: AbortSignal): AbortSignal {
  const signals = [context.stop, done];
  if (bounds.follow && bounds.until !== undefined) signals.push(AbortSignal.timeout(Math.min(bounds.until - context.clock.now(), LONGEST_TIMER_MS)));
  return AbortSignal.any(signals);
}

function endOf(context: Context, bounds: { follow: boolean }, sink: TailSink): TailResult['ended'] {
  if (sink.done.aborted) return 'limit';
  if (context.stop.aborted) return 'interrupted';
  return bounds.follow ? 'until' : 'end';
}

/** Finds partitions and topics that were made meanwhile: all that is in them is new. A topic that is gone may come back. */
function discovery(cluster: Cluster, flags: TailFlags, say: (talk: TailTalk) => void, spans: readonly Span[]): () => Promise<Assignment[]> {
  const known = new Set(spans.map(partitionKey));
  return async () => {
    const partitions = await selectTopics(cluster, flags.topics)
      .then((topics) => partitionsOf(topics, flags.partition))
      .catch((error: unknown) => {
        if ((error as { code?: string }).code === 'TODOCTL_TOPIC_UNKNOWN') return [];
        throw error;
      });
    const made = partitions.filter((partition) => !known.has(partitionKey(partition)));
    for (const partition of made) {
      known.add(partitionKey(partition));
      say({ kind: 'found', ...partition });
    }
    return made.map((partition) => ({ ...partition, offset: 0, until: Infinity }));
  };
}
