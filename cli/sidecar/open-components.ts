import type { Clock } from '../io/clock.ts';
import { Cluster } from '../kafka/cluster.ts';
import { loadCodec } from '../kafka/compression.ts';
import type { App } from './config.ts';
import type { StateComponent } from './http/state-routes.ts';
import { KafkaProducer } from './kafka/producer.ts';
import { kafkaSettings, type KafkaSettings } from './kafka/settings.ts';
import type { Log } from './log.ts';
import type { PubSubComponent } from './pubsub/publisher.ts';
import { topicScope, type TopicScope } from './pubsub/topic-scope.ts';
import type { AppResources } from './resources/app-resources.ts';
import { openPostgres, postgresPlace } from './state/postgres.ts';

/** The components of one app, at work. */
export interface OpenComponents {
  pubsubs: ReadonlyMap<string, PubSubComponent>;
  /** What subscriptions need of a pub/sub component. */
  kafka: ReadonlyMap<string, KafkaSettings & { scope: TopicScope }>;
  states: ReadonlyMap<string, StateComponent>;
  close(): Promise<void>;
}

/** Opens the components in an app's scope. Kafka is reached on first use; PostgreSQL must be there, as daprd demands it. */
export async function openComponents({ components }: AppResources, app: App, { clock, log }: { clock: Clock; log: Log }): Promise<OpenComponents> {
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
      const store = await openPostgres(postgresPlace(component), (error) => log.warn(`state store ${name}: ${error.message}`));
      states.set(name, { store, keyPrefix: metadata.get('keyPrefix') });
      closers.push(() => store.close());
    }
  }
  return { pubsubs, kafka, states, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}
