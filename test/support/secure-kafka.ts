import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { kafkaAccess } from '../../cli/targets/local/kafka.ts';
import { Cluster } from '../../cli/kafka/cluster.ts';
import type { KafkaAccess } from '../../cli/kafka/access.ts';
import { ALONE } from '../tools/kafka/alone.ts';
import { getApacheKafka } from '../tools/kafka/get.ts';
import { selfSigned } from './certificate.ts';
import type { Node } from './node/node.ts';
import { PAUSE_IMAGE } from './node/worker.ts';
import { until } from './until.ts';

/**
 * Apache Kafka on a real node as Strimzi would have it: a broker's pod, TLS and SCRAM-SHA-512 on 9093, users in Secrets. The listener takes
 * PLAIN too: librdkafka before 2.2 repeats its nonce in SCRAM, which Kafka refuses since CVE-2024-56128, and Debian's kcat has such a one.
 */
export interface SecureKafka {
  namespace: string;
  cluster: string;
  /** What the broker advertises on its TLS listener. */
  advertised: string;
  /** Certificate of who signed the broker's, and the password of the users tail and lag. */
  ca: string;
  password: string;
  /** Kafka without TLS, for whoever fills topics from this machine. */
  plain: KafkaAccess;
  /** Kills pod and broker at once, as a lost node does; resolves when both are gone. */
  kill(): Promise<void>;
  /** Brings both back with their data. */
  revive(): Promise<void>;
}

const CLUSTER = 'todo';
const POD = `${CLUSTER}-kafka-0`;
const PASSWORD = 'canary-of-tail-8d1e';
const START_MS = 120_000;

/** Starts it in the namespace `todo` (some 10 s), or says why it cannot. It ends with the node. */
export async function startSecureKafka(node: Node): Promise<SecureKafka | { skipped: string }> {
  const got = getApacheKafka();
  if ('skipped' in got) return got;
  const namespace = CLUSTER;
  const host = `${POD}.${CLUSTER}-kafka-brokers.${namespace}.svc`;
  const { cert, key } = selfSigned(host);
  const { address, folder, launch } = node.ground;
  const home = path.join(folder, 'kafka');
  mkdirSync(home);
  writeFileSync(path.join(home, 'broker.pem'), `${key}${cert}`, { mode: 0o600 });
  const properties = path.join(home, 'server.properties');
  writeFileSync(properties, settings(address, host, home));
  const classpath = path.join(got.lib, '*');
  const user = (name: string): string => `SCRAM-SHA-512=[name=${name},password=${PASSWORD}]`;
  execFileSync('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '--standalone', '-t', 'todoctlTestClusterId01', '-c', properties, '-S', user('tail'), '-S', user('lag')], { stdio: 'ignore' });
  const plain = kafkaAccess('node', [{ host: address, port: 9092 }]);
  let broker: ChildProcess;
  const start = async (): Promise<void> => {
    broker = launch('kafka', 'java', ['-Xmx512m', '-cp', classpath, 'kafka.Kafka', properties]);
    await until('Kafka answers', () => answers(plain), START_MS);
    await node.apply([podOf(namespace)]);
    await node.kubectl(['-n', namespace, 'wait', '--for=condition=Ready', `pod/${POD}`, '--timeout=60s']);
  };
  await node.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]);
  await node.apply([secret(namespace, `${CLUSTER}-cluster-ca-cert`, { 'ca.crt': cert }), ...['tail', 'lag'].map((name) => secret(namespace, `kafka-${name}`, { password: PASSWORD }))]);
  await start();
  return {
    namespace, cluster: CLUSTER, advertised: `${host}:9093`, ca: cert, password: PASSWORD, plain, revive: start,
    kill: async () => {
      const gone = once(broker, 'exit');
      broker.kill('SIGKILL');
      await Promise.all([gone, node.kubectl(['-n', namespace, 'delete', 'pod', POD, '--force', '--grace-period=0', '--ignore-not-found'])]);
    },
  };
}

async function answers(access: KafkaAccess): Promise<true | undefined> {
  await using cluster = new Cluster(access);
  return await cluster.metadata([]).then(() => true, () => undefined);
}

function secret(namespace: string, name: string, stringData: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
}

/** On the node's own network, where the broker is: a forward to it goes the whole way through API server, kubelet and containerd. */
function podOf(namespace: string): object {
  const labels = { 'strimzi.io/cluster': CLUSTER, 'strimzi.io/kind': 'Kafka', 'strimzi.io/broker-role': 'true' };
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: POD, namespace, labels },
    spec: { hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [{ name: 'kafka', image: PAUSE_IMAGE, imagePullPolicy: 'Never' }] },
  };
}

function settings(address: string, host: string, home: string): string {
  return `process.roles=broker,controller
node.id=0
listeners=PLAIN://${address}:9092,SECURE://0.0.0.0:9093,CONTROLLER://127.0.0.1:9090
advertised.listeners=PLAIN://${address}:9092,SECURE://${host}:9093
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
controller.quorum.bootstrap.servers=127.0.0.1:9090
listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_tail="${PASSWORD}";
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=${home}/broker.pem
ssl.client.auth=none
log.dirs=${home}/data
${ALONE}
`;
}
