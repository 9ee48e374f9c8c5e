import { createHash } from 'node:crypto';
import { type Signed } from './authority.ts';
import { CLUSTER, type Kafka, type Pool } from './kinds.ts';
import { labelsOf, ownedBy } from './secrets.ts';

/** One node of Kafka: which pool, which number, what it is. */
export interface KafkaNode {
  pool: Pool;
  id: number;
  pod: string;
}

export const CONTROL_PORT = 9090;
/** Among brokers, and for the operator. Strimzi's speaks TLS with certificates on both sides; this one is plain, and no policy of a test hangs on it. */
export const REPLICATION_PORT = 9091;

const CONFIG = '/etc/kafka';
const KEYS = '/etc/kafka-keys';
const DATA = '/var/lib/kafka';

export function nodesOf(kafka: Kafka, pools: readonly Pool[]): KafkaNode[] {
  let id = 0;
  return [...pools].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name)).flatMap((pool) => Array.from({ length: pool.spec.replicas }, () => ({ pool, id, pod: `${kafka.metadata.name}-${pool.metadata.name}-${id++}` })));
}

/** Where a pod is found by its name, before it is ready too. */
export function hostOf({ metadata: { name, namespace } }: Kafka, pod: string): string {
  return `${pod}.${name}-kafka-brokers.${namespace}.svc`;
}

/** Names that a broker's certificate holds. */
export function namesOf(kafka: Kafka, pod: string): string[] {
  const { name, namespace } = kafka.metadata;
  const services = [`${name}-kafka-bootstrap`, `${name}-kafka-brokers`].flatMap((service) => [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`]);
  return [...services, hostOf(kafka, pod), `${hostOf(kafka, pod)}.cluster.local`];
}

function propertiesOf(kafka: Kafka, nodes: readonly KafkaNode[], { pool: { spec }, id, pod }: KafkaNode): string {
  const { listeners, config = {} } = kafka.spec.kafka;
  const isBroker = spec.roles.includes('broker');
  const isController = spec.roles.includes('controller');
  const clients = isBroker ? listeners.map((listener) => ({ ...listener, label: `${listener.name.toUpperCase()}-${listener.port}` })) : [];
  const here = [...(isController ? [['CONTROLPLANE-9090', CONTROL_PORT]] : []), ...(isBroker ? [['REPLICATION-9091', REPLICATION_PORT]] : []), ...clients.map(({ label, port }) => [label, port])] as [string, number][];
  const voters = nodes.filter(({ pool }) => pool.spec.roles.includes('controller')).map((node) => `${node.id}@${hostOf(kafka, node.pod)}:${CONTROL_PORT}`);
  const advertised = here.filter(([label]) => label !== 'CONTROLPLANE-9090').map(([label, port]) => `${label}://${hostOf(kafka, pod)}:${port}`);
  const protocols = ['CONTROLPLANE-9090:PLAINTEXT', 'REPLICATION-9091:PLAINTEXT', ...clients.map(({ label, tls, authentication }) => `${label}:${authentication ? 'SASL_' : ''}${tls ? 'SSL' : 'PLAINTEXT'}`)];
  const properties: Record<string, unknown> = {
    ...config,
    'process.roles': spec.roles.join(','),
    'node.id': id,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLPLANE-9090',
    'inter.broker.listener.name': 'REPLICATION-9091',
    listeners: here.map(([label, port]) => `${label}://0.0.0.0:${port}`).join(','),
    ...(advertised.length > 0 ? { 'advertised.listeners': advertised.join(',') } : {}),
    'listener.security.protocol.map': protocols.join(','),
    'log.dirs': `${DATA}/data-0/kafka-log${id}`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Who comes in by the ports of brokers and operator, where nobody signs in.
    'super.users': 'User:ANONYMOUS',
  };
  for (const { label, tls, authentication } of clients) {
    const prefix = `listener.name.${label.toLowerCase()}`;
    if (tls) Object.assign(properties, { [`${prefix}.ssl.keystore.type`]: 'PEM', [`${prefix}.ssl.keystore.location`]: `${KEYS}/keystore.pem` });
    if (authentication?.type === 'scram-sha-512') {
      Object.assign(properties, { [`${prefix}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-512', [`${prefix}.scram-sha-512.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;' });
    }
  }
  return Object.entries(properties).map(([key, value]) => `${key}=${String(value)}\n`).join('');
}

interface Named {
  name: string;
  namespace: string;
  [key: string]: unknown;
}
type Made = { apiVersion: string; kind: string; metadata: Named } & Record<string, unknown>;

/** The headless Service of the brokers, and the one that clients begin with. */
export function servicesOf(kafka: Kafka): Made[] {
  const { name, namespace } = kafka.metadata;
  const metadata = { namespace, labels: labelsOf(name, 'kafka'), ownerReferences: ownedBy('Kafka', kafka.metadata) };
  const selector = { [CLUSTER]: name, 'strimzi.io/kind': 'Kafka', 'strimzi.io/name': `${name}-kafka` };
  const ports = kafka.spec.kafka.listeners.map((listener) => ({ name: `tcp-${listener.name}`, port: listener.port, protocol: 'TCP' }));
  const replication = { name: 'tcp-replication', port: REPLICATION_PORT, protocol: 'TCP' };
  const control = { name: 'tcp-ctrlplane', port: CONTROL_PORT, protocol: 'TCP' };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: `${name}-kafka-brokers` }, spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector, ports: [control, replication, ...ports] } },
    { apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: `${name}-kafka-bootstrap` }, spec: { selector: { ...selector, 'strimzi.io/broker-role': 'true' }, ports: [replication, ...ports] } },
  ];
}

