// What an API server asks of core kinds beyond their shape: names, labels, selectors, ports, quantities
// (k8s.io/apimachinery pkg/util/validation and k8s.io/kubernetes pkg/apis/*/validation).
import type { KubernetesObject } from './rendered.ts';

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_1035 = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const NAME_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;
const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const DATA_KEY = /^(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
const VARIABLE = /^[^=\u0000-\u001f\u007f-\uffff]+$/;

const CLUSTER_KINDS = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'PriorityClass', 'StorageClass', 'IngressClass'];
const LARGEST = 1024 * 1024;

type Map = Record<string, unknown>;
interface Container {
  name: string;
  env?: { name: string; value?: string; valueFrom?: object }[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  volumeMounts?: { name: string; mountPath: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}
interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes?: { name: string }[];
  restartPolicy?: string;
}

/** The mistakes of an object whose shape is right. */
export function ruleMistakes(object: KubernetesObject): string[] {
  return [...metadataMistakes(object), ...anywhere({ ...object, metadata: {} }, object.kind), ...(RULES[object.kind]?.(object) ?? [])];
}

/** What holds for the metadata of any kind, those of CRDs included. */
export function metadataMistakes({ kind, metadata: { name, namespace, labels = {}, annotations = {} } }: KubernetesObject): string[] {
  return [
    ...must((NAMES[kind] ?? SUBDOMAIN).test(name), `${kind} cannot be named ${name}`),
    ...must(namespace === undefined || LABEL.test(namespace), `${kind} ${name} cannot be in namespace ${namespace}`),
    ...labelMistakes(labels, `${kind} ${name}: metadata.labels`),
    ...Object.keys(annotations).flatMap((key) => must(isKey(key), `${kind} ${name}: metadata.annotations.${key} is no key`)),
  ];
}

const NAMES: Readonly<Record<string, RegExp>> = {
  Namespace: LABEL,
  Service: LABEL_1035,
  StatefulSet: LABEL,
  CronJob: /^(?=.{1,52}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  Role: /^[^/%]+$/,
  RoleBinding: /^[^/%]+$/,
  ClusterRole: /^[^/%]+$/,
  ClusterRoleBinding: /^[^/%]+$/,
};

const RULES: Readonly<Record<string, (object: KubernetesObject) => string[]>> = {
  Deployment: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  Job: (object) => podMistakes(at(object, 'spec', 'template', 'spec') as PodSpec, ['Never', 'OnFailure']),
  CronJob: (object) => [
    ...must(/^(?:\S+ ){4}\S+$|^@\w+$/.test(String(at(object, 'spec', 'schedule'))), 'CronJob.spec.schedule is not of five fields'),
    ...podMistakes(at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec') as PodSpec, ['Never', 'OnFailure']),
  ],
  Pod: (object) => podMistakes(at(object, 'spec') as PodSpec, ['Always', 'Never', 'OnFailure']),
  Service: (object) => {
    const ports = (at(object, 'spec', 'ports') ?? []) as { name?: string; port: number; protocol?: string }[];
    return [
      ...must(ports.length < 2 || ports.every(({ name }) => name !== undefined), 'Service.spec.ports of several need names'),
      ...must(unique(ports.map(({ port, protocol = 'TCP' }) => `${protocol} ${port}`)), 'Service.spec.ports has a port twice'),
    ];
  },
  ConfigMap: data,
  Secret: data,
  HorizontalPodAutoscaler: (object) => {
    const { minReplicas = 1, maxReplicas } = at(object, 'spec') as { minReplicas?: number; maxReplicas: number };
    return must(minReplicas >= 1 && minReplicas <= maxReplicas, `HorizontalPodAutoscaler from ${minReplicas} to ${maxReplicas}`);
  },
  PodDisruptionBudget: (object) => must('minAvailable' in (at(object, 'spec') as Map) !== 'maxUnavailable' in (at(object, 'spec') as Map), 'PodDisruptionBudget has not exactly one of minAvailable and maxUnavailable'),
  NetworkPolicy: (object) => {
    const rules = ['ingress', 'egress'].flatMap((direction) => (at(object, 'spec', direction) ?? []) as { from?: Map[]; to?: Map[] }[]);
    return rules.flatMap(({ from = [], to = [] }) => [...from, ...to]).flatMap((peer) => must(Object.keys(peer).length > 0 && !('ipBlock' in peer && Object.keys(peer).length > 1), 'NetworkPolicy has a peer of nothing, or of a block and a selector'));
  },
};

function workload(object: KubernetesObject): string[] {
  const selector = (at(object, 'spec', 'selector', 'matchLabels') ?? {}) as Record<string, string>;
  const labels = (at(object, 'spec', 'template', 'metadata', 'labels') ?? {}) as Record<string, string>;
  return [
    ...must(Object.keys(selector).length > 0, `${object.kind}.spec.selector is empty`),
    ...Object.entries(selector).flatMap(([key, value]) => must(labels[key] === value, `${object.kind}.spec.selector.${key} is not what the pods have`)),
    ...podMistakes(withClaims(object), ['Always']),
  ];
}

/** A pod of a StatefulSet has a volume for each template of a claim. */
function withClaims(object: KubernetesObject): PodSpec {
  const pod = at(object, 'spec', 'template', 'spec') as PodSpec;
  const claims = (at(object, 'spec', 'volumeClaimTemplates') ?? []) as { metadata: { name: string } }[];
  return claims.length === 0 ? pod : { ...pod, volumes: [...(pod.volumes ?? []), ...claims.map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: {} }))] };
}

