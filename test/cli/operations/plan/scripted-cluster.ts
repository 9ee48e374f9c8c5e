// An API server over HTTPS that keeps the objects it is given and lists, reads and tries them as a real one does; a test scripts where it fails.
import { once } from 'node:events';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { pathOf, type Resource, versionOf } from '../../../../cli/kubernetes/discovery.ts';
import { identityOf, type KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import { selfSigned } from '../../../support/certificate.ts';

export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** An answer of its own to some requests: true where it has answered. */
export type Script = (request: Request, response: http.ServerResponse) => boolean;

export interface Cluster {
  server: URL;
  ca: string;
  resources: Resource[];
  objects: KubernetesObject[];
  asked: Request[];
  /** The most requests that were under way at once. */
  busiest: number;
  /** Connections that are open. */
  open: Set<object>;
  redactor: Redactor;
  client(options?: { stop?: AbortSignal; patience?: number; token?: string }): Kubernetes;
}

export const TOKEN = 'canary-token-of-the-kubeconfig';
const ALL = ['create', 'delete', 'get', 'list', 'patch'];

export const resource = (apiVersion: string, kind: string, more: Partial<Resource> = {}): Resource => ({
  group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', version: apiVersion.split('/').at(-1) ?? '', kind, plural: `${kind.toLowerCase()}s`, namespaced: true, verbs: ALL, ...more,
});

export const KINDS: readonly Resource[] = [
  resource('v1', 'Namespace', { namespaced: false }), resource('v1', 'ConfigMap'), resource('v1', 'Secret'), resource('v1', 'Service'),
  resource('v1', 'Node', { namespaced: false }), resource('apps/v1', 'Deployment'), resource('kafka.strimzi.io/v1', 'KafkaTopic'),
];

export function json(response: http.ServerResponse, status: number, body: object, headers: http.OutgoingHttpHeaders = {}): true {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  return true;
}

export const refused = (response: http.ServerResponse, status: number, message: string, headers: http.OutgoingHttpHeaders = {}): true => json(response, status, { kind: 'Status', message, code: status }, headers);

/** An answer that breaks off in the middle of its body, with its connection. */
export function cut(response: http.ServerResponse): true {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write('{"items": [', () => response.destroy());
  return true;
}

export async function scriptedCluster(objects: KubernetesObject[] = [], script: Script = () => false, resources: readonly Resource[] = KINDS): Promise<Cluster> {
  const tls = selfSigned('127.0.0.1');
  const cluster = { ca: tls.cert, resources: [...resources], objects, asked: [] as Request[], busiest: 0, open: new Set<object>(), redactor: new Redactor() };
  let busy = 0;
  const server = https.createServer(tls, (incoming, response) => {
    cluster.busiest = Math.max(cluster.busiest, ++busy);
    response.on('close', () => void busy--);
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { pathname, searchParams } = new URL(incoming.url ?? '/', 'https://x');
      const request = { method: incoming.method ?? '', path: pathname, query: searchParams, headers: incoming.headers, body: Buffer.concat(chunks).toString() };
      cluster.asked.push(request);
      if (script(request, response) !== true) answer(cluster, request, response);
    });
  });
  server.on('secureConnection', (socket) => void cluster.open.add(socket.on('close', () => void cluster.open.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return Object.assign(cluster, {
    server: address,
    client: ({ stop = new AbortController().signal, patience, token = TOKEN }: Parameters<Cluster['client']>[0] = {}): Kubernetes => {
      const kubernetes = new Kubernetes({ context: 'scripted', server: address, ca: tls.cert, insecure: false, user: { token } }, { env: {}, redactor: cluster.redactor, stop, ...(patience === undefined ? {} : { patience }) });
      onTestFinished(() => kubernetes[Symbol.dispose]());
      return kubernetes;
    },
  });
}

type Kept = Pick<Cluster, 'objects' | 'resources'>;

function answer({ objects, resources }: Kept, { method, path, query, body }: Request, response: http.ServerResponse): void {
  if (path === '/api' || path === '/apis') return void json(response, 200, discovery(resources.filter(({ group }) => (group === '') === (path === '/api'))));
  const [found, namespace, name] = placeOf(path, resources);
  if (!found) return void refused(response, 404, `the server could not find ${path}`);
  const ours = objects.filter(({ apiVersion, kind, metadata }) => apiVersion === versionOf(found) && kind === found.kind && (namespace === undefined || metadata.namespace === namespace));
  const there = ours.find(({ metadata }) => metadata.name === name);
  if (name === undefined) return void list(ours, query, response);
  if (method === 'GET') return void (there ? json(response, 200, there) : refused(response, 404, `${name} not found`));
  if (namespace !== undefined && !objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)) return void refused(response, 404, `namespaces "${namespace}" not found`);
  json(response, there ? 200 : 201, merged(there ?? {}, parse(body) as object));
}

function placeOf(path: string, resources: readonly Resource[]): [Resource | undefined, string | undefined, string | undefined] {
  for (const one of resources) {
    const pattern = new RegExp(`^${pathOf(one).replace(/\/[^/]+$/, '')}(?:/namespaces/([^/]+))?/${one.plural}(?:/([^/]+))?$`);
    const match = pattern.exec(path);
    if (match) return [one, match[1], match[2] === undefined ? undefined : decodeURIComponent(match[2])];
  }
  return [undefined, undefined, undefined];
}

/** A page of what the labels select; the token to go on is how many were sent. */
function list(objects: readonly KubernetesObject[], query: URLSearchParams, response: http.ServerResponse): void {
  const wanted = (query.get('labelSelector') ?? '').split(',').filter(Boolean).map((pair) => pair.split('=') as [string, string]);
  const selected = objects.filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value));
  const from = Number(query.get('continue') ?? 0);
  const end = from + Number(query.get('limit') ?? selected.length);
  // As the real one: items of a list come without their kind.
  const items = selected.slice(from, end).map(({ apiVersion: _, kind: __, ...item }) => item);
  json(response, 200, { kind: 'List', metadata: end < selected.length ? { continue: String(end) } : {}, items });
}

