import type { Clock } from '../io/clock.ts';
import { Cluster } from '../kafka/cluster.ts';
import { loadCodec } from '../kafka/compression.ts';
import type { App } from './config.ts';
import type { StateComponent } from './http/state-routes.ts';
import { KafkaProducer } from './kafka/producer.ts';
import { kafkaSettings, type KafkaSettings } from './kafka/settings.ts';
import type { PubSubComponent } from './pubsub/publisher.ts';
import { topicScope, type TopicScope } from './pubsub/topic-scope.ts';
import type { AppResources } from './resources/app-resources.ts';
import { postgresPlace, type PostgresPlace } from './state/postgres.ts';
import type { StateStore } from './state/store.ts';

/** Opens a state store, or hands out the one that is open at that place: all apps of this process share it. */
export type OpenState = (place: PostgresPlace) => Promise<StateStore>;

/** The components of one app, at work. */
export interface OpenComponents {
  pubsubs: ReadonlyMap<string, PubSubComponent>;
  /** What subscriptions need of a pub/sub component. */
  kafka: ReadonlyMap<string, KafkaSettings & { scope: TopicScope }>;
  states: ReadonlyMap<string, StateComponent>;
  close(): Promise<void>;
}

/** Opens the components in an app's scope. Kafka is reached on first use; PostgreSQL must be there, as daprd demands it. */
export async function openComponents({ components }: AppResources, app: App, { openState, clock }: { openState: OpenState; clock: Clock }): Promise<OpenComponents> {
  const pubsubs = new Map<string, PubSubComponent>();
  const kafka = new Map<string, KafkaSettings & { scope: TopicScope }>();
  const states = new Map<string, StateComponent>();
  const closers: (() => Promise<void>)[] = [];
  for (const component of components) {
    const { name, type, metadata } = component;
    if (type === 'pubsub.kafka') {
      const settings = kafkaSettings(component, app.appId);
      const scope = topicScope(metadata, app.appId);
      const cluster = new Cluster(settings.access);
      const codec = settings.codecId === 0 ? undefined : await loadCodec(settings.codecId);
      pubsubs.set(name, { name, scope, producer: new KafkaProducer({ ...settings, cluster, codec, clock }) });
      kafka.set(name, { ...settings, scope });
      closers.push(() => cluster[Symbol.asyncDispose]());
    } else if (type === 'state.postgresql') {
      states.set(name, { store: await openState(postgresPlace(component)), keyPrefix: metadata.get('keyPrefix') });
    }
  }
  return { pubsubs, kafka, states, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}
