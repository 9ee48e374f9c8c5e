import type { Address, KafkaAccess } from '../../../cli/kafka/access.ts';
import { forwardPort } from '../../../cli/kubernetes/port-forward.ts';
import type { Api } from './api.ts';
import { newCertificate, type Signed } from './authority.ts';
import { InKafka } from './in-kafka.ts';
import { CLUSTER, type Kafka, type Metadata, type Pool } from './kinds.ts';
import { hostOf, keystoreOf, type KafkaNode, namesOf, nodesOf, objectsOf, REPLICATION_PORT, servicesOf } from './pods.ts';
import { labelsOf, ownedBy, readSecret, writeSecret } from './secrets.ts';
import type { Topics } from './topics.ts';
import type { Users } from './users.ts';

/** What of a cluster runs: what it waits for, or the Kafka in it. */
export type Running = { waiting: string } | { topics?: Topics; users?: Users };

export interface Brokers extends AsyncDisposable {
  ensure(kafka: Kafka, pools: readonly Pool[], authority: Signed): Promise<Running>;
  /** Takes away what is left of clusters that are not there any more. */
  forget(kafkas: readonly Kafka[]): Promise<void>;
}

/** Nothing runs, and all is well. */
export const NO_BROKERS: Brokers = {
  ensure: () => Promise.resolve({}),
  forget: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

interface Pod {
  metadata: Metadata;
  status?: { phase?: string; conditions?: { type: string; status: string }[] };
}

/** Apache Kafka in pods. */
export function podBrokers(api: Api, image: string): Brokers {
  const open = new Map<string, InKafka>();
  const close = async (uid: string): Promise<void> => {
    const kafka = open.get(uid);
    open.delete(uid);
    await kafka?.[Symbol.asyncDispose]();
  };
  return {
    ensure: async (kafka, pools, authority) => {
      const { uid, namespace, name } = kafka.metadata;
      const nodes = nodesOf(kafka, pools);
      for (const service of servicesOf(kafka)) await api.apply(service);
      const pods = (await api.list<Pod>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(`${CLUSTER}=${name},strimzi.io/name=${name}-kafka`)}`));
      const waiting: string[] = [];
      for (const node of nodes) if (!(await ensureNode(api, kafka, nodes, node, pods, authority, image))) waiting.push(node.pod);
      for (const pod of pods) if (!nodes.some((node) => node.pod === pod.metadata.name)) await api.delete(podPath(pod.metadata));
      if (waiting.length > 0) {
        await close(uid);
        return { waiting: `Pods are not ready: ${waiting.join(', ')}` };
      }
      const brokers = nodes.filter(({ pool }) => pool.spec.roles.includes('broker'));
      const inKafka = open.get(uid) ?? new InKafka(accessTo(api, kafka, brokers));
      open.set(uid, inKafka);
      return (await inKafka.answers(brokers.length)) ? { topics: inKafka, users: inKafka } : { waiting: 'The brokers do not know each other yet' };
    },
    forget: async (kafkas) => {
      for (const uid of [...open.keys()].filter((known) => !kafkas.some(({ metadata }) => metadata.uid === known))) await close(uid);
    },
    [Symbol.asyncDispose]: async () => {
      for (const uid of open.keys()) await close(uid);
    },
  };
}

function podPath({ namespace, name }: Pick<Metadata, 'namespace' | 'name'>): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** True once the pod of a node is ready and as it should be; one that is not is made anew. */
async function ensureNode(api: Api, kafka: Kafka, nodes: readonly KafkaNode[], node: KafkaNode, pods: readonly Pod[], authority: Signed, image: string): Promise<boolean> {
  const { namespace, name: cluster } = kafka.metadata;
  const clusterId = typeof kafka.status?.['clusterId'] === 'string' ? kafka.status['clusterId'] : undefined;
  // It is in the status a round later, and from then on it never changes.
  if (clusterId === undefined) return false;
  const { claims, config, pod, revision } = objectsOf(kafka, nodes, node, clusterId, image);
  const there = pods.find(({ metadata }) => metadata.name === node.pod);
  if (there?.metadata.deletionTimestamp !== undefined) return false;
  const ended = there?.status?.phase === 'Failed' || there?.status?.phase === 'Succeeded';
  if (there && !ended && there.metadata.annotations?.['strimzi.io/revision'] === revision) return there.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  if (there) {
    await api.delete(podPath(there.metadata));
    return false;
  }
  for (const claim of claims) await api.create(`/api/v1/namespaces/${namespace}/persistentvolumeclaims`, claim);
  await api.apply(config);
  if ((await readSecret(api, namespace, node.pod)) === undefined) {
    const keys = await newCertificate(authority, node.pod, namesOf(kafka, node.pod));
    const metadata = { name: node.pod, namespace, labels: labelsOf(cluster, 'kafka'), ownerReferences: ownedBy('Kafka', kafka.metadata) };
    await writeSecret(api, metadata, { [`${node.pod}.crt`]: keys.cert, [`${node.pod}.key`]: keys.key, 'keystore.pem': keystoreOf(keys, authority) });
  }
  await api.create(`/api/v1/namespaces/${namespace}/pods`, pod);
  return false;
}

/** The brokers' own port, through the API server: nothing of this machine can reach it otherwise. */
function accessTo(api: Api, kafka: Kafka, brokers: readonly KafkaNode[]): KafkaAccess {
  const { namespace, name } = kafka.metadata;
  return {
    where: `${namespace}/${name}`,
    bootstrap: brokers.map(({ pod }): Address => ({ host: hostOf(kafka, pod), port: REPLICATION_PORT })),
    connect: ({ host, port }, signal) => forwardPort(api.kubernetes, { namespace, pod: host.split('.')[0] ?? '', port }, signal ?? new AbortController().signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
