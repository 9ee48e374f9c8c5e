// Who may do what on Kafka: exactly the arrows of the definition, for any definition that is right.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../cli/definition/platform.ts';
import { KAFKA_USERS } from '../../../cli/definition/reserved-names.ts';
import { aclsOf } from '../../../cli/systems/kafka-users.ts';
import { kafkaObjects, kafkaPlatform, rightsOf, strimziPlatforms } from '../../support/kafka.ts';
import { platformIn } from '../../support/rendered.ts';

const forEvery = (check: (platform: Platform) => void): void => fc.assert(fc.property(strimziPlatforms, check));

describe('of any definition', () => {
  test('the rights of a service are those of its arrows, and no others', () => {
    forEvery((platform) => {
      for (const { name, publishes, subscriptions } of platform.services) {
        const allowed = new Map<string, Set<string>>();
        const allow = (what: string, ...operations: string[]): void => void allowed.set(what, new Set([...(allowed.get(what) ?? []), ...operations]));
        for (const topic of publishes) allow(`topic ${topic}`, 'Write', 'Describe');
        for (const { topic, deadLetter, group } of subscriptions) {
          allow(`topic ${topic}`, 'Read', 'Describe');
          allow(`topic ${deadLetter}`, 'Write', 'Describe');
          allow(`group ${group.replace('{podName}', '*')}`, 'Read', 'Describe');
        }
        expect(rightsOf(platform)[name] ?? []).toEqual([...allowed].map(([what, operations]) => `${what} ${[...operations].sort().join('+')}`).sort());
      }
    });
  });

  test('a service without an arrow has no user, and nobody has one but services and the users that no service may be named after', () => {
    forEvery((platform) => {
      const users = Object.keys(rightsOf(platform));
      const services = platform.services.filter(({ publishes, subscriptions }) => publishes.length + subscriptions.length > 0).map(({ name }) => name);
      expect(users.filter((name) => !KAFKA_USERS.includes(name))).toEqual(services);
    });
  });

  test('nobody may write, create or delete but services', () => {
    forEvery((platform) => {
      for (const user of ['tail', 'lag', 'keda']) expect((rightsOf(platform)[user] ?? []).filter((right) => !/ (?:Describe|Describe\+Read)$/.test(right))).toEqual([]);
      for (const user of ['lag', 'keda']) expect((rightsOf(platform)[user] ?? []).join()).not.toContain('Read');
      expect((rightsOf(platform)['tail'] ?? []).filter((right) => right.startsWith('group'))).toEqual([]);
    });
  });

  test('tail reads every topic of the platform, dead letters too', () => {
    forEvery((platform) => {
      expect(rightsOf(platform)['tail'] ?? []).toEqual(platform.topics.map(({ name }) => `topic ${name} Describe+Read`).sort());
    });
  });

  test('keda sees the topics and the group of services that scale by lag, and is not there when none does', () => {
    forEvery((platform) => {
      const scaled = platform.services.filter(({ scale }) => scale?.lag !== undefined);
      const topics = new Set(scaled.flatMap(({ subscriptions }) => subscriptions.filter(({ component }) => component === 'pubsub').map(({ topic }) => topic)));
      const groups = scaled.filter(({ subscriptions }) => subscriptions.some(({ component }) => component === 'pubsub')).map(({ name }) => name);
      expect(rightsOf(platform)['keda'] ?? []).toEqual([...[...topics].map((topic) => `topic ${topic} Describe`), ...groups.map((group) => `group ${group} Describe`)].sort());
    });
  });

  test('lag sees every group and the topics that these read', () => {
    forEvery((platform) => {
      const subscriptions = platform.services.flatMap((service) => service.subscriptions);
      const wanted = subscriptions.flatMap(({ topic, group }) => [`topic ${topic} Describe`, `group ${group.replace('{podName}', '*')} Describe`]);
      expect(rightsOf(platform)['lag'] ?? []).toEqual([...new Set(wanted)].sort());
    });
  });
});

describe('of the project’s own definition', () => {
  test('each user and its rights', async () => {
    const platform = await platformIn('prod');
    const users = kafkaObjects(platform, 'KafkaUser').map(({ metadata }) => metadata.name);
    expect(users).toEqual(['task-api', 'recurrence', 'audit', 'realtime', 'tail', 'lag', 'keda']);
    expect(rightsOf(platform)['task-api'] ?? []).toEqual(['topic task-events Describe+Write', 'topic task-updates Describe+Write']);
    expect(rightsOf(platform)['recurrence'] ?? []).toEqual(['group recurrence Describe+Read', 'topic task-events Describe+Read', 'topic task-events.dlq Describe+Write']);
    expect(rightsOf(platform)['realtime'] ?? []).toEqual(['group realtime-* Describe+Read', 'topic task-updates Describe+Read', 'topic task-updates.dlq Describe+Write']);
    expect(rightsOf(platform)['keda'] ?? []).toEqual(['group recurrence Describe', 'topic task-events Describe']);
  });

  test('every user signs in by name and password, belongs to the cluster and lives where Dapr finds its Secret', async () => {
    for (const { metadata, spec } of kafkaObjects(await platformIn('prod'), 'KafkaUser')) {
      expect(metadata).toMatchObject({ namespace: 'todo', labels: { 'strimzi.io/cluster': 'todo', 'todoctl.io/system': 'kafka' } });
      expect(spec).toMatchObject({ authentication: { type: 'scram-sha-512' }, authorization: { type: 'simple' } });
    }
  });
});

test('a right on the cluster has no name, and a literal one says so', () => {
  expect(aclsOf([{ resource: 'cluster', operations: ['Describe'] }, { resource: 'topic', name: 't', operations: ['Read'] }, { resource: 'group', name: 'g-', pattern: 'prefix', operations: ['Read'] }])).toEqual([
    { resource: { type: 'cluster' }, operations: ['Describe'] },
    { resource: { type: 'topic', name: 't', patternType: 'literal' }, operations: ['Read'] },
    { resource: { type: 'group', name: 'g-', patternType: 'prefix' }, operations: ['Read'] },
  ]);
});

test('without topics there is nobody who could look at them', async () => {
  const nothing = await kafkaPlatform('', (text) => text.replace(/topics:[\s\S]*?services:/, 'topics: {}\nservices:').replaceAll(/\{ (?:publishes|subscribes|listens): [^}]*\}/g, '{}'));
  expect(kafkaObjects(nothing, 'KafkaUser')).toEqual([]);
});
