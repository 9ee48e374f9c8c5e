import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { nearest } from '../errors/nearest.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';

/** A program that gives credentials: `aws eks get-token`, `doctl kubernetes cluster kubeconfig exec-credential`. */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** Who asks; what is undefined is not offered. */
export interface User {
  token?: string;
  /** Read anew for each connection: tokens in pods are rotated. */
  tokenFile?: string;
  /** PEM. */
  certificate?: string;
  key?: string;
  password?: { username: string; password: string };
  exec?: ExecPlugin;
}

/** One context of a kubeconfig: where a cluster is, and who asks. */
export interface ClusterAccess {
  context: string;
  server: URL;
  /** PEM of the authority that signed the server's certificate; the system's authorities when undefined. */
  ca?: string;
  insecure: boolean;
  /** Name that the server's certificate has, where it is not the host of its address. */
  servername?: string;
  user: User;
}

type Fields = Record<string, unknown>;
/** A named part of a kubeconfig, and the folder that its relative paths begin in. */
interface Named {
  name: string;
  fields: Fields;
  folder: string;
}

/**
 * Reads one context of kubeconfig files; of two parts with one name the first counts, as in kubectl. The current context when none is named.
 * It is read here and not by @kubernetes/client-node, whose configuration alone takes 350 ms to load.
 * Errors: TODOCTL_KUBECONFIG_BROKEN, TODOCTL_CONTEXT_UNKNOWN.
 */
export async function readKubeconfig(files: readonly string[], wanted?: string): Promise<ClusterAccess> {
  const configs = await Promise.all(files.map(read));
  const where = files.join(', ');
  const contexts = configs.flatMap((config) => named(config, 'contexts', 'context'));
  const context = wanted ?? configs.map(({ fields }) => text(fields['current-context'])).find(Boolean);
  if (context === undefined) throw broken(`${where} has no current context, and none was named`, contexts);
  const found = contexts.find(({ name }) => name === context);
  if (!found) throw unknownContext(where, context, contexts);
  const clusterName = text(found.fields['cluster']);
  const userName = text(found.fields['user']);
  const cluster = configs.flatMap((config) => named(config, 'clusters', 'cluster')).find(({ name }) => name === clusterName);
  const user = configs.flatMap((config) => named(config, 'users', 'user')).find(({ name }) => name === userName);
  if (!cluster) throw broken(`The context ${context} of ${where} names the cluster ${clusterName ?? '(none)'}, which is not in it`);
  if (!user && userName !== undefined) throw broken(`The context ${context} of ${where} names the user ${userName}, which is not in it`);
  return { context, ...(await clusterOf(cluster)), user: user ? await userOf(user) : {} };
}

async function read(file: string): Promise<{ fields: Fields; folder: string }> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw broken(`${file} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`);
  });
  // The message of a YAML error quotes its line, which may hold a token.
  const fields = attempt(() => parse(content, { prettyErrors: false }) as unknown);
  if (typeof fields !== 'object' || fields === null) throw broken(`${file} is not a kubeconfig`);
  return { fields: fields as Fields, folder: path.dirname(file) };
}

function named({ fields, folder }: { fields: Fields; folder: string }, list: string, key: string): Named[] {
  const entries = Array.isArray(fields[list]) ? (fields[list] as unknown[]) : [];
  return entries.flatMap((entry) => {
    const { name, [key]: inner } = (entry ?? {}) as Fields;
    return typeof name === 'string' ? [{ name, fields: (inner ?? {}) as Fields, folder }] : [];
  });
}

async function clusterOf({ name, fields, folder }: Named): Promise<Omit<ClusterAccess, 'context' | 'user'>> {
  const server = text(fields['server']) ?? '';
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) throw broken(`The cluster ${name} has no address: server is ${JSON.stringify(server)}`);
  if (text(fields['proxy-url']) !== undefined) throw broken(`The cluster ${name} is behind a proxy (proxy-url), which this version cannot use`);
  const ca = await pem(fields, 'certificate-authority', folder);
  const servername = text(fields['tls-server-name']);
  return { server: new URL(server), insecure: fields['insecure-skip-tls-verify'] === true, ...(ca === undefined ? {} : { ca }), ...(servername === undefined ? {} : { servername }) };
}

async function userOf({ name, fields, folder }: Named): Promise<User> {
  const user: User = {};
  const [token, tokenFile, username] = [text(fields['token']), text(fields['tokenFile']), text(fields['username'])];
  const [certificate, key] = [await pem(fields, 'client-certificate', folder), await pem(fields, 'client-key', folder)];
  if (token !== undefined) user.token = token;
  // As in kubectl, a file of a token counts more than a token.
  if (tokenFile !== undefined) user.tokenFile = path.resolve(folder, tokenFile);
  if (certificate !== undefined && key !== undefined) Object.assign(user, { certificate, key });
  if (username !== undefined) user.password = { username, password: text(fields['password']) ?? '' };
  if (fields['exec'] !== undefined) user.exec = execOf(name, fields['exec'] as Fields, folder);
  if (fields['auth-provider'] !== undefined) throw broken(`The user ${name} signs in by auth-provider, which Kubernetes has removed; use an exec plugin`);
  return user;
}

function execOf(user: string, { apiVersion, command, args, env }: Fields, folder: string): ExecPlugin {
  const program = text(command);
  if (program === undefined) throw broken(`The exec plugin of the user ${user} has no command`);
  const pairs = Array.isArray(env) ? (env as Fields[]).map(({ name, value }) => [text(name) ?? '', text(value) ?? '']) : [];
  return {
    apiVersion: text(apiVersion) ?? 'client.authentication.k8s.io/v1',
    // A name is looked up on PATH; a path is relative to the kubeconfig.
    command: program.includes('/') ? path.resolve(folder, program) : program,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(pairs) as Record<string, string>,
  };
}

/** `KEY-data` in base64, or the file that KEY names. */
async function pem(fields: Fields, key: string, folder: string): Promise<string | undefined> {
  const data = text(fields[`${key}-data`]);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = text(fields[key]);
  if (file === undefined) return undefined;
  return readFile(path.resolve(folder, file), 'utf8').catch((error: Error) => {
    throw broken(`${key} cannot be read: ${error.message}`);
  });
}

function unknownContext(where: string, wanted: string, contexts: readonly Named[]): TodoctlError {
  const names = contexts.map(({ name }) => name);
  const close = nearest(wanted, names);
  return new TodoctlError('TODOCTL_CONTEXT_UNKNOWN', {
    message: `${where} has no context ${wanted}`,
    details: [`it has ${names.join(', ') || 'none'}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}

function broken(message: string, contexts: readonly Named[] = []): TodoctlError {
  return new TodoctlError('TODOCTL_KUBECONFIG_BROKEN', { message, details: contexts.length > 0 ? [`its contexts are ${contexts.map(({ name }) => name).join(', ')}`] : [] });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