/** What applying would make of an object: declared fields over those that are there. */
function merged(there: object, declared: object): object {
  const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(declared).map(([key, value]) => {
    const old = (there as Record<string, unknown>)[key];
    return [key, isMap(old) && isMap(value) ? merged(old, value) : value] as const;
  });
  return { ...there, ...Object.fromEntries(entries) };
}

function discovery(resources: readonly Resource[]): object {
  const groups = [...new Set(resources.map(({ group }) => group))];
  const versionsOf = (group: string): string[] => [...new Set(resources.filter((one) => one.group === group).map(({ version }) => version))];
  return {
    kind: 'APIGroupDiscoveryList',
    items: groups.map((group) => ({
      metadata: { name: group },
      versions: versionsOf(group).map((version) => ({
        version,
        resources: resources.filter((one) => one.group === group && one.version === version).map(({ plural, kind, namespaced, verbs }) => ({ resource: plural, responseKind: { kind }, scope: namespaced ? 'Namespaced' : 'Cluster', verbs })),
      })),
    })),
  };
}

/** An object of the environment prod of the platform todo; labels and fields may be others. */
export function object(kind: string, name: string, more: Record<string, unknown> = {}, labels: Record<string, string> = OURS, namespace: string | undefined = 'todo'): KubernetesObject {
  const apiVersion = KINDS.find((one) => one.kind === kind);
  return { apiVersion: apiVersion ? versionOf(apiVersion) : 'v1', kind, metadata: { name, ...(kind === 'Namespace' || namespace === undefined ? {} : { namespace }), labels }, ...more };
}

export const OURS = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod', 'todoctl.io/system': 'kafka' };
/** It is there, and nobody's: so nothing becomes of it where a test does not ask for it. */
export const NAMESPACE = object('Namespace', 'todo', {}, {});
export const identities = (objects: readonly KubernetesObject[]): string[] => objects.map(identityOf).sort();
