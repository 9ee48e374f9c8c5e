import type { Platform } from '../definition/platform.ts';
import { KEDA_PODS } from './autoscaling.ts';
import { brokersOf, kafkaCluster, KAFKA_TLS_PORT } from './kafka-access.ts';
import { lagOf } from './lag.ts';
import { namespaceOf } from './names.ts';
import type { Calls, Pods, Port, Serves } from './system.ts';

/** Ports of Strimzi's pods, fixed by it. */
const STRIMZI_PORTS = { control: 9090, replication: 9091, agent: 8443, metrics: 9404, cruiseControl: 9090, connect: 8083 } as const;

/** Where DigitalOcean's Kafka takes clients that sign in by name and password. */
const DIGITALOCEAN_PORT = 25_073;
/** Where Kafka usually is, for an address that is in a Secret only. */
const USUAL_PORTS = [9092, 9093, 9094, 9095, 9096];

type Component = 'kafka' | 'entity-operator' | 'kafka-exporter' | 'cruise-control' | 'connect' | 'mirrormaker2';

/** Pods that Strimzi makes, as their labels find them. */
export function strimziPods(platform: Platform, component: Component): Pods {
  return { namespace: namespaceOf(platform), labels: { 'strimzi.io/cluster': kafkaCluster(platform), 'strimzi.io/name': `${kafkaCluster(platform)}-${component}` } };
}

/** Strimzi's operator, which lives in a namespace of its own. */
export const STRIMZI_OPERATOR: Pods = { namespace: 'strimzi-system', labels: { 'strimzi.io/kind': 'cluster-operator' } };

/** Who may open a connection to the brokers, as peers of a listener; kubelet's port-forward is none, it comes from inside of the pod. */
export function clientPeers(platform: Platform): object[] {
  const { services, environment: { systems } } = platform;
  const names = services.filter(({ acls }) => acls.length > 0).map(({ name }) => name);
  const byLabels = (matchLabels: object): object => ({ podSelector: { matchLabels } });
  const peers = [
    ...(names.length > 0
      ? [{ podSelector: { matchLabels: { 'app.kubernetes.io/part-of': platform.name }, matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: names }] } }]
      : []),
    ...(services.some((service) => lagOf(service)) ? [KEDA] : []),
    ...(Object.keys(systems['connectors'] ?? {}).length > 0 ? [byLabels(strimziPods(platform, 'connect').labels)] : []),
    ...(systems['mirror'] !== undefined ? [byLabels(strimziPods(platform, 'mirrormaker2').labels)] : []),
  ];
  // An empty list would mean everyone; where nobody is a client, the brokers' own pods are the fewest that can be named.
  return peers.length > 0 ? peers : [byLabels(strimziPods(platform, 'kafka').labels)];
}

const KEDA = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': KEDA_PODS.namespace } },
  podSelector: { matchLabels: KEDA_PODS.labels },
};

/** What Kafka's pods offer and call, among themselves, to the operator and to the API; for clients it is `kafka`. */
export function kafkaArrows(platform: Platform): { serves: Serves[]; calls: Calls[] } {
  const nodes = strimziPods(platform, 'kafka');
  const entityOperator = strimziPods(platform, 'entity-operator');
  const exporter = strimziPods(platform, 'kafka-exporter');
  const cruiseControl = strimziPods(platform, 'cruise-control');
  const balanced = brokersOf(platform) > 1;
  return {
    serves: [
      { id: 'kafka', pods: nodes, ports: [{ port: KAFKA_TLS_PORT }] },
      { id: 'kafka-control', pods: nodes, ports: [{ port: STRIMZI_PORTS.control }] },
      { id: 'kafka-replication', pods: nodes, ports: [{ port: STRIMZI_PORTS.replication }] },
      { id: 'kafka-agent', pods: nodes, ports: [{ port: STRIMZI_PORTS.agent }] },
      { id: 'metrics', pods: nodes, ports: [{ port: STRIMZI_PORTS.metrics }] },
      { id: 'metrics', pods: exporter, ports: [{ port: STRIMZI_PORTS.metrics }] },
      ...(balanced ? [{ id: 'cruise-control', pods: cruiseControl, ports: [{ port: STRIMZI_PORTS.cruiseControl }] }] : []),
    ],
    calls: [
      // With a rack rule a broker's init container asks the API which node it is on.
      { from: nodes, to: ['kafka-control', 'kafka-replication', ...(balanced ? ['kubernetes-api'] : [])] },
      { from: STRIMZI_OPERATOR, to: ['kafka-control', 'kafka-replication', 'kafka-agent', 'cruise-control'] },
      { from: entityOperator, to: ['kafka-replication', 'cruise-control', 'kubernetes-api'] },
      { from: exporter, to: ['kafka-replication'] },
      ...(balanced ? [{ from: cruiseControl, to: ['kafka-replication'] }] : []),
    ],
  };
}

/** Workers of Connect (MirrorMaker is one): they tell each other and the operator of changes, and are read for their metrics. */
export function connectServes(platform: Platform, component: 'connect' | 'mirrormaker2'): Serves[] {
  const pods = strimziPods(platform, component);
  return [
    { id: component, pods, ports: [{ port: STRIMZI_PORTS.connect }] },
    { id: 'metrics', pods, ports: [{ port: STRIMZI_PORTS.metrics }] },
  ];
}

/** Kafka that others run: anywhere, at the ports that are known. */
export function externalKafka({ environment: { kafka } }: Platform): Serves {
  const named = kafka?.bootstrap === undefined ? undefined : portsIn(kafka.bootstrap);
  const usual = kafka?.provider === 'digitalocean' ? [DIGITALOCEAN_PORT] : USUAL_PORTS;
  return { id: 'kafka', pods: 'outside', ports: named ?? usual.map((port) => ({ port })) };
}

/** The ports of `host:port,…`, each once. */
export function portsIn(bootstrap: string): Port[] {
  return [...new Set(bootstrap.split(',').map((address) => Number(address.split(':').at(-1))))].map((port) => ({ port }));
}
