import type { Clock } from '../../io/clock.ts';
import type { Resiliency } from '../resources/resiliency.ts';
import { withPolicy } from '../retry.ts';
import { publishFailed, publishForbidden, pubsubNotFound } from './errors.ts';
import type { TopicScope } from './topic-scope.ts';

/** A message for a topic. Every item of `metadata` becomes a record header; `partitionKey` or `__key` is also the record's key. */
export interface OutgoingMessage {
  value: Buffer;
  metadata: Readonly<Record<string, string>>;
}

/** What a pub/sub component can do for publishers: one outcome per message, undefined for success. Never rejects. */
export interface Producer {
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<(Error | undefined)[]>;
}

export interface PubSubComponent {
  name: string;
  producer: Producer;
  scope: TopicScope;
}

export interface Publisher {
  /** The component. Throws a 404 when there is none of that name in the app's scope. */
  component(name: string, fields: Record<string, string>): PubSubComponent;
  /** Throws a 403 or a 500 in daprd's shape. */
  publish(pubsub: string, topic: string, message: OutgoingMessage): Promise<void>;
  /** The failures by the message's index; throws a 403 when the topic is not allowed. Only failed messages are tried again. */
  publishAll(pubsub: string, topic: string, messages: readonly OutgoingMessage[]): Promise<Map<number, Error>>;
}

interface Options {
  appId: string;
  components: ReadonlyMap<string, PubSubComponent>;
  resiliency: Resiliency;
  clock: Clock;
  stop: AbortSignal;
}

/** Publishes for one app, under the outbound policy of the component. */
export function publisher({ appId, components, resiliency, clock, stop }: Options): Publisher {
  const component = (name: string, fields: Record<string, string>): PubSubComponent => {
    const found = components.get(name);
    if (!found) throw pubsubNotFound(name, fields);
    return found;
  };

  async function publishAll(pubsub: string, topic: string, messages: readonly OutgoingMessage[]): Promise<Map<number, Error>> {
    const { producer, scope } = component(pubsub, {});
    if (!scope.mayPublish(topic)) throw publishForbidden(pubsub, topic, appId);
    let waiting = messages.map((message, index) => ({ message, index }));
    let failures = new Map<number, Error>();
    const attempt = async (): Promise<void> => {
      const outcomes = await producer.send(topic, waiting.map(({ message }) => message));
      failures = new Map(waiting.flatMap(({ index }, at) => (outcomes[at] ? [[index, outcomes[at]] as const] : [])));
      waiting = waiting.filter(({ index }) => failures.has(index));
      const [first] = failures.values();
      if (first) throw first;
    };
    await withPolicy(resiliency.outbound(pubsub, 'PubsubComponentOutbound'), attempt, { clock, stop }).catch((error: unknown) => {
      for (const { index } of waiting) if (!failures.has(index)) failures.set(index, error as Error);
    });
    return failures;
  }

  return {
    component,
    publishAll,
    publish: async (pubsub, topic, message) => {
      const failure = (await publishAll(pubsub, topic, [message])).get(0);
      if (failure) throw publishFailed(pubsub, topic, failure.message);
    },
  };
}
