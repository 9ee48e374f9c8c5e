// The kinds that every Kubernetes cluster has, closed-world: from the types of @kubernetes/client-node, which are made from the API's
// own description (OpenAPI of Kubernetes 1.36). A property without `?` there is required, one that is not there does not exist.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ruleMistakes } from './core-rules.ts';
import type { KubernetesObject } from './rendered.ts';

const models = path.resolve(import.meta.dirname, '../../node_modules/@kubernetes/client-node/dist/gen/models');

/** API versions of these kinds, with the prefix of their models' names. */
const VERSIONS: Readonly<Record<string, { prefix: string; kinds: readonly string[] }>> = {
  v1: { prefix: 'V1', kinds: ['Namespace', 'Service', 'ServiceAccount', 'ConfigMap', 'Secret', 'Pod', 'PersistentVolumeClaim', 'ResourceQuota', 'LimitRange'] },
  'apps/v1': { prefix: 'V1', kinds: ['Deployment', 'StatefulSet', 'DaemonSet'] },
  'batch/v1': { prefix: 'V1', kinds: ['Job', 'CronJob'] },
  'autoscaling/v2': { prefix: 'V2', kinds: ['HorizontalPodAutoscaler'] },
  'policy/v1': { prefix: 'V1', kinds: ['PodDisruptionBudget'] },
  'networking.k8s.io/v1': { prefix: 'V1', kinds: ['NetworkPolicy', 'Ingress', 'IngressClass'] },
  'rbac.authorization.k8s.io/v1': { prefix: 'V1', kinds: ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'] },
  'scheduling.k8s.io/v1': { prefix: 'V1', kinds: ['PriorityClass'] },
  'storage.k8s.io/v1': { prefix: 'V1', kinds: ['StorageClass'] },
};

/** True for a kind that no CRD is needed for. */
export function isCore({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): boolean {
  return Object.hasOwn(VERSIONS, apiVersion) && (VERSIONS[apiVersion]?.kinds.includes(kind) ?? false);
}

/** The mistakes of an object of a core kind, each with its place: of its shape, and if that is right, of what the API server asks beyond. */
export function coreMistakes(object: KubernetesObject): string[] {
  if (!isCore(object)) return [`${object.apiVersion} ${object.kind} is no core kind`];
  const shape = fits(object, `${VERSIONS[object.apiVersion]?.prefix}${object.kind}`, object.kind);
  return shape.length > 0 ? shape : ruleMistakes(object);
}

/** `type` as TypeScript has it: `string`, `Array<V1Container>`, `{ [key: string]: string; }`, `V1PodSpec`. */
function fits(value: unknown, type: string, at: string): string[] {
  const wrong = (wanted: string): string[] => [`${at} is not ${wanted}`];
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  const entry = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (type === 'any') return [];
  if (type === 'string' || type === 'Date' || type === 'V1MicroTime') return typeof value === 'string' ? [] : wrong('a text');
  if (type === 'boolean') return typeof value === 'boolean' ? [] : wrong('true or false');
  if (type === 'number') return Number.isInteger(value) ? [] : wrong('a whole number');
  if (type === 'IntOrString') return typeof value === 'string' || Number.isInteger(value) ? [] : wrong('a text or a whole number');
  if (item !== undefined) return Array.isArray(value) ? value.flatMap((inner, index) => fits(inner, item, `${at}[${index}]`)) : wrong('a list');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('a map');
  if (entry !== undefined) return Object.entries(value).flatMap(([key, inner]) => fits(inner, entry, `${at}.${key}`));
  const properties = propertiesOf(type);
  const missing = [...properties].filter(([key, { required }]) => required && !(key in value)).map(([key]) => `${at}.${key} is missing`);
  const inner = Object.entries(value).flatMap(([key, child]) => {
    const property = properties.get(key);
    if (property && QUANTITIES.has(key)) return fits(child, property.type.replace(': string;', ': IntOrString;'), `${at}.${key}`);
    return property ? fits(child, property.type, `${at}.${key}`) : [`${at}.${key} is unknown`];
  });
  return [...missing, ...inner];
}

/** Maps of quantities, which the API takes as numbers too. */
const QUANTITIES = new Set(['hard', 'requests', 'limits', 'default', 'defaultRequest', 'max', 'min']);

type Properties = ReadonlyMap<string, { type: string; required: boolean }>;

const known = new Map<string, Properties>();

/** Of a model's declaration. Words that JavaScript keeps for itself have an underscore there: `_from`. */
function propertiesOf(model: string): Properties {
  const found = known.get(model);
  if (found) return found;
  const file = path.join(models, `${model}.d.ts`);
  if (!existsSync(file)) throw new Error(`@kubernetes/client-node has no ${model}`);
  const text = readFileSync(file, 'utf8').split(/^export declare class/m)[1]?.split('static readonly discriminator')[0] ?? '';
  const lines = text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '').matchAll(/^ {4}'(\w+)'(\??): ((?:\{[\s\S]*?\}|[^;{])+);$/gm);
  const properties = new Map([...lines].map(([, name = '', optional, type = '']) => [name.replace(/^_/, ''), { type: type.replaceAll(/\s+/g, ' '), required: optional === '' }]));
  if (properties.size === 0) throw new Error(`nothing could be read from ${file}`);
  known.set(model, properties);
  return properties;
}
