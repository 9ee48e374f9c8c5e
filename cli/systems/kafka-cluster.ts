import type { Platform, Topic } from '../definition/platform.ts';
import { wholeGibibytes } from '../definition/size.ts';
import { byArgoCD } from './delivery.ts';
import { brokersOf, kafkaCluster, KAFKA_TLS_PORT, USER_SECRET_PREFIX } from './kafka-access.ts';
import { clientPeers } from './kafka-network.ts';
import type { Artefact, Footprint } from './system.ts';
import { storageClass } from './volumes.ts';

/** The version that all of Kafka's pods run, and the newest format that the cluster may write: pinned, for it does not go back. */
export const KAFKA_VERSION = '4.3.1';
const METADATA_VERSION = '4.3-IV0';

const USUAL_STORAGE = '10GiB';
/** Controllers keep no events, only what is known of topics. */
const CONTROLLER_STORAGE = '5GiB';

/** One kind of Kafka's pods; memory in MiB, of which the heap gets half: the rest is for the page cache and the JVM itself. */
interface Pool {
  name: string;
  roles: readonly ('controller' | 'broker')[];
  replicas: number;
  cpu: number;
  memory: number;
  /** `10GiB`. */
  storage: string;
}

/** Container beside the brokers; memory in MiB. */
interface Helper {
  cpu: number;
  memory: number;
}

const ENTITY_OPERATOR: Helper = { cpu: 50, memory: 256 };
const EXPORTER: Helper = { cpu: 20, memory: 96 };
const CRUISE_CONTROL: Helper = { cpu: 100, memory: 768 };

/**
 * One broker is its own controller; three and more have three controllers beside them, whose number can never change again.
 * The pool of brokers is named kafka, because pods named `…-kafka-0` are what Strimzi's rules and dashboards look for.
 */
function poolsOf({ environment: { kafka } }: Platform): Pool[] {
  const { brokers = 1, storage = USUAL_STORAGE } = kafka ?? {};
  if (brokers === 1) return [{ name: 'kafka', roles: ['controller', 'broker'], replicas: 1, cpu: 250, memory: 1024, storage }];
  return [
    { name: 'controller', roles: ['controller'], replicas: 3, cpu: 100, memory: 768, storage: CONTROLLER_STORAGE },
    { name: 'kafka', roles: ['broker'], replicas: brokers, cpu: 250, memory: 2048, storage },
  ];
}

/** Cruise Control moves partitions when brokers come and go; one broker has nothing to move. */
function hasCruiseControl(platform: Platform): boolean {
  return brokersOf(platform) > 1;
}

/** What the pods of Kafka ask of the nodes. */
export function kafkaFootprints(platform: Platform): Footprint[] {
  const cluster = kafkaCluster(platform);
  return [
    ...poolsOf(platform).map(({ name, replicas, cpu, memory, storage }) => ({ name: `${cluster}-${name}`, replicas, cpu, memory, volumes: [wholeGibibytes(storage)] })),
    { name: `${cluster}-entity-operator`, replicas: 1, cpu: 2 * ENTITY_OPERATOR.cpu, memory: 2 * ENTITY_OPERATOR.memory },
    { name: `${cluster}-kafka-exporter`, replicas: 1, ...EXPORTER },
    ...(hasCruiseControl(platform) ? [{ name: `${cluster}-cruise-control`, replicas: 1, ...CRUISE_CONTROL }] : []),
  ];
}

/** The cluster with its pools, its metrics and its topics, as Strimzi's objects. */
export function clusterArtefacts(platform: Platform): Artefact[] {
  const cluster = kafkaCluster(platform);
  const copies = Math.min(3, brokersOf(platform));
  const durable = Math.max(1, copies - 1);
  return [
    { owner: 'applied', file: 'metrics.yaml', template: 'strimzi/metrics.yaml.hbs', view: { name: metricsOf(cluster) } },
    ...poolsOf(platform).map((pool) => poolArtefact(platform, pool)),
    {
      owner: 'applied',
      file: 'kafka.yaml',
      template: 'strimzi/kafka.yaml.hbs',
      view: {
        name: cluster,
        version: KAFKA_VERSION,
        metadataVersion: METADATA_VERSION,
        port: KAFKA_TLS_PORT,
        peers: clientPeers(platform),
        copies,
        durable,
        // A region of DigitalOcean has no zones: what keeps copies apart is the node.
        rack: brokersOf(platform) > 1 ? 'kubernetes.io/hostname' : null,
        metrics: metricsOf(cluster),
        secretPrefix: USER_SECRET_PREFIX,
        entityOperator: resourcesOf(ENTITY_OPERATOR),
        exporter: resourcesOf(EXPORTER),
        cruiseControl: hasCruiseControl(platform) ? resourcesOf(CRUISE_CONTROL) : null,
        argocd: byArgoCD(platform),
      },
    },
    ...platform.topics.map((topic) => topicArtefact(platform, topic, copies, durable)),
  ];
}

/** Name of the ConfigMap that says which of Kafka's figures are metrics. */
export function metricsOf(cluster: string): string {
  return `${cluster}-kafka-metrics`;
}

function poolArtefact(platform: Platform, { name, roles, replicas, storage, ...helper }: Pool): Artefact {
  const { protected: guarded } = platform.environment;
  return {
    owner: 'applied',
    file: `pool-${name}.yaml`,
    template: 'strimzi/pool.yaml.hbs',
    view: {
      name,
      cluster: kafkaCluster(platform),
      roles,
      replicas,
      size: quantity(storage),
      storageClass: platform.environment.kafka?.storageClass ?? storageClass(platform) ?? null,
      deleteClaim: !guarded,
      argocd: byArgoCD(platform),
      ...resourcesOf(helper),
    },
  };
}

function topicArtefact(platform: Platform, { name, partitions, retentionMs, retentionBytes }: Topic, copies: number, durable: number): Artefact {
  return {
    owner: 'applied',
    file: `topic-${name}.yaml`,
    template: 'strimzi/topic.yaml.hbs',
    view: { name, cluster: kafkaCluster(platform), partitions, copies, durable, retentionMs, retentionBytes: retentionBytes ?? null, argocd: byArgoCD(platform) },
  };
}

/** As Kubernetes and Java spell them. */
export function resourcesOf({ cpu, memory }: Helper): { cpu: string; memory: string; heap: string } {
  return { cpu: `${cpu}m`, memory: `${memory}Mi`, heap: `${memory / 2}m` };
}

/** A size as Kubernetes spells it: 10GiB → 10Gi, 500MB → 500M. */
function quantity(size: string): string {
  return size.replace(/B$/, '');
}
