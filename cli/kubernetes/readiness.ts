import type { KubernetesObject } from './object.ts';
import type { Condition } from './why.ts';

/** Whether an object is as it is declared, or what it waits for. `terminal`: waiting will not help. */
export type Readiness = { is: 'ready' } | { is: 'not ready'; reason: string; terminal?: true };

interface Status {
  observedGeneration?: number;
  conditions?: Condition[];
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  desiredNumberScheduled?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  succeeded?: number;
  phase?: string;
  currentRevision?: string;
  updateRevision?: string;
}

type Judge = (status: Status, spec: Readonly<Record<string, unknown>>) => Readiness;

const READY: Readiness = { is: 'ready' };

/**
 * Whether an object has become what it is declared as: the controller has seen this generation of it, and says so. Kinds of which a
 * controller says nothing are ready once they are there. Never kstatus: it takes a Kafka without a status for ready (strimzi#9278), and
 * Strimzi says NotReady=True, which is not the end either: it tries again.
 */
export function readinessOf(object: KubernetesObject): Readiness {
  const judge = Object.hasOwn(JUDGES, object.kind) ? JUDGES[object.kind as keyof typeof JUDGES] : isOperators(object) ? byCondition('Ready') : undefined;
  if (!judge) return READY;
  // Of a CRD that is only just there, the API server answers `conditions: null`.
  const { conditions, ...others } = (object['status'] ?? {}) as Omit<Status, 'conditions'> & { conditions?: Condition[] | null };
  const status: Status = conditions ? { ...others, conditions } : others;
  const generation = (object.metadata as { generation?: number }).generation;
  if (SEEN.has(object.kind) || isOperators(object)) {
    if (status.observedGeneration === undefined && status.conditions === undefined) return notYet('nobody has looked at it yet');
    if (status.observedGeneration !== undefined && generation !== undefined && status.observedGeneration < generation) return notYet('the change has not been seen yet');
  }
  return judge(status, (object['spec'] ?? {}) as Record<string, unknown>);
}

/** True for kinds that are more than there: a controller says when they are ready. */
export function hasReadiness({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return Object.hasOwn(JUDGES, kind) || isOperators({ apiVersion, kind });
}

/** Kinds whose controllers write the generation that they have seen. */
const SEEN = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Kinds of operators that write the condition Ready; of a node pool Strimzi writes nothing but its pods. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  'kafka.strimzi.io': ['Kafka', 'KafkaTopic', 'KafkaUser', 'KafkaConnect', 'KafkaConnector', 'KafkaMirrorMaker2'],
  'cert-manager.io': ['ClusterIssuer', 'Issuer'],
};

function isOperators({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return OPERATORS[apiVersion.split('/')[0] ?? '']?.includes(kind) ?? false;
}

const JUDGES = {
  Deployment: (status, spec) => {
    const wanted = numberIn(spec, 'replicas', 1);
    if (status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')) return replicas(status, wanted) ?? notYet('it makes no progress');
    return replicas(status, wanted) ?? READY;
  },
  StatefulSet: (status, spec) => {
    const wanted = numberIn(spec, 'replicas', 1);
    const onDelete = (spec['updateStrategy'] as { type?: string } | undefined)?.type === 'OnDelete';
    const { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision } = status;
    if (readyReplicas < wanted) return notYet(`${readyReplicas} of ${wanted} replicas are ready`);
    if (!onDelete && updateRevision !== undefined && currentRevision !== updateRevision && updatedReplicas < wanted) return notYet(`${updatedReplicas} of ${wanted} replicas are new`);
    return READY;
  },
  DaemonSet: ({ desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 }) => {
    if (updatedNumberScheduled < desiredNumberScheduled) return notYet(`${updatedNumberScheduled} of ${desiredNumberScheduled} nodes have the new one`);
    return numberAvailable < desiredNumberScheduled ? notYet(`it runs on ${numberAvailable} of ${desiredNumberScheduled} nodes`) : READY;
  },
  Job: ({ conditions = [], succeeded = 0 }, spec) => {
    const failed = conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
    if (failed) return { is: 'not ready', reason: `it failed: ${failed.message ?? failed.reason ?? 'no reason given'}`, terminal: true };
    const done = conditions.some(({ type, status }) => type === 'Complete' && status === 'True');
    return done ? READY : notYet(`${succeeded} of ${numberIn(spec, 'completions', 1)} runs are done`);
  },
  // A claim whose class waits for the first pod is bound once that is there, and not before.
  PersistentVolumeClaim: ({ phase }) => (phase === 'Lost' ? { is: 'not ready', reason: 'its volume is lost', terminal: true } : READY),
  CustomResourceDefinition: ({ conditions = [] }) => {
    const clash = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
    if (clash) return notYet(clash.message ?? 'its names are taken');
    return byCondition('Established')({ conditions }, {});
  },
  APIService: (status, spec) => byCondition('Available')(status, spec),
} as const satisfies Record<string, Judge>;

function replicas({ updatedReplicas = 0, replicas: all = 0, availableReplicas = 0 }: Status, wanted: number): Readiness | undefined {
  if (updatedReplicas < wanted) return notYet(`${updatedReplicas} of ${wanted} replicas are new`);
  if (all > updatedReplicas) return notYet(`${all - updatedReplicas} old ${all - updatedReplicas === 1 ? 'replica ends' : 'replicas end'}`);
  return availableReplicas < wanted ? notYet(`${availableReplicas} of ${wanted} replicas are ready`) : undefined;
}

function byCondition(type: string): Judge {
  return ({ conditions = [] }) => {
    const found = conditions.find((condition) => condition.type === type);
    if (found?.status === 'True') return READY;
    const said = found ?? conditions.find((condition) => condition.type === `Not${type}` && condition.status === 'True');
    return notYet(said ? [said.reason, said.message].filter(Boolean).join(': ') || `it is not ${type}` : `it is not ${type} yet`);
  };
}

function numberIn(spec: Readonly<Record<string, unknown>>, key: string, otherwise: number): number {
  const value = spec[key];
  return typeof value === 'number' ? value : otherwise;
}

function notYet(reason: string): Readiness {
  return { is: 'not ready', reason };
}
