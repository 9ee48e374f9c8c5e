import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Login } from './home.ts';

/**
 * What the credentials of a registry are: the JSON of a Docker configuration, of which the entry of this server is taken, or
 * `user:password`. Errors: TODOCTL_REGISTRY_CREDENTIALS, which says what is wrong and never what stands there.
 */
export function parseLogin(text: string, server: string): Login {
  const trimmed = text.trim();
  return trimmed.startsWith('{') ? ofConfiguration(trimmed, server) : ofPair(trimmed, 'It');
}

/** The configuration that Docker, a kubelet and all builders read: credentials of one server. */
export function dockerConfig(server: string, { username, password }: Login): string {
  return JSON.stringify({ auths: { [server]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } });
}

interface Entry {
  auth?: string;
  username?: string;
  password?: string;
}

function ofConfiguration(text: string, server: string): Login {
  const auths = authsOf(text);
  const entry = Object.entries(auths).find(([name]) => bare(name) === bare(server))?.[1];
  if (!entry) {
    const names = Object.keys(auths);
    throw broken(`It holds nothing for ${server}${names.length > 0 ? `, only for ${names.join(', ')}` : ''}`);
  }
  if (typeof entry.username === 'string' && typeof entry.password === 'string') return { username: entry.username, password: entry.password };
  if (typeof entry.auth !== 'string' || entry.auth === '') throw broken(`Its entry for ${server} holds no password: a credential store keeps it`);
  return ofPair(Buffer.from(entry.auth, 'base64').toString('utf8'), `The auth of ${server}`);
}

function authsOf(text: string): Record<string, Entry> {
  let parsed: { auths?: Record<string, Entry> };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch {
    // What JSON.parse says would repeat a piece of the text.
    throw broken('It is no JSON');
  }
  return typeof parsed.auths === 'object' && parsed.auths !== null ? parsed.auths : {};
}

function ofPair(text: string, what: string): Login {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) throw broken(`${what} is not user:password`);
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** `https://ghcr.io/v1/` and `ghcr.io` are one. */
function bare(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function broken(message: string): TodoctlError {
  return new TodoctlError('TODOCTL_REGISTRY_CREDENTIALS', { message: `The credentials of the registry cannot be read: ${message.replace(/^I/, 'i').replace(/^T/, 't')}` });
}