/** What a node of Kafka is made of, but for its keys: its claim, its configuration, its pod. */
export function objectsOf(kafka: Kafka, nodes: readonly KafkaNode[], node: KafkaNode, clusterId: string, image: string): { claims: Made[]; config: Made; pod: Made; revision: string } {
  const { pool, id, pod: name } = node;
  const { namespace } = kafka.metadata;
  const labels = {
    ...labelsOf(kafka.metadata.name, 'kafka'), 'strimzi.io/pool-name': pool.metadata.name, 'strimzi.io/pod-name': name, 'statefulset.kubernetes.io/pod-name': name,
    'strimzi.io/controller': 'strimzipodset', 'strimzi.io/controller-name': `${kafka.metadata.name}-${pool.metadata.name}`,
    'strimzi.io/broker-role': String(pool.spec.roles.includes('broker')), 'strimzi.io/controller-role': String(pool.spec.roles.includes('controller')),
  };
  const owned = ownedBy('Kafka', kafka.metadata);
  const volumes = pool.spec.storage.volumes ?? [];
  const claims = volumes.map(({ id: volume, size, class: storageClassName, deleteClaim = false }): Made => ({
    apiVersion: 'v1', kind: 'PersistentVolumeClaim',
    metadata: { name: `data-${volume}-${name}`, namespace, labels, ...(deleteClaim ? { ownerReferences: owned } : {}) },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...(storageClassName === undefined ? {} : { storageClassName }) },
  }));
  const properties = propertiesOf(kafka, nodes, node);
  const { version = '4.3.1', metadataVersion = '4.3-IV0' } = kafka.spec.kafka;
  const heap = ['-Xms', '-Xmx'].flatMap((flag) => (pool.spec.jvmOptions?.[flag] === undefined ? [] : [`${flag}${pool.spec.jvmOptions[flag]}`]));
  const java = ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Xshare:auto', '-cp', '"/opt/kafka/libs/*"'].join(' ');
  const spec = {
    hostname: name,
    subdomain: `${kafka.metadata.name}-kafka-brokers`,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'kafka',
        image,
        command: [
          'sh', '-ec',
          `${java} -Xmx128m kafka.tools.StorageTool format --ignore-formatted --cluster-id ${clusterId} --release-version ${metadataVersion} --config ${CONFIG}/server.properties\nexec ${java} ${heap.join(' ')} kafka.Kafka ${CONFIG}/server.properties`,
        ],
        ports: [...(pool.spec.roles.includes('broker') ? kafka.spec.kafka.listeners.map((listener) => ({ name: `tcp-${listener.name}`, containerPort: listener.port })) : []), { name: 'tcp-replication', containerPort: REPLICATION_PORT }],
        readinessProbe: { tcpSocket: { port: pool.spec.roles.includes('broker') ? REPLICATION_PORT : CONTROL_PORT }, periodSeconds: 2 },
        ...(pool.spec.resources ? { resources: pool.spec.resources } : {}),
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        volumeMounts: [
          ...volumes.map(({ id: volume }) => ({ name: `data-${volume}`, mountPath: `${DATA}/data-${volume}` })),
          { name: 'config', mountPath: CONFIG }, { name: 'keys', mountPath: KEYS, readOnly: true }, { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      ...volumes.map(({ id: volume }) => ({ name: `data-${volume}`, persistentVolumeClaim: { claimName: `data-${volume}-${name}` } })),
      { name: 'config', configMap: { name } }, { name: 'keys', secret: { secretName: name } }, { name: 'tmp', emptyDir: {} },
    ],
  };
  const revision = createHash('sha256').update(JSON.stringify([spec, properties, version, id])).digest('hex').slice(0, 8);
  return {
    claims,
    config: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels, ownerReferences: owned }, data: { 'server.properties': properties } },
    pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels, ownerReferences: owned, annotations: { 'strimzi.io/revision': revision } }, spec },
    revision,
  };
}

/** What a broker shows its clients, in one file as Kafka reads it. */
export function keystoreOf({ cert, key }: Signed, authority: Pick<Signed, 'cert'>): string {
  return `${key}${cert}${authority.cert}`;
}
