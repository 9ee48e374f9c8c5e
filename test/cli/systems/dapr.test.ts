// The Dapr objects of a platform: for any definition that is right each sidecar sees what its service needs, and nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Platform, Service } from '../../../cli/definition/platform.ts';
import { daprArtefacts } from '../../../cli/systems/dapr.ts';
import type { Artefact } from '../../../cli/systems/system.ts';
import { load, minimal } from '../../support/definition.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';

/** Checks the artefacts of each drawn definition. */
function forEvery(check: (artefacts: Artefact[], platform: Platform, drawn: Drawn) => void): void {
  fc.assert(
    fc.property(definitions, (drawn) => {
      const platform = platformOf(drawn);
      check(daprArtefacts(platform), platform, drawn);
    }),
  );
}
const viewOf = <View>(artefacts: readonly Artefact[], file: string): View | undefined => artefacts.find((artefact) => artefact.file === file)?.view as View | undefined;
const viewsOf = <View>(artefacts: readonly Artefact[], template: string): View[] => artefacts.filter((artefact) => artefact.template === `dapr/${template}.yaml.hbs`).map(({ view }) => view as View);
/** `a=x,y;b=z` as a map. */
const scopes = (text: string): Record<string, string[]> => Object.fromEntries(text.split(';').filter(Boolean).map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1]?.split(',') ?? []]));

interface Pubsub {
  name: string;
  consumerGroup: string;
  initialOffset: string;
  protectedTopics: string;
  publishingScopes: string;
  subscriptionScopes: string;
  scopes: string[];
}
interface Resiliency {
  name: string;
  maxRetries: number;
  components: string[];
  scopes: string[];
}
interface Subscribed {
  name: string;
  service: string;
  component: string;
  topic: string;
  deadLetter: string;
  bulk: number | null;
}

