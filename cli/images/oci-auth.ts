import type { Login } from './home.ts';

/** What a registry asks of whoever it answers 401. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service?: string; scope?: string };

/** Reads `WWW-Authenticate`; undefined for a scheme that is not known. Of several, a token is taken before a password. */
export function parseChallenge(header: string | null): Challenge | undefined {
  if (header === null) return undefined;
  const bearer = /\bBearer\s+(.*)$/i.exec(header)?.[1];
  if (bearer !== undefined) {
    const fields = Object.fromEntries([...bearer.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = '', value = '']) => [key.toLowerCase(), value.replace(/\\(.)/g, '$1')]));
    const { realm, service, scope } = fields;
    if (realm === undefined) return undefined;
    return { scheme: 'bearer', realm, ...(service === undefined ? {} : { service }), ...(scope === undefined ? {} : { scope }) };
  }
  return /\bBasic\b/i.test(header) ? { scheme: 'basic' } : undefined;
}

/** Where a token is asked for: the realm, with what the challenge names. A registry that names no scope is asked for the one that is needed. */
export function tokenUrl({ realm, service, scope }: Extract<Challenge, { scheme: 'bearer' }>, needed: string): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope ?? needed);
  return url;
}

export function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
