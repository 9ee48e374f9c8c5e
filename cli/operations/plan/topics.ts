import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';

/**
 * Refuses what would lose events: a topic that goes, a topic that gets fewer partitions.
 * Errors: TODOCTL_TOPIC_REMOVED, TODOCTL_TOPIC_SHRINK; all topics in one.
 */
export function refuseLostEvents(before: readonly KubernetesObject[], after: readonly KubernetesObject[]): void {
  const now = topicsOf(after);
  const found = [...topicsOf(before)].map(([topic, partitions]) => ({ topic, partitions, left: now.get(topic) }));
  const removed = found.filter(({ left }) => left === undefined);
  const shrunk = found.filter(({ partitions, left }) => left !== undefined && left < partitions);
  const lines = [
    ...removed.map(({ topic }) => `${topic} would be deleted with all its events`),
    ...shrunk.map(({ topic, partitions, left }) => `${topic} has ${partitions} partitions and would have ${left}`),
  ];
  const [first] = lines;
  if (first === undefined) return;
  const added = [...now.keys()].filter((topic) => !topicsOf(before).has(topic));
  throw new TodoctlError(removed.length > 0 ? 'TODOCTL_TOPIC_REMOVED' : 'TODOCTL_TOPIC_SHRINK', {
    message: lines.length === 1 ? `The topic ${first}` : `${lines.length} topics would lose events`,
    details: [...(lines.length === 1 ? [] : lines), ...(removed.length > 0 && added.length > 0 ? [`new would be ${added.join(', ')}: if that is a new name, the events do not go with it`] : [])],
  });
}

/** Name in Kafka → partitions. */
function topicsOf(objects: readonly KubernetesObject[]): Map<string, number> {
  const topics = objects.filter(({ kind, apiVersion }) => kind === 'KafkaTopic' && apiVersion.startsWith('kafka.strimzi.io/'));
  return new Map(
    topics.map(({ metadata, spec }) => {
      const { topicName, partitions } = (spec ?? {}) as { topicName?: string; partitions?: number };
      return [topicName ?? metadata.name, partitions ?? 1];
    }),
  );
}
