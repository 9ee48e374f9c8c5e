import { Cluster } from '../../../kafka/cluster.ts';
import { consumerGroups } from '../../../kafka/groups.ts';
import { beginnings, ends, partitionKey } from '../../../kafka/offsets.ts';
import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import { conditionOf, isReadyNow, type Managed, STRIMZI } from '../workloads.ts';
import type { Around, Runbook } from './check.ts';

/** Why events do not arrive. */
export const eventsNotFlowing: Runbook = {
  page: 'events-not-flowing',
  code: 'TODOCTL_EVENTS_NOT_FLOWING',
  checks: [
    { title: 'Kafka is ready', look: ({ seen }) => (seen.kafkas.length === 0 ? undefined : notReady(seen.kafkas)) },
    { title: 'Topics are ready', look: (around) => notReadyOf(around, 'kafkatopics') },
    { title: 'Users are ready', look: (around) => notReadyOf(around, 'kafkausers') },
    {
      title: 'Every subscription has its component',
      async look({ kubernetes, marks: { namespace } }) {
        const [subscriptions, components] = await Promise.all([
          ifAllowed(listObjects<Managed & { scopes?: string[] }>(kubernetes, `/apis/dapr.io/v2alpha1/namespaces/${namespace}/subscriptions`)),
          ifAllowed(listObjects<Managed>(kubernetes, `/apis/dapr.io/v1alpha1/namespaces/${namespace}/components`)),
        ]);
        if (subscriptions.length === 0) return undefined;
        const there = new Set(components.map(({ metadata }) => metadata.name));
        return subscriptions.filter(({ spec }) => !there.has(String(spec?.['pubsubname']))).map(({ metadata, spec }) => `${metadata.name} wants the component ${String(spec?.['pubsubname'])}, which is not there`);
      },
    },
    { title: 'Every consumer is connected', look: (around) => onKafka(around, idleGroups) },
    { title: 'No event was given up', look: (around) => onKafka(around, deadLetters) },
  ],
};

async function notReadyOf({ kubernetes, marks: { namespace, labels } }: Around, plural: string): Promise<readonly string[] | undefined> {
  const objects = await ifAllowed(listObjects<Managed>(kubernetes, `${STRIMZI}/namespaces/${namespace}/${plural}`, labels));
  return objects.length === 0 ? undefined : notReady(objects);
}

function notReady(objects: readonly Managed[]): string[] {
  return objects.filter((object) => !isReadyNow(object)).map((object) => {
    const said = conditionOf(object, 'NotReady') ?? conditionOf(object, 'Ready');
    return `${object.metadata.name}: ${said?.message ?? said?.reason ?? 'its operator has not looked at it yet'}`;
  });
}

/** A Kafka that cannot be reached is a finding of its own. */
async function onKafka(around: Around, ask: (cluster: Cluster, around: Around) => Promise<string[]>): Promise<readonly string[]> {
  try {
    await using access = await around.kafka();
    await using cluster = new Cluster(access, AbortSignal.timeout(PATIENCE_MS));
    return await ask(cluster, around);
  } catch (error) {
    return [`Kafka cannot be asked: ${(error as Error).message}`];
  }
}

const PATIENCE_MS = 20_000;

async function idleGroups(cluster: Cluster): Promise<string[]> {
  const groups = await consumerGroups(cluster);
  // A group per replica (realtime) stays for a while when its replica has gone.
  return groups.filter(({ members, offsets, group }) => members === 0 && offsets.length > 0 && !/-[a-z0-9]+-[a-z0-9]{5}$/.test(group)).map(({ group }) => `nobody reads for the group ${group}`);
}

async function deadLetters(cluster: Cluster): Promise<string[]> {
  const { topics } = await cluster.metadata(null);
  const partitions = topics.filter(({ name }) => name.endsWith('.dlq')).flatMap(({ name, partitions: of }) => of.map(({ partition }) => ({ topic: name, partition })));
  const [first, last] = await Promise.all([beginnings(cluster, partitions), ends(cluster, partitions)]);
  const depths = new Map<string, number>();
  for (const partition of partitions) {
    const depth = (last.get(partitionKey(partition)) ?? 0) - (first.get(partitionKey(partition)) ?? 0);
    depths.set(partition.topic, (depths.get(partition.topic) ?? 0) + depth);
  }
  return [...depths].filter(([, depth]) => depth > 0).map(([topic, depth]) => `${topic} holds ${depth} ${depth === 1 ? 'event' : 'events'}`);
}
