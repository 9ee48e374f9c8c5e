import { randomBytes } from 'node:crypto';
import type { Api } from './api.ts';
import { newAuthority, type Signed } from './authority.ts';
import { CLUSTER, type Kafka, type Metadata, VERSION } from './kinds.ts';

interface Secret {
  data?: Record<string, string>;
}

/** Whoever owns it takes it along: the cluster's garbage collector sees to that. */
export function ownedBy(kind: string, { name, uid }: Metadata): object[] {
  return [{ apiVersion: VERSION, kind, name, uid, controller: false, blockOwnerDeletion: false }];
}

export function labelsOf(cluster: string, component: string): Record<string, string> {
  return {
    [CLUSTER]: cluster, 'strimzi.io/kind': 'Kafka', 'strimzi.io/name': `${cluster}-${component}`, 'strimzi.io/component-type': component,
    'app.kubernetes.io/name': component, 'app.kubernetes.io/instance': cluster, 'app.kubernetes.io/part-of': `strimzi-${cluster}`, 'app.kubernetes.io/managed-by': 'strimzi-cluster-operator',
  };
}

/** What a Secret holds, as text; undefined where it is not there. */
export async function readSecret(api: Api, namespace: string, name: string): Promise<Record<string, string> | undefined> {
  const secret = await api.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  return secret && Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

export async function writeSecret(api: Api, metadata: { name: string; namespace: string; labels: object; ownerReferences: object[] }, data: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  await api.apply({ apiVersion: 'v1', kind: 'Secret', metadata, ...{ type: 'Opaque', data: encoded } });
}

/** The two authorities of a cluster, made once: their certificates where clients look for them, their keys apart. Answers the brokers'. */
export async function authoritiesOf(api: Api, kafka: Kafka): Promise<Signed> {
  const { name, namespace } = kafka.metadata;
  const both = await Promise.all((['cluster', 'clients'] as const).map(async (kind): Promise<Signed> => {
    const [cert, key] = await Promise.all([readSecret(api, namespace, `${name}-${kind}-ca-cert`), readSecret(api, namespace, `${name}-${kind}-ca`)]);
    if (cert?.['ca.crt'] !== undefined && key?.['ca.key'] !== undefined) return { cert: cert['ca.crt'], key: key['ca.key'] };
    const password = randomBytes(9).toString('base64url');
    const made = await newAuthority(`${kind}-ca v0`, password);
    const metadata = { namespace, labels: labelsOf(name, 'certificate-authority'), ownerReferences: ownedBy('Kafka', kafka.metadata) };
    await writeSecret(api, { ...metadata, name: `${name}-${kind}-ca` }, { 'ca.key': made.key });
    await writeSecret(api, { ...metadata, name: `${name}-${kind}-ca-cert` }, { 'ca.crt': made.cert, 'ca.p12': made.store, 'ca.password': password });
    return made;
  }));
  return both[0] as Signed;
}
