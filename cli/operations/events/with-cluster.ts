import { Cluster, shown } from '../../kafka/cluster.ts';
import type { Context } from '../context.ts';

/** Runs `ask` on the environment's Kafka and closes every connection after it. Protocol errors become errors of the catalogue. */
export async function withCluster<T>(context: Context, ask: (cluster: Cluster) => Promise<T>): Promise<T> {
  const target = await context.target();
  await using access = await target.kafka();
  await using cluster = new Cluster(access, context.stop);
  try {
    return await ask(cluster);
  } catch (error) {
    throw shown(access, error);
  }
}
