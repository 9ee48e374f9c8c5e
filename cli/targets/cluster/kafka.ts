import type { Duplex } from 'node:stream';
import type { Peek } from '../../definition/peek.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Address, KafkaAccess, Sasl } from '../../kafka/access.ts';
import { ConnectionLost } from '../../kafka/failures.ts';
import { connectTcp, parseBrokers } from '../../kafka/tcp.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { reasonOf, strange } from '../../kubernetes/failures.ts';
import { forwardPort } from '../../kubernetes/port-forward.ts';
import { listObjects } from '../../kubernetes/read.ts';
import { type ClusterKafka, KAFKA_TLS_PORT, kafkaOf } from '../../systems/kafka-access.ts';
import type { SecretKey } from '../../systems/names.ts';
import { namespaceOf } from '../../systems/names.ts';
import type { KafkaUser } from '../target.ts';
import type { TargetGiven } from '../target.ts';
import { isShown } from './shown-keys.ts';

interface Pod {
  metadata: { name: string };
  status?: { podIP?: string; conditions?: readonly { type: string; status: string }[] };
}

/** What of the ground it takes. */
export interface KafkaGround {
  peek: Pick<Peek, 'platform' | 'settings'>;
  given: Pick<TargetGiven, 'environment' | 'io'>;
  kubernetes(): Promise<Kubernetes>;
}

/** Names of mechanisms as Kafka spells them, by Dapr's. */
const MECHANISMS = { 'SHA-512': 'SCRAM-SHA-512', 'SHA-256': 'SCRAM-SHA-256', PLAINTEXT: 'PLAIN' } as const;

/**
 * Kafka of an environment in a cluster, as `user` may use it. Brokers in the cluster are reached by a port-forward for each connection;
 * those of a provider directly. Errors: TODOCTL_NOT_DEPLOYED, TODOCTL_SECRET_MISSING, TODOCTL_CLUSTER_*; TODOCTL_FORWARD_FORBIDDEN when connecting.
 */
export async function clusterKafka(ground: KafkaGround, user: KafkaUser): Promise<KafkaAccess> {
  const { platform: name, settings } = ground.peek;
  const kafka = kafkaOf({ name, environment: { kafka: settings['kafka'] as never } });
  const namespace = namespaceOf({ name });
  const kubernetes = await ground.kubernetes();
  const secrets = new Secrets(kubernetes, namespace, (secret) => ground.given.io.redactor.register(secret));
  const signIn = kafka.sasl && new SignIn(kafka.sasl, user, secrets);
  // One after the other each would cost a round trip.
  const [brokers, ca] = await Promise.all([
    kafka.provider === 'strimzi' ? brokersIn(kubernetes, namespace, name) : addressesOf(kafka.bootstrap, secrets),
    kafka.ca && secrets.value(kafka.ca),
    signIn?.credentials(),
  ]);
  const where = `${ground.given.environment} (${kafka.provider === 'strimzi' ? `${name} in ${kubernetes.where}` : brokers.map(({ host, port }) => `${host}:${port}`).join(', ')})`;
  return {
    where,
    bootstrap: brokers,
    connect: kafka.provider === 'strimzi' ? (broker, signal) => connectToPod(kubernetes, { namespace, cluster: name }, broker, signal) : connectTcp,
    ...(kafka.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    ...(signIn ? { sasl: (refused) => signIn.credentials(refused) } : {}),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** The brokers by the names that they advertise, those that are ready first. */
async function brokersIn(kubernetes: Kubernetes, namespace: string, cluster: string): Promise<Address[]> {
  const labels = { 'strimzi.io/cluster': cluster, 'strimzi.io/kind': 'Kafka', 'strimzi.io/broker-role': 'true' };
  const pods = await listObjects<Pod>(kubernetes, `/api/v1/namespaces/${namespace}/pods`, labels);
  if (pods.length === 0) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: `There is no broker of ${cluster} in the namespace ${namespace} of ${kubernetes.where}` });
  return pods.sort((a, b) => Number(isReady(b)) - Number(isReady(a))).map(({ metadata }) => ({ host: `${metadata.name}.${cluster}-kafka-brokers.${namespace}.svc`, port: KAFKA_TLS_PORT }));
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/**
 * The pod behind the name that a broker advertises. It is asked for anew by each connection, as its name: the pod that has it now is
 * another one when it was replaced.
 */
export function podOf({ namespace, cluster }: { namespace: string; cluster: string }, { host }: Address): string | undefined {
  const [pod = '', service, inside, svc] = host.split('.');
  return service === `${cluster}-kafka-brokers` && inside === namespace && svc === 'svc' ? pod : undefined;
}

async function connectToPod(kubernetes: Kubernetes, cluster: { namespace: string; cluster: string }, broker: Address, signal = new AbortController().signal): Promise<Duplex> {
  const pod = podOf(cluster, broker);
  if (pod === undefined) throw new ConnectionLost(`${broker.host} is not the name of a broker's pod in the namespace ${cluster.namespace}`);
  return passing(forwardPort(kubernetes, { namespace: cluster.namespace, pod, port: broker.port }, signal));
}

/** An API server that does not answer now was there a moment ago: the reader goes on when it is back. */
async function passing<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof TodoctlError && /_CLUSTER_(?:UNREACHABLE|STRANGE)$/.test(error.code)) throw new ConnectionLost([error.message, ...error.details].join(': '), { cause: error });
    throw error;
  }
}

