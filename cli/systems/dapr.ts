import { PUBSUB } from '../../services/contracts/names.ts';
import type { Platform, Service, Subscription } from '../definition/platform.ts';
import type { Artefact, System } from './system.ts';

const SECRETS = 'secrets';
const STATE = 'state';
/** Resiliency holds for a component, not for a topic; this many deliveries are the rule. */
const USUAL_ATTEMPTS = 30;

/** Dapr's control plane, and the objects that its sidecars read. */
export const dapr: System = { id: 'dapr', needs: [], parts: (platform) => ({ artefacts: daprArtefacts(platform) }) };

/**
 * Name of the Configuration that the sidecar of a service reads, for its annotation `dapr.io/config`. A service that others
 * invoke has its own: it names who may call it.
 */
export function configurationOf(platform: Platform, { name, invokedBy }: Service): string {
  return platform.environment.provider !== 'local' && invokedBy.length > 0 ? `${platform.name}-${name}` : platform.name;
}

/** The Dapr objects of a platform, as data: the same on a laptop and in a cluster. Order and names follow the definition. */
export function daprArtefacts({ name, topics, services }: Platform): Artefact[] {
  const withSidecar = services.filter(({ sidecar }) => sidecar);
  return [
    configuration(name),
    secrets(),
    ...pubsub(withSidecar, topics.map((topic) => topic.name)),
    ...state(withSidecar),
    ...resiliency(name, withSidecar),
    ...withSidecar.flatMap((service) => service.subscriptions.map((subscription) => subscribe(service, subscription))),
  ];
}

function configuration(name: string): Artefact {
  return { owner: 'release', file: 'configuration.yaml', template: 'dapr/configuration.yaml.hbs', view: { name, secretStore: SECRETS } };
}

function secrets(): Artefact {
  return { owner: 'release', file: `component-${SECRETS}.yaml`, template: 'dapr/component-secrets.yaml.hbs', view: { name: SECRETS } };
}

/**
 * One component that all share, and one per service that listens: its group is the replica's own and begins at the newest event.
 * Every topic is protected, so an app may use those only that its arrows name.
 */
function pubsub(services: readonly Service[], topics: readonly string[]): Artefact[] {
  const component = (name: string, consumerGroup: string, initialOffset: string, users: readonly Service[]): Artefact => ({
    owner: 'release',
    file: `component-${name}.yaml`,
    template: 'dapr/component-pubsub.yaml.hbs',
    view: {
      name,
      consumerGroup,
      initialOffset,
      protectedTopics: topics.join(','),
      publishingScopes: scopesOf(users, (service) => written(service, name)),
      subscriptionScopes: scopesOf(users, ({ subscriptions }) => subscriptions.filter((one) => one.component === name).map(({ topic }) => topic)),
      scopes: users.map((service) => service.name),
      secretStore: SECRETS,
    },
  });
  const shared = services.filter(({ publishes, subscriptions }) => publishes.length + subscriptions.length > 0);
  const listening = services.flatMap((service) => {
    const own = service.subscriptions.find(({ component: used }) => used !== PUBSUB);
    return own ? [component(own.component, own.group, 'newest', [service])] : [];
  });
  return [...(shared.length > 0 ? [component(PUBSUB, '{appID}', 'oldest', shared)] : []), ...listening];
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

function state(services: readonly Service[]): Artefact[] {
  const scopes = services.filter((service) => service.state).map(({ name }) => name);
  if (scopes.length === 0) return [];
  return [{ owner: 'release', file: `component-${STATE}.yaml`, template: 'dapr/component-state.yaml.hbs', view: { name: STATE, scopes, secretStore: SECRETS } }];
}

/** Each sidecar sees exactly one policy: the platform's, or its service's own where the definition asks for other attempts. */
function resiliency(platform: string, services: readonly Service[]): Artefact[] {
  const consumers = services.filter(({ subscriptions }) => subscriptions.length > 0);
  const policy = (name: string, attempts: number, of: readonly Service[]): Artefact => ({
    owner: 'release',
    file: `resiliency-${name}.yaml`,
    template: 'dapr/resiliency.yaml.hbs',
    view: {
      name,
      maxRetries: attempts - 1,
      components: [...new Set(of.flatMap(({ subscriptions }) => subscriptions.map(({ component }) => component)))],
      scopes: of.map((service) => service.name),
    },
  });
  const usual = consumers.filter((service) => attemptsOf(service) === USUAL_ATTEMPTS);
  const others = consumers.filter((service) => attemptsOf(service) !== USUAL_ATTEMPTS);
  return [
    ...(usual.length > 0 ? [policy(platform, USUAL_ATTEMPTS, usual)] : []),
    ...others.map((service) => policy(`${platform}-${service.name}`, attemptsOf(service), [service])),
  ];
}

function attemptsOf({ subscriptions }: Service): number {
  return Math.max(...subscriptions.map(({ attempts }) => attempts));
}

function subscribe({ name: service }: Service, { topic, component, path, deadLetter, bulk }: Subscription): Artefact {
  const name = `${service}-${topic}`;
  return {
    owner: 'release',
    file: `subscription-${name}.yaml`,
    template: 'dapr/subscription.yaml.hbs',
    view: { name, service, component, topic, path, deadLetter, bulk: bulk ?? null },
  };
}
