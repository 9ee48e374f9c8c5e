import type { Change } from '../../engine/step.ts';
import type { Topic } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Admin, TopicInfo, TopicSpec } from '../../kafka/admin.ts';

/** What must be done so that the topics are as the definition says. */
export interface TopicChanges {
  create: TopicSpec[];
  grow: { topic: string; partitions: number }[];
  retain: { topic: string; retentionMs: number }[];
  /** The same for people. */
  told: Change[];
}

/** Compares the definition with what a broker has. Topics that the definition does not name are nobody's business. Throws TODOCTL_TOPIC_SHRINK. */
export function compareTopics(wanted: readonly Topic[], found: readonly TopicInfo[]): TopicChanges {
  const byName = new Map(found.map((topic) => [topic.name, topic]));
  const changes: TopicChanges = { create: [], grow: [], retain: [], told: [] };
  for (const topic of wanted) {
    const { name, partitions, retentionMs } = topic;
    const there = byName.get(name);
    if (!there) {
      changes.create.push(specOf(topic));
      changes.told.push({ what: name, to: `${partitions} partitions` });
      continue;
    }
    if (there.partitions > partitions) {
      throw new TodoctlError('TODOCTL_TOPIC_SHRINK', { message: `${name} has ${there.partitions} partitions, todoctl.yaml says ${partitions}` });
    }
    if (there.partitions < partitions) {
      changes.grow.push({ topic: name, partitions });
      changes.told.push({ what: `${name} partitions`, from: String(there.partitions), to: String(partitions) });
    }
    // Undefined: this user may not see it, so it is not ours to set.
    if (there.retentionMs !== undefined && there.retentionMs !== retentionMs) {
      changes.retain.push({ topic: name, retentionMs });
      changes.told.push({ what: `${name} retention.ms`, from: String(there.retentionMs), to: String(retentionMs) });
    }
  }
  return changes;
}

export async function changeTopics(admin: Admin, { create, grow, retain }: TopicChanges): Promise<void> {
  if (create.length > 0) await admin.createTopics(create);
  await Promise.all([
    ...grow.map(({ topic, partitions }) => admin.createPartitions(topic, partitions)),
    ...retain.map(({ topic, retentionMs }) => admin.setRetention(topic, retentionMs)),
  ]);
}

function specOf({ name, partitions, retentionMs, retentionBytes }: Topic): TopicSpec {
  const config = { 'retention.ms': String(retentionMs), ...(retentionBytes === undefined ? {} : { 'retention.bytes': String(retentionBytes) }) };
  // -1: as many copies as the brokers make by default.
  return { name, partitions, replication: -1, config };
}
