import type { Api } from './api.ts';
import { pathOf, type Status, type Topic } from './kinds.ts';
import { notReady, READY, statusOf } from './status.ts';

export const FINALIZER = 'strimzi.io/topic-operator';

/** What a topic is in Kafka; where there is no Kafka, nothing happens. */
export interface Topics {
  /** Makes it or brings it in line; answers its id, or what cannot be done. */
  ensureTopic(topic: Topic): Promise<{ id: string } | { refused: string; message: string }>;
  removeTopic(name: string): Promise<void>;
}

/** Topics that exist at once and nowhere. */
export const NO_TOPICS: Topics = {
  ensureTopic: ({ metadata: { uid } }) => Promise.resolve({ id: Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url') }),
  removeTopic: () => Promise.resolve(),
};

/** One round of the topic operator for one topic: its finalizer, its topic, its status. */
export async function reconcileTopic(api: Api, topic: Topic, topics: Topics): Promise<void> {
  const { metadata, spec, status } = topic;
  const name = spec.topicName ?? metadata.name;
  const path = pathOf('KafkaTopic', metadata.namespace, metadata.name);
  const others = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  if (metadata.deletionTimestamp !== undefined) {
    if (!metadata.finalizers?.includes(FINALIZER)) return;
    // Who says so keeps the topic and gives up only its object.
    if (metadata.annotations?.['strimzi.io/managed'] !== 'false') await topics.removeTopic(name);
    return api.patch(path, { metadata: { finalizers: others } });
  }
  if (metadata.annotations?.['strimzi.io/managed'] === 'false') {
    if (metadata.finalizers?.includes(FINALIZER)) await api.patch(path, { metadata: { finalizers: others } });
    return api.status('KafkaTopic', topic, statusOf(metadata, { type: 'Unmanaged', status: 'True' }));
  }
  if (!metadata.finalizers?.includes(FINALIZER)) await api.patch(path, { metadata: { finalizers: [...others, FINALIZER] } });
  await api.status('KafkaTopic', topic, await outcome(topic, name, topics, status));
}

async function outcome(topic: Topic, name: string, topics: Topics, before: Status | undefined): Promise<Status> {
  const named = before?.['topicName'];
  if (typeof named === 'string' && named !== name) return statusOf(topic.metadata, notReady('NotSupported', `Changing spec.topicName is not supported`), { topicName: named });
  const done = await topics.ensureTopic(topic);
  if ('refused' in done) return statusOf(topic.metadata, notReady(done.refused, done.message), { topicName: name });
  return statusOf(topic.metadata, READY, { topicName: name, topicId: done.id });
}
