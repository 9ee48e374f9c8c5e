import type { Platform } from '../../../definition/platform.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { kafkaOf } from '../../../systems/kafka-access.ts';
import { managedKafka } from '../../../systems/terraform-kafka.ts';

/** Name in Kafka → partitions. */
export type Topics = ReadonlyMap<string, number>;

/** What to do where the events of these topics may go. */
export type GiveUp = (removed: readonly string[], shrunk: readonly string[]) => string[];

/**
 * Refuses what would lose events: a topic that goes, a topic that gets fewer partitions.
 * Errors: TODOCTL_TOPIC_REMOVED, TODOCTL_TOPIC_SHRINK; all topics in one.
 */
export function refuseLostEvents(before: Topics, now: Topics, giveUp: GiveUp): void {
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
    message: lines.length === 1 ? `The topic ${first}` : messageOf(removed.length, shrunk.length),
    details: [...(lines.length === 1 ? [] : lines), ...(removed.length > 0 && added.length > 0 ? [`new would be ${added.join(', ')}: if that is a new name, the events do not go with it`] : [])],
    next: [
      ...(removed.length > 0 ? ['Write the topic back into todoctl.yaml as it was.'] : []),
      ...(shrunk.length > 0 ? ['Write the number of partitions that the topic has into todoctl.yaml.'] : []),
      ...giveUp(removed.map(({ topic }) => topic), shrunk.map(({ topic }) => topic)),
    ],
  });
}

function messageOf(removed: number, shrunk: number): string {
  if (removed === 0 || shrunk === 0) return `${removed + shrunk} topics would lose events`;
  return `${removed} ${removed === 1 ? 'topic' : 'topics'} would be deleted, and ${shrunk} would have fewer partitions`;
}

/** In a cluster a topic goes with its object; the next deploy makes one that is empty where it is still wanted. */
export function deletedByHand(namespace: string): GiveUp {
  return (removed, shrunk) => [`If the events may go: delete them by hand first (kubectl delete kafkatopic --namespace ${namespace} ${[...removed, ...shrunk].join(' ')}).`];
}

/** Topics of a managed Kafka nobody deletes with kubectl. */
export const deletedByTerraform: GiveUp = (removed) => (removed.length > 0 ? ['If its events may go: render without this check; terraform apply then deletes it.'] : []);

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
