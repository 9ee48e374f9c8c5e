import { Cluster, shown } from '../../kafka/cluster.ts';
import type { KafkaUser } from '../../targets/target.ts';
import type { Context } from '../context.ts';

/** Runs `ask` on the environment's Kafka and closes every connection after it. Protocol errors become errors of the catalogue. */
export async function withCluster<T>(context: Context, ask: (cluster: Cluster) => Promise<T>, user?: KafkaUser): Promise<T> {
  const target = await context.target();
  await using access = await target.kafka(user);
  await using cluster = new Cluster(access, context.stop);
  try {
    return await ask(cluster);
  } catch (error) {
    throw shown(access, error);
  }
}
