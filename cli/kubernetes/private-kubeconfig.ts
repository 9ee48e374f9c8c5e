import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { ClusterAccess, User } from './kubeconfig.ts';

/**
 * Writes a kubeconfig that knows one cluster and one user, for programs that are handed it by name: whatever context a person
 * switches to meanwhile, they stay with this cluster. Mode 0600; replaced in one go.
 */
export async function writeKubeconfig(file: string, access: ClusterAccess): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, stringify(kubeconfigOf(access)), { mode: 0o600 });
  await rename(unfinished, file);
}

export interface PlainKubeconfig {
  apiVersion: string;
  kind: string;
  'current-context': string;
  contexts: { name: string; context: object }[];
  clusters: { name: string; cluster: object }[];
  users: { name: string; user: object }[];
}

/** The kubeconfig of one cluster, as an object. */
export function kubeconfigOf({ context, server, ca, insecure, servername, user }: ClusterAccess): PlainKubeconfig {
  const cluster = {
    server: server.href,
    ...(ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(servername === undefined ? {} : { 'tls-server-name': servername }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: context, context: { cluster: context, user: context } }],
    clusters: [{ name: context, cluster }],
    users: [{ name: context, user: userOf(user) }],
  };
}

function userOf({ token, tokenFile, certificate, key, password, exec }: User): object {
  return {
    ...(token === undefined ? {} : { token }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(certificate === undefined || key === undefined ? {} : { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }),
    ...password,
    ...(exec === undefined ? {} : { exec: { ...exec, args: [...exec.args], env: Object.entries(exec.env).map(([name, value]) => ({ name, value })), interactiveMode: 'Never' } }),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
