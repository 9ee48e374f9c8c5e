import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Api } from './api.ts';
import { type Brokers, NO_BROKERS, podBrokers } from './brokers.ts';
import { CLUSTER, type Kafka, pathOf, PLURALS, type Pool, type Status, type Topic, type User } from './kinds.ts';
import { authoritiesOf } from './secrets.ts';
import { notReady, READY, statusOf } from './status.ts';
import { NO_TOPICS, reconcileTopic } from './topics.ts';
import { NO_USERS, reconcileUser } from './users.ts';

export interface StrimziOptions {
  /** Of whoever may do everything. */
  kubeconfig: string;
  context?: string;
  /**
   * `pods`: Apache Kafka in pods of this image, topics and users in it. `instant`: Secrets and status alone, for an API server without
   * nodes. `slow`: the same after so many milliseconds. `never`: nothing ever gets ready.
   */
  mode: { is: 'pods'; image: string } | { is: 'instant' } | { is: 'slow'; ms: number } | { is: 'never' };
  log?(line: string): void;
}

export interface Strimzi extends AsyncDisposable {
  /** Ends the operator; what it made stays. */
  stop(): Promise<void>;
}

const AGAIN_MS = 300;
const UNCHANGED_MS = 2000;

/** Starts the stand-in for Strimzi's operators in this process. It needs no CRDs to start: it waits for them. */
export async function startStrimzi(options: StrimziOptions): Promise<Strimzi> {
  const ended = new AbortController();
  const { signal } = ended;
  const api = await Api.open(options.kubeconfig, signal, options.context);
  const operator = new Operator(api, options);
  const watched = [...Object.keys(PLURALS).map((kind) => pathOf(kind as keyof typeof PLURALS)), ...(options.mode.is === 'pods' ? ['/api/v1/pods'] : [])];
  const running = Promise.all([...watched.map((path) => follow(api, path, signal, () => operator.look())), operator.run(signal)]);
  const stop = async (): Promise<void> => {
    ended.abort(new Error('stopped'));
    await running;
    await operator[Symbol.asyncDispose]();
    api.kubernetes[Symbol.dispose]();
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

async function follow(api: Api, path: string, signal: AbortSignal, changed: () => void): Promise<void> {
  while (!signal.aborted) {
    await api.follow(path, signal, changed).catch(() => undefined);
    await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Looks at everything whenever something changed, one round at a time. */
class Operator implements AsyncDisposable {
  readonly #api: Api;
  readonly #options: StrimziOptions;
  readonly #brokers: Brokers;
  readonly #seen = new Map<string, number>();
  #asked = true;
  #wake: () => void = () => undefined;

  constructor(api: Api, options: StrimziOptions) {
    this.#api = api;
    this.#options = options;
    this.#brokers = options.mode.is === 'pods' ? podBrokers(api, options.mode.image) : NO_BROKERS;
  }

  look(): void {
    this.#asked = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    while (!signal.aborted) {
      this.#asked = false;
      await this.#round().catch((error: unknown) => {
        if (!signal.aborted) this.#options.log?.(`strimzi: ${error instanceof Error ? error.message : String(error)}\n`);
      });
      if (!this.#asked && !signal.aborted) await this.#wait();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#brokers[Symbol.asyncDispose]();
  }

  async #round(): Promise<void> {
    const [kafkas, pools, topics, users] = await Promise.all([
      this.#api.list<Kafka>(pathOf('Kafka')), this.#api.list<Pool>(pathOf('KafkaNodePool')), this.#api.list<Topic>(pathOf('KafkaTopic')), this.#api.list<User>(pathOf('KafkaUser')),
    ]);
    await this.#brokers.forget(kafkas);
    for (const kafka of kafkas) {
      if (kafka.metadata.deletionTimestamp !== undefined) continue;
      const own = <T extends { metadata: { namespace: string; labels?: Record<string, string> } }>(all: readonly T[]): T[] =>
        all.filter(({ metadata: { namespace, labels } }) => namespace === kafka.metadata.namespace && labels?.[CLUSTER] === kafka.metadata.name);
      await this.#cluster(kafka, own(pools), own(topics), own(users));
    }
  }

  /** A cluster, and once it is ready what its entity operator does. */
  async #cluster(kafka: Kafka, pools: readonly Pool[], topics: readonly Topic[], users: readonly User[]): Promise<void> {
    const late = this.#late(kafka.metadata.uid);
    const waiting = late ?? (pools.length === 0 ? notReady('InvalidResourceException', 'KafkaNodePools are missing') : undefined);
    const authority = await authoritiesOf(this.#api, kafka);
    const brokers = waiting ? { waiting: waiting.message ?? '' } : await this.#brokers.ensure(kafka, pools, authority);
    const clusterId = typeof kafka.status?.['clusterId'] === 'string' ? kafka.status['clusterId'] : newClusterId();
    const ready = 'waiting' in brokers ? (waiting ?? notReady('Creating', brokers.waiting)) : READY;
    let first = 0;
    for (const pool of [...pools].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))) {
      await this.#api.status('KafkaNodePool', pool, poolStatus(pool, clusterId, first));
      first += pool.spec.replicas;
    }
    // Last of all: who waits for it finds the rest.
    await this.#api.status('Kafka', kafka, kafkaStatus(kafka, pools, clusterId, authority.cert, ready));
    if ('waiting' in brokers || kafka.spec.entityOperator === undefined) return;
    for (const topic of topics) if (this.#late(topic.metadata.uid) === undefined) await reconcileTopic(this.#api, topic, brokers.topics ?? NO_TOPICS);
    await (brokers.users ?? NO_USERS).keepOnlyUsers(users.map(({ metadata: { name } }) => name));
    for (const user of users) if (this.#late(user.metadata.uid) === undefined) await reconcileUser(this.#api, kafka, user, brokers.users ?? NO_USERS);
  }

  /** Why something is not ready yet, where a test wants it late. */
  #late(uid: string): ReturnType<typeof notReady> | undefined {
    const { mode } = this.#options;
    if (mode.is === 'never') return notReady('TimeoutException', 'Exceeded timeout of 300000ms while waiting for Pods resource to be ready');
    if (mode.is !== 'slow') return undefined;
    const since = this.#seen.get(uid) ?? performance.now();
    this.#seen.set(uid, since);
    if (performance.now() - since >= mode.ms) return undefined;
    return notReady('Creating', 'Kafka cluster is being deployed');
  }

  /** Until something changes; a little while also without, for what takes time by itself. */
  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.mode.is === 'slow' ? AGAIN_MS : UNCHANGED_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}

function kafkaStatus(kafka: Kafka, pools: readonly Pool[], clusterId: string, ca: string, condition: typeof READY): Status {
  const { metadata, spec: { kafka: { version = '4.3.1', metadataVersion = '4.3-IV0', listeners } } } = kafka;
  if (condition.type !== 'Ready') return statusOf(metadata, condition, { clusterId, kafkaNodePools: namesOf(pools) });
  return statusOf(metadata, condition, {
    clusterId,
    kafkaVersion: version,
    kafkaMetadataVersion: metadataVersion,
    operatorLastSuccessfulVersion: '1.2.0',
    kafkaNodePools: namesOf(pools),
    listeners: listeners.map(({ name, port, tls }) => {
      const host = `${metadata.name}-kafka-bootstrap.${metadata.namespace}.svc`;
      return { name, addresses: [{ host, port }], bootstrapServers: `${host}:${port}`, ...(tls ? { certificates: [ca] } : {}) };
    }),
  });
}

function namesOf(pools: readonly Pool[]): { name: string }[] {
  return pools.map(({ metadata: { name } }) => ({ name })).sort((a, b) => a.name.localeCompare(b.name));
}

/** A pool has no condition of its own while nothing is wrong with it. */
function poolStatus({ metadata, spec }: Pool, clusterId: string, first: number): Status {
  const cluster = metadata.labels?.[CLUSTER] ?? '';
  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    clusterId,
    nodeIds: Array.from({ length: spec.replicas }, (_, index) => first + index),
    roles: spec.roles,
    replicas: spec.replicas,
    labelSelector: `strimzi.io/cluster=${cluster},strimzi.io/name=${cluster}-kafka,strimzi.io/kind=Kafka,strimzi.io/pool-name=${metadata.name}`,
  };
}

/** As Kafka's own: 16 bytes in base64, of which the first is no dash. */
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}
