import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Redactor } from '../io/redactor.ts';
import type { ExecPlugin, User } from './kubeconfig.ts';

/** What a request carries: a header, or a client certificate on its connection. */
export interface Credentials {
  authorization?: string;
  certificate?: string;
  key?: string;
}

const PLUGIN_MS = 60_000;

/** Names of variables of a plugin that hold a secret; what a plugin says when it fails may repeat them. */
const SECRET_NAME = /secret|token|passw|key$/i;

/**
 * The credentials of a user; every secret in them is known to the redactor from here on. A program that is asked for them ends when
 * `stop` is aborted. Errors: TODOCTL_CREDENTIALS_FAILED, TODOCTL_INTERRUPTED.
 */
export async function credentialsOf(user: User, env: NodeJS.ProcessEnv, redactor: Redactor, stop: AbortSignal): Promise<Credentials> {
  for (const [name, value] of Object.entries(user.exec?.env ?? {})) if (SECRET_NAME.test(name)) redactor.register(value);
  const { token, certificate, key } = user.exec ? await askPlugin(user.exec, env, stop) : await given(user);
  // Of a key each line too: it is rarely told as a whole.
  for (const secret of [token, key, ...(key?.match(/^[\w+/=]{16,}$/gm) ?? []), user.password?.password]) if (secret !== undefined) redactor.register(secret);
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(token === undefined && user.password ? { authorization: basic(user.password, redactor) } : {}),
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
  };
}

interface Given {
  token?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
}

async function given({ token, tokenFile, certificate, key }: User): Promise<Given> {
  if (tokenFile === undefined) return { token, certificate, key };
  const read = await readFile(tokenFile, 'utf8').catch((error: Error) => {
    throw new TodoctlError('TODOCTL_CREDENTIALS_FAILED', { message: `The file of the token cannot be read: ${error.message}` });
  });
  return { token: read.trim(), certificate, key };
}

function basic({ username, password }: { username: string; password: string }, redactor: Redactor): string {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  redactor.register(encoded);
  return `Basic ${encoded}`;
}

/** Asks a plugin as client-go does: what it is to answer stands in KUBERNETES_EXEC_INFO, the answer on its stdout. */
async function askPlugin({ apiVersion, command, args, env: extra }: ExecPlugin, env: NodeJS.ProcessEnv, stop: AbortSignal): Promise<Given> {
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  const answer = await new Promise<string>((resolve, reject) => {
    const child = execFile(command, [...args], { env: { ...env, ...extra, KUBERNETES_EXEC_INFO: info }, timeout: PLUGIN_MS, signal: stop, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // Ctrl-C in a terminal reaches the program too: how it ends then is no failure of its own.
      if (stop.aborted) return reject(stop.reason as Error);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(new TodoctlError('TODOCTL_CREDENTIALS_FAILED', { message: missing ? `${command} is not installed` : `${command} failed`, details: stderr.trim().split('\n').filter(Boolean).slice(-3) }));
    });
    child.stdin?.end();
  });
  const status = statusOf(answer);
  if (!status) throw new TodoctlError('TODOCTL_CREDENTIALS_FAILED', { message: `${command} answered something that is not an ExecCredential` });
  return { token: status.token, certificate: status.clientCertificateData, key: status.clientKeyData };
}

function statusOf(answer: string): { token?: string; clientCertificateData?: string; clientKeyData?: string } | undefined {
  try {
    return (JSON.parse(answer) as { status?: object }).status;
  } catch {
    return undefined;
  }
}
