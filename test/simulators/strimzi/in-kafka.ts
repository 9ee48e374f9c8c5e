import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { KafkaAccess } from '../../../cli/kafka/access.ts';
import { createPartitions, createTopics, deleteTopics, incrementalAlterConfigs } from '../../../cli/kafka/apis/topics.ts';
import { Cluster } from '../../../cli/kafka/cluster.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { check } from '../../../cli/kafka/failures.ts';
import { alterScramCredentials, type Binding, createAcls, deleteAcls, describeAcls } from './kafka-apis.ts';
import type { Acl, Topic, User } from './kinds.ts';
import type { Topics } from './topics.ts';
import type { Users } from './users.ts';

const CHANGE_MS = 15_000;
const ITERATIONS = 4096;
const BYTES = 64;

const RESOURCES = { topic: 2, group: 3, cluster: 4, transactionalId: 5 } as const;
const PATTERNS = { literal: 3, prefix: 4 } as const;
const PERMISSIONS = { deny: 2, allow: 3 } as const;
const OPERATIONS: Readonly<Record<string, number>> = {
  All: 2, Read: 3, Write: 4, Create: 5, Delete: 6, Alter: 7, Describe: 8, ClusterAction: 9, DescribeConfigs: 10, AlterConfigs: 11, IdempotentWrite: 12,
};

const derive = promisify(pbkdf2);

/** Topics and users as they are in a Kafka that runs. What was done already is not asked for again until an object changes. */
export class InKafka implements Topics, Users, AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #topics = new Map<string, { generation: number | undefined; id: string }>();
  readonly #users = new Map<string, { uid: string; generation: number | undefined; password: string }>();

  constructor(access: KafkaAccess) {
    this.#cluster = new Cluster(access);
  }

  /** True when every one of so many brokers is known to the others. */
  async answers(brokers: number): Promise<boolean> {
    try {
      await this.#cluster.metadata([]);
      return this.#cluster.nodes().length === brokers;
    } catch {
      return false;
    }
  }

  async ensureTopic({ metadata, spec }: Topic): Promise<{ id: string } | { refused: string; message: string }> {
    const done = this.#topics.get(metadata.uid);
    if (done && done.generation === metadata.generation) return done;
    const name = spec.topicName ?? metadata.name;
    const { partitions = 1, replicas = 1 } = spec;
    const config = Object.fromEntries(Object.entries(spec.config ?? {}).map(([key, value]) => [key, String(value)]));
    const there = await this.#partitionsOf(name);
    if (there === 0) {
      const [made] = await this.#cluster.anyBroker((broker) => broker.call(createTopics, { topics: [{ name, partitions, replication: replicas, config }], timeoutMs: CHANGE_MS }, 2 * CHANGE_MS));
      if (made && made.error !== ErrorCode.TOPIC_ALREADY_EXISTS && made.error !== 0) return { refused: 'KafkaError', message: made.message ?? `error ${made.error}` };
    } else {
      if (partitions < there) return { refused: 'NotSupported', message: 'Decreasing partitions not supported' };
      if (partitions > there) {
        const [grown] = await this.#cluster.anyBroker((broker) => broker.call(createPartitions, { topics: [{ topic: name, partitions }], timeoutMs: CHANGE_MS }, 2 * CHANGE_MS));
        check(grown?.error ?? 0, `partitions of ${name}`, grown?.message);
      }
      const [set] = await this.#cluster.anyBroker((broker) => broker.call(incrementalAlterConfigs, { topic: name, config }));
      if (set && set.error !== 0) return { refused: 'KafkaError', message: set.message ?? `error ${set.error}` };
    }
    const id = Buffer.from(metadata.uid.replaceAll('-', ''), 'hex').toString('base64url');
    this.#topics.set(metadata.uid, { generation: metadata.generation, id });
    return { id };
  }

  async removeTopic(name: string): Promise<void> {
    this.#topics.clear();
    const [outcome] = await this.#cluster.anyBroker((broker) => broker.call(deleteTopics, { topics: [name], timeoutMs: CHANGE_MS }, 2 * CHANGE_MS));
    if (outcome && outcome.error !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) check(outcome.error, `topic ${name}`);
  }

  async ensureUser(name: string, password: string, { metadata, spec }: User): Promise<void> {
    const done = this.#users.get(name);
    if (done?.uid === metadata.uid && done.generation === metadata.generation && done.password === password) return;
    const salt = randomBytes(24);
    const saltedPassword = await derive(password, salt, ITERATIONS, BYTES, 'sha512');
    const [set] = await this.#cluster.anyBroker((broker) => broker.call(alterScramCredentials, { set: [{ user: name, iterations: ITERATIONS, salt, saltedPassword }], remove: [] }));
    check(set?.error ?? 0, `user ${name}`, set?.message);
    await this.#rights(name, spec.authorization?.acls ?? []);
    this.#users.set(name, { uid: metadata.uid, generation: metadata.generation, password });
  }

  async keepOnlyUsers(names: readonly string[]): Promise<void> {
    for (const name of [...this.#users.keys()].filter((known) => !names.includes(known))) {
      await this.#cluster.anyBroker((broker) => broker.call(alterScramCredentials, { set: [], remove: [name] }));
      await this.#rights(name, []);
      this.#users.delete(name);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #partitionsOf(name: string): Promise<number> {
    const { topics } = await this.#cluster.metadata([name]);
    return topics.find((topic) => topic.name === name && topic.error === 0)?.partitions.length ?? 0;
  }

  async #rights(name: string, acls: readonly Acl[]): Promise<void> {
    const principal = `User:${name}`;
    const wanted = new Map(acls.flatMap((acl) => bindingsOf(principal, acl)).map((binding) => [JSON.stringify(binding), binding]));
    const { error, message, bindings } = await this.#cluster.anyBroker((broker) => broker.call(describeAcls, { principal }));
    check(error, `rights of ${name}`, message);
    const there = new Map(bindings.map((binding) => [JSON.stringify(binding), binding]));
    const make = [...wanted].filter(([key]) => !there.has(key)).map(([, binding]) => binding);
    const drop = [...there].filter(([key]) => !wanted.has(key)).map(([, binding]) => binding);
    const outcomes = [
      ...(make.length > 0 ? await this.#cluster.anyBroker((broker) => broker.call(createAcls, make)) : []),
      ...(drop.length > 0 ? await this.#cluster.anyBroker((broker) => broker.call(deleteAcls, drop)) : []),
    ];
    for (const outcome of outcomes) check(outcome.error, `rights of ${name}`, outcome.message);
  }
}

function bindingsOf(principal: string, { type = 'allow', resource, host = '*', operations }: Acl): Binding[] {
  return operations.map((operation) => ({
    resource: RESOURCES[resource.type],
    name: resource.type === 'cluster' ? 'kafka-cluster' : (resource.name ?? ''),
    pattern: PATTERNS[resource.patternType ?? 'literal'],
    principal,
    host,
    operation: OPERATIONS[operation] ?? 0,
    permission: PERMISSIONS[type],
  }));
}
