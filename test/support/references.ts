// Which Secrets and ConfigMaps an object names, and which an object makes or makes an operator make.
import type { KubernetesObject } from './rendered.ts';

/** A Secret or ConfigMap, or one key of it. */
export interface Reference {
  kind: 'Secret' | 'ConfigMap';
  name: string;
  key?: string;
}

type Map = Record<string, unknown>;

/** What must be there for an object to work. What its operator makes for it (a Certificate's Secret, an account's key) is not named. */
export function referencesOf(object: KubernetesObject): Reference[] {
  return object.kind === 'Certificate' ? [] : named(object, '');
}

function named(value: unknown, key: string): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item) => [...(LISTS[key]?.(item as Map) ?? []), ...named(item, '')]);
  if (typeof value !== 'object' || value === null) return [];
  const own = SINGLE[key]?.(value as Map) ?? [];
  return [...own, ...Object.entries(value).flatMap(([inner, child]) => [...(typeof child === 'string' ? (ANNOTATIONS[inner]?.(child) ?? []) : []), ...named(child, inner)])];
}

const secret = (name: unknown, key?: unknown): Reference[] => (typeof name === 'string' ? [{ kind: 'Secret', name, ...(typeof key === 'string' ? { key } : {}) }] : []);
const configMap = (name: unknown, key?: unknown): Reference[] => (typeof name === 'string' ? [{ kind: 'ConfigMap', name, ...(typeof key === 'string' ? { key } : {}) }] : []);

const SINGLE: Readonly<Record<string, (value: Map) => Reference[]>> = {
  secretKeyRef: ({ name, key }) => secret(name, key),
  configMapKeyRef: ({ name, key }) => configMap(name, key),
  secretRef: ({ name }) => secret(name),
  configMapRef: ({ name }) => configMap(name),
  // A volume has all keys, or those of its items.
  secret: ({ secretName, items }) => (Array.isArray(items) ? items.flatMap(({ key }: Map) => secret(secretName, key)) : secret(secretName)),
  configMap: ({ name }) => configMap(name),
  // Strimzi's way: the key stands under `password`.
  passwordSecret: ({ secretName, password }) => secret(secretName, password),
};

const LISTS: Readonly<Record<string, (item: Map) => Reference[]>> = {
  imagePullSecrets: ({ name }) => secret(name),
  certificateRefs: ({ name }) => secret(name),
  secretTargetRef: ({ name, key }) => secret(name, key),
  tls: ({ secretName }) => secret(secretName),
  trustedCertificates: ({ secretName, certificate }) => secret(secretName, certificate),
};

const ANNOTATIONS: Readonly<Record<string, (text: string) => Reference[]>> = {
  'dapr.io/api-token-secret': (name) => secret(name, 'token'),
  'dapr.io/app-token-secret': (name) => secret(name, 'token'),
  // `VARIABLE=secret:key,…`
  'dapr.io/env-from-secret': (text) => text.split(',').flatMap((one) => secret(...((one.split('=')[1] ?? '').split(':') as [string, string?]))),
};

/** What is there once an object is applied and its operator has seen it: Strimzi 1.2, cert-manager. Without a key: any key. */
export function madeBy({ kind, metadata: { name }, ...object }: KubernetesObject): Reference[] {
  const keys = (of: 'Secret' | 'ConfigMap', from: unknown): Reference[] => Object.keys((from ?? {}) as Map).map((key) => ({ kind: of, name, key }));
  if (kind === 'ConfigMap' || kind === 'Secret') return [...keys(kind, object['data']), ...keys(kind, object['stringData'])];
  if (kind === 'Certificate') return [...secret((object['spec'] as Map)['secretName'])];
  if (kind === 'KafkaUser') return ['password', 'sasl.jaas.config'].flatMap((key) => secret(`kafka-${name}`, key));
  if (kind === 'Kafka') return ['ca.crt', 'ca.p12', 'ca.password'].flatMap((key) => secret(`${name}-cluster-ca-cert`, key));
  return [];
}
