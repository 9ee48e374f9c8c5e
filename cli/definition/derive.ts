import { deadLetterTopic, deliveryPath, PUBSUB } from '../../services/contracts/names.ts';
import { parseDuration } from './duration.ts';
import type { Acl, Service, ServiceResources, Subscription, Topic } from './platform.ts';
import type { DefinedService, DefinedTopic } from './schema.ts';
import { parseSize } from './size.ts';

const DEAD_LETTER_PARTITIONS = 1;
const DEAD_LETTER_RETENTION = '30d';

/** What is declared, environment values already over the defaults. */
export interface Declared {
  topics: Readonly<Record<string, DefinedTopic>>;
  services: Readonly<Record<string, DefinedService>>;
}

/** Every declared topic, each followed by its dead-letter topic. */
export function deriveTopics({ topics }: Declared): Topic[] {
  return Object.entries(topics).flatMap(([name, topic]): Topic[] => {
    const deadLetter = deadLetterTopic(name);
    const bytes = topic.retentionSize === undefined ? undefined : parseSize(topic.retentionSize);
    return [
      {
        name,
        key: topic.key,
        partitions: topic.partitions,
        retentionMs: milliseconds(topic.retention),
        ...(bytes === undefined ? {} : { retentionBytes: bytes }),
        deadLetter,
      },
      { name: deadLetter, key: topic.key, partitions: DEAD_LETTER_PARTITIONS, retentionMs: milliseconds(DEAD_LETTER_RETENTION), deadLetterOf: name },
    ];
  });
}

/** Every service with its arrows: subscriptions, who invokes it, and the least rights on Kafka that these need. */
export function deriveServices(declared: Declared, replicas: (service: DefinedService) => number): Service[] {
  return Object.entries(declared.services).map(([name, service]): Service => {
    const subscriptions = [...subscribed(name, service), ...listened(name, service)];
    const invokedBy = Object.entries(declared.services)
      .filter(([, other]) => other.invokes.includes(name))
      .map(([other]) => other);
    const publishes = unique(service.publishes);
    const invokes = unique(service.invokes);
    return {
      name,
      ...(service.route === undefined ? {} : { route: service.route }),
      publishes,
      subscriptions,
      invokes,
      invokedBy,
      database: service.database,
      state: service.state,
      replicas: replicas(service),
      ...(service.schedule === undefined ? {} : { schedule: service.schedule }),
      ...(service.scale === undefined ? {} : { scale: service.scale }),
      resources: resourcesOf(service),
      sidecar: publishes.length + subscriptions.length + invokes.length + invokedBy.length > 0 || service.state || service.schedule !== undefined,
      acls: acls(publishes, subscriptions),
    };
  });
}

const MIB = 2 ** 20;

function resourcesOf({ resources = {} }: DefinedService): ServiceResources {
  const { cpuLimit } = resources;
  const memoryLimit = resources.memoryLimit === undefined ? undefined : mebibytes(resources.memoryLimit);
  // A limit alone, below what is usually asked for, is what is asked for too.
  const cpu = resources.cpu ?? Math.min(100, cpuLimit ?? Infinity);
  const memory = resources.memory === undefined ? Math.min(192, memoryLimit ?? Infinity) : mebibytes(resources.memory);
  return { cpu, memory, cpuLimit: cpuLimit ?? cpu * 10, memoryLimit: memoryLimit ?? memory * 2 };
}

/** The schema lets only sizes through; a part of a MiB counts as a whole one. */
function mebibytes(size: string): number {
  return Math.ceil((parseSize(size) ?? 0) / MIB);
}

const SUBSCRIPTION_DEFAULTS = { attempts: 30 } as const;

function subscribed(service: string, { subscribes }: DefinedService): Subscription[] {
  const byTopic = Array.isArray(subscribes) ? unique(subscribes).map((topic) => [topic, SUBSCRIPTION_DEFAULTS] as const) : Object.entries(subscribes);
  return byTopic.map(([topic, { attempts, ...rest }]) => ({
    topic,
    component: PUBSUB,
    group: service,
    path: deliveryPath(topic),
    deadLetter: deadLetterTopic(topic),
    attempts,
    ...('bulk' in rest && rest.bulk !== undefined ? { bulk: rest.bulk } : {}),
  }));
}

function listened(service: string, { listens }: DefinedService): Subscription[] {
  return unique(listens).map((topic) => ({
    topic,
    component: `${PUBSUB}-${service}`,
    group: `${service}-{podName}`,
    path: deliveryPath(topic),
    deadLetter: deadLetterTopic(topic),
    attempts: SUBSCRIPTION_DEFAULTS.attempts,
  }));
}

/** Read or Write, each with Describe; one entry per resource, so that a topic both read and written has one. */
function acls(publishes: readonly string[], subscriptions: readonly Subscription[]): Acl[] {
  const reads = new Set(subscriptions.map(({ topic }) => topic));
  const writes = new Set([...publishes, ...subscriptions.map(({ deadLetter }) => deadLetter)]);
  const topics = unique([...writes, ...reads]).sort();
  const groups = unique(subscriptions.map(({ group }) => group)).sort();
  return [
    ...topics.map((name): Acl => ({ resource: 'topic', name, pattern: 'literal', operations: operations(reads.has(name), writes.has(name)) })),
    ...groups.map((group): Acl => {
      const prefix = group.replace('{podName}', '');
      return { resource: 'group', name: prefix, pattern: prefix === group ? 'literal' : 'prefix', operations: ['Read', 'Describe'] };
    }),
  ];
}

function operations(reads: boolean, writes: boolean): Acl['operations'] {
  return [...(reads ? (['Read'] as const) : []), ...(writes ? (['Write'] as const) : []), 'Describe'];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

/** The schema lets only durations through. */
function milliseconds(duration: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined) throw new RangeError(`not a duration: ${duration}`);
  return ms;
}
