// A managed Kafka has the topics of the definition and, for each user, exactly the rights that its arrows need.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../cli/definition/platform.ts';
import { lagOf } from '../../../cli/systems/lag.ts';
import { managedKafka } from '../../../cli/systems/terraform-kafka.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';

/** Every second service is scaled by what it is behind. */
function managedPlatform({ services, ...drawn }: Pick<Drawn, 'platform' | 'topics' | 'services'>): Platform {
  const scaled = Object.entries(services).map(([name, service], index) => [name, index % 2 === 0 ? { ...service, scale: { min: 1, max: 3, lag: 100 } } : service]);
  return platformOf({ ...drawn, services: Object.fromEntries(scaled) as object }, { name: 'prod', provider: 'digitalocean' });
}

function forEvery(check: (kafka: ReturnType<typeof managedKafka>, platform: Platform) => void): void {
  fc.assert(
    fc.property(definitions, (drawn) => {
      const platform = managedPlatform(drawn);
      check(managedKafka(platform), platform);
    }),
  );
}

describe('of any definition', () => {
  test('every topic and its dead letters are there, with what the service allows at least', () => {
    forEvery(({ topics }, platform) => {
      expect(Object.keys(topics)).toEqual(platform.topics.map(({ name }) => name));
      for (const { name, partitions, retentionMs } of platform.topics) {
        expect(topics[name]).toEqual({ partitions: Math.max(partitions, 3), retention_ms: String(retentionMs), retention_bytes: null });
      }
    });
  });

  test('a service may produce and consume what its arrows say, and nothing more', () => {
    forEvery(({ users }, { services }) => {
      for (const { name, publishes, subscriptions } of services) {
        const reads = new Set(subscriptions.map(({ topic }) => topic));
        const writes = new Set([...publishes, ...subscriptions.map(({ deadLetter }) => deadLetter)]);
        const wanted = [...new Set([...reads, ...writes])].map((topic) => [topic, reads.has(topic) ? (writes.has(topic) ? 'produceconsume' : 'consume') : 'produce']);
        expect(users[name] ?? {}).toEqual(Object.fromEntries(wanted));
      }
    });
  });

  test('who may do nothing has no user', () => {
    forEvery(({ users }, { services }) => {
      const moving = services.filter(({ publishes, subscriptions }) => publishes.length + subscriptions.length > 0).map(({ name }) => name);
      expect(Object.keys(users).filter((name) => !['tail', 'lag', 'keda'].includes(name)).sort()).toEqual(moving.sort());
      for (const rights of Object.values(users)) expect(rights).not.toEqual({});
    });
  });

  test('tail reads everything, lag what somebody consumes, keda what a scale looks at; none of them writes', () => {
    forEvery(({ users }, { topics, services }) => {
      const read = (name: string): string[] => Object.keys(users[name] ?? {}).sort();
      const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
      expect(read('tail')).toEqual(sorted(topics.map(({ name }) => name)));
      expect(read('lag')).toEqual(sorted(services.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic))));
      expect(read('keda')).toEqual(sorted(services.flatMap((service) => lagOf(service)?.topics ?? [])));
      for (const name of ['tail', 'lag', 'keda']) for (const permission of Object.values(users[name] ?? {})) expect(permission).toBe('consume');
    });
  });

  test('a write that is acknowledged is on two of three nodes', () => {
    forEvery(({ nodes, inSync }) => expect([nodes, inSync]).toEqual([3, 2]));
  });
});

test('a topic’s size is a text, as the provider wants it', () => {
  const { topics, services } = managedPlatform({ platform: 'todo', topics: { big: { key: 'task' } }, services: {} });
  const limited = topics.map((topic) => ({ ...topic, retentionBytes: 2 ** 30 }));
  const platform = { ...managedPlatform({ platform: 'todo', topics: {}, services: {} }), topics: limited, services };
  expect(managedKafka(platform).topics['big']?.retention_bytes).toBe('1073741824');
});