function podMistakes({ containers, initContainers = [], volumes = [], restartPolicy = 'Always' }: PodSpec, policies: readonly string[]): string[] {
  const all = [...initContainers, ...containers];
  const ports = containers.flatMap(({ ports: own = [] }) => own);
  return [
    ...must(containers.length > 0, 'a pod has no container'),
    ...must(policies.includes(restartPolicy), `restartPolicy cannot be ${restartPolicy}`),
    ...must(unique(all.map(({ name }) => name)), 'two containers have one name'),
    ...must(unique(volumes.map(({ name }) => name)), 'two volumes have one name'),
    ...must(unique(ports.flatMap(({ name }) => name ?? [])), 'two container ports have one name'),
    ...volumes.flatMap((volume) => must(Object.keys(volume).length === 2, `volume ${volume.name} has not exactly one source`)),
    ...all.flatMap(({ name, env = [], volumeMounts = [], resources = {} }) => [
      ...must(LABEL.test(name), `a container cannot be named ${name}`),
      ...must(unique(env.map((variable) => variable.name)), `container ${name} has a variable twice`),
      ...env.flatMap((variable) => must(VARIABLE.test(variable.name) && !(variable.value !== undefined && variable.valueFrom), `container ${name} cannot have the variable ${variable.name} so`)),
      ...volumeMounts.flatMap((mount) => must(volumes.some((volume) => volume.name === mount.name), `container ${name} mounts ${mount.name}, which is no volume`)),
      ...must(unique(volumeMounts.map(({ mountPath }) => mountPath)), `container ${name} mounts two volumes at one path`),
      ...Object.entries(resources.requests ?? {}).flatMap(([resource, wanted]) => {
        const most = resources.limits?.[resource];
        return must(most === undefined || quantity(wanted) <= quantity(most), `container ${name} requests more ${resource} than its limit`);
      }),
    ]),
  ];
}

function data(object: KubernetesObject): string[] {
  const values = { ...(object['data'] as Map | undefined), ...(object['binaryData'] as Map | undefined), ...(object['stringData'] as Map | undefined) };
  const size = Object.values(values).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
  return [...Object.keys(values).flatMap((key) => must(DATA_KEY.test(key), `${object.kind} has no key ${key}`)), ...must(size <= LARGEST, `${object.kind} is larger than 1 MiB`)];
}

/** What holds wherever it stands: selectors' labels, ports, quantities. */
function anywhere(value: unknown, where: string, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => anywhere(inner, `${where}[${index}]`));
  // The backend of an Ingress has a map for its port.
  if (typeof value !== 'object' || value === null) return PORTS.includes(key) ? must(isPort(value), `${where} is no port`) : [];
  const here = LABELS.includes(key) ? labelMistakes(value as Map, where) : [];
  const quantities = QUANTITIES.includes(key) ? Object.entries(value).flatMap(([resource, text]) => must(typeof text === 'object' || QUANTITY.test(String(text)), `${where}.${resource} is no quantity`)) : [];
  return [...here, ...quantities, ...Object.entries(value).flatMap(([name, inner]) => (name === 'annotations' || name === 'data' ? [] : anywhere(inner, `${where}.${name}`, name)))];
}

function isPort(value: unknown): boolean {
  return typeof value === 'number' ? value >= 1 && value <= 65_535 : typeof value === 'string' && PORT_NAME.test(value);
}

const PORTS = ['port', 'targetPort', 'containerPort', 'endPort'];
const LABELS = ['labels', 'matchLabels', 'nodeSelector'];
const QUANTITIES = ['requests', 'limits', 'hard'];

function labelMistakes(labels: Map, where: string): string[] {
  return Object.entries(labels).flatMap(([key, value]) => must(isKey(key) && (value === '' || (typeof value === 'string' && NAME_PART.test(value))), `${where}.${key} cannot be ${String(value)}`));
}

function isKey(key: string): boolean {
  const [prefix, name = prefix, ...more] = key.split('/') as [string, ...string[]];
  return more.length === 0 && NAME_PART.test(name) && (name === prefix || SUBDOMAIN.test(prefix));
}

const UNITS: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** A quantity as a number: `500m` is 0.5, `1Ki` is 1024. */
export function quantity(text: string | number): number {
  const unit = /[A-Za-z]+$/.exec(String(text))?.[0] ?? '';
  return UNITS[unit] === undefined ? Number(text) : Number(String(text).slice(0, -unit.length)) * UNITS[unit];
}

/** The kinds that are in no namespace. */
export function isClusterKind(kind: string): boolean {
  return CLUSTER_KINDS.includes(kind);
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Map | undefined)?.[key], value);
}

function unique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

function must(holds: boolean, mistake: string): string[] {
  return holds ? [] : [mistake];
}
