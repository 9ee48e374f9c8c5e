import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { kafkaOf } from '../../systems/kafka-access.ts';
import { managedKafka } from '../../systems/terraform-kafka.ts';

/** Name in Kafka → partitions. */
export type Topics = ReadonlyMap<string, number>;

/**
 * Refuses what would lose events: a topic that goes, a topic that gets fewer partitions; `next` is what to do where its events may go.
 * Errors: TODOCTL_TOPIC_REMOVED, TODOCTL_TOPIC_SHRINK; all topics in one.
 */
export function refuseLostEvents(before: Topics, now: Topics, next?: readonly string[]): void {
  const found = [...before].map(([topic, partitions]) => ({ topic, partitions, left: now.get(topic) }));
  const removed = found.filter(({ left }) => left === undefined);
  const shrunk = found.filter(({ partitions, left }) => left !== undefined && left < partitions);
  const lines = [
    ...removed.map(({ topic }) => `${topic} would be deleted with all its events`),
    ...shrunk.map(({ topic, partitions, left }) => `${topic} has ${partitions} partitions and would have ${left}`),
  ];
  const [first] = lines;
  if (first === undefined) return;
  const added = [...now.keys()].filter((topic) => !before.has(topic));
  throw new TodoctlError(removed.length > 0 ? 'TODOCTL_TOPIC_REMOVED' : 'TODOCTL_TOPIC_SHRINK', {
    message: lines.length === 1 ? `The topic ${first}` : `${lines.length} topics would lose events`,
    details: [...(lines.length === 1 ? [] : lines), ...(removed.length > 0 && added.length > 0 ? [`new would be ${added.join(', ')}: if that is a new name, the events do not go with it`] : [])],
    ...(next ? { next } : {}),
  });
}

/** What is to be done about topics of a managed Kafka, which nobody deletes with kubectl. */
export const NEXT_OF_MANAGED = ['Write the topic back into todoctl.yaml as it was.', 'If its events may go: render without this check; terraform apply then deletes it.'];

/** The topics of Strimzi's objects. */
export function topicsOf(objects: readonly KubernetesObject[]): Topics {
  const topics = objects.filter(({ kind, apiVersion }) => kind === 'KafkaTopic' && apiVersion.startsWith('kafka.strimzi.io/'));
  return new Map(
    topics.map(({ metadata, spec }) => {
      const { topicName, partitions } = (spec ?? {}) as { topicName?: string; partitions?: number };
      return [topicName ?? metadata.name, partitions ?? 1];
    }),
  );
}

/** The topics that Terraform is to make in a managed Kafka; none where Kafka is another. */
export function managedTopics(platform: Platform): Topics {
  if (kafkaOf(platform).provider !== 'digitalocean') return new Map();
  return new Map(Object.entries(managedKafka(platform).topics).map(([name, { partitions }]) => [name, partitions]));
}

/** The topics of a rendered main.tf, which has a line for each; none where Kafka is not managed. */
export function topicsInTerraform(main: string): Topics {
  return new Map([...main.matchAll(/^ +"?([\w.-]+)"? += \{ partitions = (\d+)/gm)].map(([, name = '', partitions]) => [name, Number(partitions)]));
}