async function addressesOf(bootstrap: string | SecretKey, secrets: Secrets): Promise<Address[]> {
  const text = typeof bootstrap === 'string' ? bootstrap : await secrets.value(bootstrap);
  const addresses = parseBrokers(text);
  if (!addresses) throw new TodoctlError('TODOCTL_KAFKA_UNREACHABLE', { message: `The addresses of Kafka are not host:port, comma-separated: ${text}` });
  return addresses;
}

/** Who signs in at the brokers: asked again when they refuse it, because an operator may have given out another password. */
class SignIn {
  readonly #sasl: NonNullable<ClusterKafka['sasl']>;
  readonly #user: KafkaUser;
  readonly #secrets: Secrets;
  #known: Promise<Sasl> | undefined;

  constructor(sasl: NonNullable<ClusterKafka['sasl']>, user: KafkaUser, secrets: Secrets) {
    this.#sasl = sasl;
    this.#user = user;
    this.#secrets = secrets;
  }

  async credentials(refused?: Sasl): Promise<Sasl> {
    const known = await this.#known;
    if (known && (!refused || refused.password !== known.password)) return known;
    this.#known = this.#read();
    // What failed once is asked again.
    this.#known.catch(() => (this.#known = undefined));
    return this.#known;
  }

  async #read(): Promise<Sasl> {
    const { mechanism, username } = this.#sasl;
    const [name, password] = await Promise.all([username === 'own' ? this.#user : this.#secrets.value(username), this.#secrets.value(this.#sasl.password(this.#user))]);
    return { mechanism: MECHANISMS[mechanism], username: name, password };
  }
}

/** Values of Secrets in one namespace; each is known to the redactor from here on. */
class Secrets {
  readonly #kubernetes: Kubernetes;
  readonly #namespace: string;
  readonly #register: (secret: string) => void;

  constructor(kubernetes: Kubernetes, namespace: string, register: (secret: string) => void) {
    this.#kubernetes = kubernetes;
    this.#namespace = namespace;
    this.#register = register;
  }

  async value({ name, key }: SecretKey): Promise<string> {
    const { status, body } = await passing(this.#kubernetes.ask<{ data?: Record<string, string> }>(`/api/v1/namespaces/${this.#namespace}/secrets/${name}`));
    const { where } = this.#kubernetes;
    if (status === 403) {
      throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
        message: `You may not read the Secret ${name} in the namespace ${this.#namespace} of ${where}`,
        details: [reasonOf(body), 'it takes the verb get on secrets of this name'],
        next: ['Ask for the role tail of the environment: role-tail.yaml of what todoctl render --only access writes.'],
      });
    }
    if (status !== 200 && status !== 404) throw strange(where, status, body);
    const encoded = status === 200 ? body.data?.[key] : undefined;
    if (encoded === undefined) throw new TodoctlError('TODOCTL_SECRET_MISSING', {
      message: `The Secret ${name} in the namespace ${this.#namespace} of ${where} has no ${key}${status === 404 ? ': it is not there' : ''}`,
      why: 'Kafka’s operator, or deploy where Kafka is a provider’s, writes it with the user whose it is.',
      next: ['Run todoctl status to see how Kafka is, and todoctl deploy where the user was never made.'],
    });
    const value = Buffer.from(encoded, 'base64').toString('utf8');
    if (!isShown(key)) this.#register(value);
    return value;
  }
}
