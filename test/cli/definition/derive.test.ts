// For any definition that is right: every arrow has exactly its subscription, its rights and its scope, and nothing more.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveServices, deriveTopics } from '../../../cli/definition/derive.ts';
import type { Service } from '../../../cli/definition/platform.ts';
import { referenceProblems } from '../../../cli/definition/references.ts';
import { definitionSchema } from '../../../cli/definition/schema.ts';
import { definitions, type Drawn, type DrawnService } from '../../support/definitions.ts';

function derive(drawn: Drawn): Service[] {
  return deriveServices(definitionSchema.parse(drawn), ({ replicas }) => replicas ?? 1);
}

/** Checks each service of each drawn definition against what was drawn for it. */
function forEveryService(check: (service: Service, drawn: DrawnService, all: Drawn) => void): void {
  fc.assert(
    fc.property(definitions, (all) => {
      for (const service of derive(all)) check(service, all.services[service.name] as DrawnService, all);
    }),
  );
}

const rights = ({ acls }: Service): string[] => acls.flatMap(({ resource, name, pattern, operations }) => operations.map((operation) => `${operation} ${resource} ${name} ${pattern}`));

test('what is drawn is right: the schema and the reference checks accept it', () => {
  fc.assert(fc.property(definitions, (drawn) => definitionSchema.safeParse(drawn).success && referenceProblems(drawn).length === 0));
});

test('every topic comes with its dead-letter topic, of the same key, and nothing else comes', () => {
  fc.assert(
    fc.property(definitions, (drawn) => {
      const topics = deriveTopics(definitionSchema.parse(drawn));
      expect(topics.map(({ name }) => name)).toEqual(Object.keys(drawn.topics).flatMap((name) => [name, `${name}.dlq`]));
      for (const topic of topics) {
        const source = drawn.topics[topic.deadLetterOf ?? topic.name];
        expect(topic.key).toBe(source?.key);
        if (topic.deadLetterOf === undefined) expect(topic.partitions).toBe(source?.partitions ?? 3);
        else expect([topic.partitions, topic.retentionMs]).toEqual([1, 30 * 86_400_000]);
      }
    }),
  );
});

describe('subscriptions', () => {
  test('one for each topic subscribed or listened to, none besides', () => {
    forEveryService(({ subscriptions }, { subscribes, listens }) => {
      expect(subscriptions.map(({ topic }) => topic).sort()).toEqual([...Object.keys(subscribes), ...listens].sort());
    });
  });

  test('subscribers share a group under the service’s name; listeners have one per replica and a component of their own', () => {
    forEveryService(({ name, subscriptions }, { listens }) => {
      for (const { topic, group, component } of subscriptions) {
        const listening = listens.includes(topic);
        expect(group).toBe(listening ? `${name}-{podName}` : name);
        expect(component).toBe(listening ? `pubsub-${name}` : 'pubsub');
      }
    });
  });

  test('each leads to /events/<topic>, gives up into <topic>.dlq, and is delivered as the definition says', () => {
    forEveryService(({ subscriptions }, { subscribes }) => {
      for (const { topic, path, deadLetter, attempts, bulk } of subscriptions) {
        expect([path, deadLetter]).toEqual([`/events/${topic}`, `${topic}.dlq`]);
        expect([attempts, bulk]).toEqual([subscribes[topic]?.attempts ?? 30, subscribes[topic]?.bulk]);
      }
    });
  });
});

describe('rights on Kafka', () => {
  test('are exactly those that the arrows need', () => {
    forEveryService((service, { publishes, subscribes, listens }) => {
      const consumed = [...Object.keys(subscribes), ...listens];
      const written = [...publishes, ...consumed.map((topic) => `${topic}.dlq`)];
      const needed = new Set([
        ...consumed.map((topic) => `Read topic ${topic} literal`),
        ...written.map((topic) => `Write topic ${topic} literal`),
        ...[...consumed, ...written].map((topic) => `Describe topic ${topic} literal`),
        ...(Object.keys(subscribes).length > 0 ? [`Read group ${service.name} literal`, `Describe group ${service.name} literal`] : []),
        ...(listens.length > 0 ? [`Read group ${service.name}- prefix`, `Describe group ${service.name}- prefix`] : []),
      ]);
      expect(rights(service).sort()).toEqual([...needed].sort());
    });
  });

  test('no resource stands twice', () => {
    forEveryService(({ acls }) => {
      const resources = acls.map(({ resource, name, pattern }) => `${resource} ${name} ${pattern}`);
      expect(new Set(resources).size).toBe(resources.length);
    });
  });
});

test('who invokes and who is invoked mirror each other', () => {
  fc.assert(
    fc.property(definitions, (drawn) => {
      const services = derive(drawn);
      for (const { name, invokes } of services) {
        for (const other of services) expect(other.invokedBy.includes(name)).toBe(invokes.includes(other.name));
      }
    }),
  );
});

test('a sidecar is there exactly where an arrow or state needs one', () => {
  forEveryService((service, { publishes, subscribes, listens, invokes, state }, { services }) => {
    const invoked = Object.values(services).some((other) => other.invokes.includes(service.name));
    expect(service.sidecar).toBe(publishes.length + Object.keys(subscribes).length + listens.length + invokes.length > 0 || invoked || state);
  });
});

test('topics named twice in a list count once', () => {
  const services = { 'task-api': { publishes: ['task-events', 'task-events'], subscribes: ['task-events', 'task-events'] } };
  const definition = definitionSchema.parse({ platform: 'todo', topics: { 'task-events': { key: 'task' } }, services, environments: {} });
  const [service] = deriveServices(definition, () => 1);
  expect(service?.publishes).toEqual(['task-events']);
  expect(service?.subscriptions).toHaveLength(1);
  expect(rights(service as Service)).toContain('Read topic task-events literal');
});
