import type { KafkaAccess } from '../../kafka/access.ts';
import { Codecs, recordsOf } from '../../kafka/chunk.ts';
import { Cluster, shown } from '../../kafka/cluster.ts';
import { ends, partitionKey } from '../../kafka/offsets.ts';
import { readPartitions } from '../../kafka/reader.ts';

/**
 * Watches a topic from its end, does `deed`, and answers whether an event with the key that it returns came within the time. Joins no
 * group. Errors: TODOCTL_KAFKA_*, and those of the deed.
 */
export async function seenAfter(access: KafkaAccess, topic: string, deed: () => Promise<string>, withinMs: number, leave: AbortSignal): Promise<boolean> {
  await using cluster = new Cluster(access, leave);
  try {
    const { topics } = await cluster.metadata([topic]);
    const partitions = topics.flatMap(({ name, partitions: of }) => of.map(({ partition }) => ({ topic: name, partition })));
    const end = await ends(cluster, partitions);
    const key = await deed();
    const found = new AbortController();
    const signal = AbortSignal.any([found.signal, leave, AbortSignal.timeout(withinMs)]);
    const codecs = new Codecs();
    await readPartitions(cluster, partitions.map((partition) => ({ ...partition, offset: end.get(partitionKey(partition)) ?? 0, until: Infinity })), {
      signal,
      onChunks: async (chunks) => {
        for (const chunk of chunks) {
          await codecs.prepare(chunk.bytes);
          for (const record of recordsOf(chunk, codecs)) if (record.key?.toString() === key) found.abort();
        }
      },
    });
    return found.signal.aborted;
  } catch (error) {
    throw shown(access, error);
  }
}
