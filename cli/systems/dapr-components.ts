import { PUBSUB } from '../../services/contracts/names.ts';
import type { Platform, Service, Subscription } from '../definition/platform.ts';
import { kafkaOf } from './kafka-access.ts';
import { pooledConnections, type SecretKey, SECRETS } from './names.ts';
import { redisHost } from './redis.ts';
import type { Artefact } from './system.ts';

const STATE = 'state';

/** Connections to PostgreSQL of one sidecar whose service uses the state store. */
export const STATE_CONNECTIONS = 2;

/** Variable of a sidecar with the password of its service's own Kafka user; the annotation `dapr.io/env-from-secret` fills it. */
export const KAFKA_PASSWORD = 'KAFKA_PASSWORD';

/** The secret store that components ask: a file on a laptop; in a cluster Dapr's own, which is there without an object. */
export function secretStoreOf({ environment }: Platform): string {
  return environment.provider === 'local' ? 'secrets' : 'kubernetes';
}

/** A property of a Component: its value, or where that will be. */
interface Property {
  name: string;
  value: string | null;
  secret: SecretKey | null;
  /** A variable of the sidecar. */
  variable: string | null;
}

const property = (name: string, from: Partial<Property>): Property => ({ name, value: null, secret: null, variable: null, ...from });

/** The Components of the services that have a sidecar. */
export function componentArtefacts(platform: Platform, services: readonly Service[]): Artefact[] {
  return [...secrets(platform), ...pubsub(platform, services), ...state(platform, services), ...schedules(platform, services)];
}

function secrets(platform: Platform): Artefact[] {
  if (platform.environment.provider !== 'local') return [];
  const name = secretStoreOf(platform);
  return [{ owner: 'release', file: `component-${name}.yaml`, template: 'dapr/component-secrets.yaml.hbs', view: { name } }];
}

/**
 * One component that all share, and one per service that listens: its group is the replica's own and begins at the newest event.
 * Every topic is protected, so an app may use those only that its arrows name.
 */
function pubsub(platform: Platform, services: readonly Service[]): Artefact[] {
  const connection = connectionTo(platform);
  const component = (name: string, consumerGroup: string, initialOffset: string, users: readonly Service[]): Artefact => ({
    owner: 'release',
    file: `component-${name}.yaml`,
    template: 'dapr/component-pubsub.yaml.hbs',
    view: {
      name,
      connection,
      consumerGroup,
      initialOffset,
      protectedTopics: platform.topics.map((topic) => topic.name).join(','),
      publishingScopes: scopesOf(users, (service) => written(service, name)),
      subscriptionScopes: scopesOf(users, ({ subscriptions }) => subscriptions.filter((one) => one.component === name).map(({ topic }) => topic)),
      scopes: users.map((service) => service.name),
      secretStore: secretStoreOf(platform),
    },
  });
  const shared = services.filter(({ publishes, subscriptions }) => publishes.length + subscriptions.length > 0);
  const listening = services.flatMap((service) => {
    const own = service.subscriptions.find(({ component: used }) => used !== PUBSUB);
    return own ? [component(own.component, own.group, 'newest', [service])] : [];
  });
  return [...(shared.length > 0 ? [component(PUBSUB, '{appID}', 'oldest', shared)] : []), ...listening];
}

/**
 * How a sidecar reaches Kafka and says who it is. Spelled as components-contrib 1.18 reads it (common/component/kafka): TLS is on for
 * all but `none`, and `certificate` is TLS without signing in, which needs the certificate of who signed the brokers'.
 */
function connectionTo(platform: Platform): Property[] {
  // Brokers on this machine speak to whoever asks, and bytes that stay in memory need not be few.
  if (platform.environment.provider === 'local') return [property('brokers', { secret: { name: 'kafka', key: 'brokers' } }), property('authType', { value: 'none' })];
  const { bootstrap, tls, sasl, ca } = kafkaOf(platform);
  return [
    property('brokers', typeof bootstrap === 'string' ? { value: bootstrap } : { secret: bootstrap }),
    property('authType', { value: sasl ? 'password' : tls ? 'certificate' : 'none' }),
    ...(sasl
      ? [
          property('saslMechanism', { value: sasl.mechanism }),
          property('saslUsername', sasl.username === 'own' ? { value: '{appID}' } : { secret: sasl.username }),
          property('saslPassword', sasl.username === 'own' ? { variable: KAFKA_PASSWORD } : { secret: sasl.password('') }),
        ]
      : []),
    ...(sasl && !tls ? [property('disableTls', { value: 'true' })] : []),
    ...(tls && ca ? [property('caCert', { secret: ca })] : []),
    property('compression', { value: 'lz4' }),
  ];
}

/** What a service writes by a component. Services write dead letters by the shared one, Dapr by the one that delivers. */
function written({ publishes, subscriptions }: Service, component: string): string[] {
  const given = subscriptions.filter((one) => component === PUBSUB || one.component === component).map(({ deadLetter }) => deadLetter);
  return [...(component === PUBSUB ? publishes : []), ...given];
}

/** Dapr's way to write it: `task-api=task-events,task-updates;audit=task-events.dlq`. */
function scopesOf(services: readonly Service[], topics: (service: Service) => readonly string[]): string {
  return services.map((service) => [service.name, [...new Set(topics(service))].join(',')]).filter(([, named]) => named !== '').map((pair) => pair.join('=')).join(';');
}

/** PostgreSQL, or Redis where the environment has it. */
function state(platform: Platform, services: readonly Service[]): Artefact[] {
  const scopes = services.filter((service) => service.state).map(({ name }) => name);
  if (scopes.length === 0) return [];
  const view = { name: STATE, scopes, secretStore: secretStoreOf(platform) };
  const host = redisHost(platform);
  const artefact = { owner: 'release', file: `component-${STATE}.yaml` } as const;
  if (host !== undefined) return [{ ...artefact, template: 'dapr/component-state-redis.yaml.hbs', view: { ...view, host, password: SECRETS.redis } }];
  return [{ ...artefact, template: 'dapr/component-state.yaml.hbs', view: { ...view, connectionString: SECRETS.database, connections: String(STATE_CONNECTIONS), pooled: pooledConnections(platform) !== undefined } }];
}

/** A clock per service with a schedule. The embedded sidecar has none, so on a laptop there is one only where a real daprd runs. */
function schedules({ environment }: Platform, services: readonly Service[]): Artefact[] {
  if (environment.provider === 'local' && environment.dapr?.binary === undefined) return [];
  return services.flatMap(({ name: service, schedule }) => {
    if (schedule === undefined) return [];
    const name = `schedule-${service}`;
    return [{ owner: 'release', file: `component-${name}.yaml`, template: 'dapr/component-schedule.yaml.hbs', view: { name, service, schedule } }];
  });
}

/** A service's subscription to a topic. */
export function subscriptionArtefact({ name: service }: Service, { topic, component, path, deadLetter, bulk }: Subscription): Artefact {
  const name = `${service}-${topic}`;
  return {
    owner: 'release',
    file: `subscription-${name}.yaml`,
    template: 'dapr/subscription.yaml.hbs',
    view: { name, service, component, topic, path, deadLetter, bulk: bulk ?? null },
  };
}
