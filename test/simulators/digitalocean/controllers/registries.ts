import { createHash } from 'node:crypto';
import type { ClusterRow } from '../clusters/row.ts';
import type { ApiServer } from './api.ts';

const SERVER = 'registry.digitalocean.com';
const TYPE = 'kubernetes.io/dockerconfigjson';
/** Only here: which Secrets are of this controller. */
const OURS = 'simulator/registry';

/**
 * As DigitalOcean's operator for registries: what the cluster pulls with is in every namespace, under the registry's name, and the
 * default service account has it.
 */
export async function reconcileRegistries({ registries }: ClusterRow, api: ApiServer): Promise<void> {
  if (registries.length === 0) return;
  const namespaces = (await api.list('/api/v1/namespaces')).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
  const there = (await api.list(`/api/v1/secrets?labelSelector=${encodeURIComponent(OURS)}`)).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  for (const namespace of namespaces) {
    const missing = registries.filter((name) => !there.includes(`${namespace}/${name}`));
    for (const name of missing) {
      await api.create(`/api/v1/namespaces/${namespace}/secrets`, { apiVersion: 'v1', kind: 'Secret', type: TYPE, metadata: { name, labels: { [OURS]: name } }, data: { '.dockerconfigjson': base64(pullOf(name)) } });
    }
    if (missing.length > 0) await api.patch(`/api/v1/namespaces/${namespace}/serviceaccounts/default`, { imagePullSecrets: registries.map((name) => ({ name })) });
  }
}

/** What a cluster pulls from a registry with: the same at each look. */
export function pullOf(registry: string): string {
  const secret = `dop_v1_pull_${createHash('sha256').update(registry).digest('hex')}`;
  return JSON.stringify({ auths: { [SERVER]: { auth: base64(`${secret}:${secret}`) } } });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