describe('of any definition', () => {
  test('no two objects share a file', () => {
    forEvery((artefacts) => {
      const files = artefacts.map(({ file }) => file);
      expect(new Set(files).size).toBe(files.length);
    });
  });

  test('each subscription of a service is an object, scoped to it, and there is no other', () => {
    forEvery((artefacts, { services }) => {
      const wanted = services.flatMap(({ name, subscriptions }) => subscriptions.map(({ topic, component, deadLetter, bulk }) => ({ name: `${name}-${topic}`, service: name, component, topic, deadLetter, bulk: bulk ?? null })));
      expect(viewsOf<Subscribed>(artefacts, 'subscription')).toEqual(wanted.map((one) => expect.objectContaining(one) as Subscribed));
    });
  });

  test('a service that listens has a component that nobody else sees, whose group is its replica’s and begins at the newest', () => {
    forEvery((artefacts, { services }) => {
      for (const { name, subscriptions } of services) {
        const listens = subscriptions.some(({ component }) => component !== 'pubsub');
        const view = viewOf<Pubsub>(artefacts, `component-pubsub-${name}.yaml`);
        if (listens) expect(view).toMatchObject({ consumerGroup: `${name}-{podName}`, initialOffset: 'newest', scopes: [name] });
        else expect(view).toBeUndefined();
      }
    });
  });

  test('the shared component is there when an event moves at all, begins at the oldest, and is for those alone who move one', () => {
    forEvery((artefacts, { services }) => {
      const moving = services.filter(({ publishes, subscriptions }) => publishes.length + subscriptions.length > 0).map(({ name }) => name);
      const view = viewOf<Pubsub>(artefacts, 'component-pubsub.yaml');
      if (moving.length === 0) expect(view).toBeUndefined();
      else expect(view).toMatchObject({ consumerGroup: '{appID}', initialOffset: 'oldest', scopes: moving });
    });
  });

  test('every topic is protected, dead letters too: without an arrow nobody reads or writes it', () => {
    forEvery((artefacts, { topics }) => {
      for (const { protectedTopics } of viewsOf<Pubsub>(artefacts, 'component-pubsub')) expect(protectedTopics.split(',').filter(Boolean)).toEqual(topics.map(({ name }) => name));
    });
  });

  test('an app may publish what it declares and the dead letters of what it consumes, and nothing more', () => {
    forEvery((artefacts, { services }) => {
      const allowed = scopes(viewOf<Pubsub>(artefacts, 'component-pubsub.yaml')?.publishingScopes ?? '');
      const wanted = services.map(({ name, publishes, subscriptions }) => [name, [...new Set([...publishes, ...subscriptions.map(({ deadLetter }) => deadLetter)])].sort()] as const);
      expect(Object.fromEntries(Object.entries(allowed).map(([name, topics]) => [name, topics.sort()]))).toEqual(Object.fromEntries(wanted.filter(([, topics]) => topics.length > 0)));
    });
  });

  test('an app may subscribe by a component to what that component delivers to it, and nothing more', () => {
    forEvery((artefacts, { services }) => {
      for (const { name: component, subscriptionScopes } of viewsOf<Pubsub>(artefacts, 'component-pubsub')) {
        const delivered = ({ subscriptions }: Service) => subscriptions.filter((one) => one.component === component).map(({ topic }) => topic);
        expect(scopes(subscriptionScopes)).toEqual(Object.fromEntries(services.map((service) => [service.name, delivered(service)] as const).filter(([, topics]) => topics.length > 0)));
      }
    });
  });

  test('each service that consumes is under exactly one retry policy, of as many tries as it asks for, over each of its components', () => {
    forEvery((artefacts, { services }) => {
      const policies = viewsOf<Resiliency>(artefacts, 'resiliency');
      for (const { name, subscriptions } of services) {
        const over = policies.filter((policy) => policy.scopes.includes(name));
        expect(over).toHaveLength(subscriptions.length > 0 ? 1 : 0);
        const [policy] = over;
        if (!policy) continue;
        expect(policy.maxRetries).toBe(Math.max(...subscriptions.map(({ attempts }) => attempts)) - 1);
        expect(policy.components).toEqual(expect.arrayContaining(subscriptions.map(({ component }) => component)));
      }
    });
  });

  test('the state store is there for those who use it', () => {
    forEvery((artefacts, { services }) => {
      const users = services.filter(({ state }) => state).map(({ name }) => name);
      expect(viewOf<{ scopes: string[] }>(artefacts, 'component-state.yaml')?.scopes ?? []).toEqual(users);
    });
  });

  test('a service without a sidecar stands in none of them', () => {
    forEvery((artefacts, { services }) => {
      const named = artefacts.flatMap(({ view }) => (view as { scopes?: string[] }).scopes ?? []);
      for (const { name, sidecar } of services) if (!sidecar) expect(named).not.toContain(name);
    });
  });

  test('the same definition gives the same objects in the same order', () => {
    forEvery((artefacts, _platform, drawn) => {
      expect(daprArtefacts(platformOf(structuredClone(drawn)))).toEqual(artefacts);
    });
  });
});

describe('of the smallest platform', () => {
  test('configuration, secrets and the component that it publishes by', async () => {
    expect(daprArtefacts(await load(minimal())).map(({ file }) => file)).toEqual(['configuration.yaml', 'component-secrets.yaml', 'component-pubsub.yaml']);
  });

  test('without a service that needs a sidecar, only configuration and secrets', async () => {
    expect(daprArtefacts(await load(minimal().replace(', publishes: [task-events]', ''))).map(({ file }) => file)).toEqual(['configuration.yaml', 'component-secrets.yaml']);
  });

  test('a service that asks for other tries has a policy of its own', async () => {
    const two = minimal().replace('environments:', '  audit: { subscribes: [task-events] }\n  mail: { subscribes: { task-events: { attempts: 5, bulk: 10 } } }\nenvironments:');
    const artefacts = daprArtefacts(await load(two));
    expect(viewsOf<Resiliency>(artefacts, 'resiliency').map(({ name, maxRetries, scopes: of }) => [name, maxRetries, of])).toEqual([
      ['todo', 29, ['audit']],
      ['todo-mail', 4, ['mail']],
    ]);
    expect(viewOf<Subscribed>(artefacts, 'subscription-mail-task-events.yaml')).toMatchObject({ bulk: 10, deadLetter: 'task-events.dlq' });
  });
});
