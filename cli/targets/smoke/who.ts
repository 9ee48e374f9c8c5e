import { readFile } from 'node:fs/promises';
import type { Environment } from '../../definition/platform.ts';
import type { Redactor } from '../../io/redactor.ts';

/** The user that smoke acts as; it has no tasks but those that it makes and deletes. */
export const SMOKE_USER = 'todoctl-smoke';
const LIFETIME_S = 300;

/** How requests say who they are, or why they cannot. */
export type Who = { headers: Readonly<Record<string, string>> } | { nobody: string };

/**
 * Signs smoke in: by name where nobody asks for a token, with a token of its own where the environment's key can sign, else with the
 * token in SMOKE_TOKEN. Where there is none of them only what is public can be tried.
 */
export async function whoIsAsking(auth: Environment['auth'], { env, redactor }: { env: NodeJS.ProcessEnv; redactor: Redactor }): Promise<Who> {
  if (!auth) return { headers: { 'x-user-id': SMOKE_USER } };
  const token = ('key' in auth ? await ownToken(auth, env, redactor) : undefined) ?? env['SMOKE_TOKEN'];
  if (!token) return { nobody: 'no token: set SMOKE_TOKEN to one of a user, and a task is made too' };
  redactor.register(token);
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Undefined where the key is a public one, as it should be in most environments: it can only check. */
async function ownToken(auth: Extract<NonNullable<Environment['auth']>, { key: unknown }>, env: NodeJS.ProcessEnv, redactor: Redactor): Promise<string | undefined> {
  const text = 'env' in auth.key ? env[auth.key.env] : await readFile(auth.key.file, 'utf8').catch(() => undefined);
  if (!text) return undefined;
  const { createPrivateKey } = await import('node:crypto');
  try {
    const key = text.trimStart().startsWith('{') ? createPrivateKey({ key: JSON.parse(text) as JsonWebKeyLike, format: 'jwk' }) : createPrivateKey(text);
    redactor.register(text);
    const { SignJWT } = await import('jose');
    const signing = new SignJWT({}).setProtectedHeader({ alg: algorithmOf(key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve) });
    return await signing.setSubject(SMOKE_USER).setIssuer(auth.issuer).setAudience(auth.audience).setIssuedAt().setExpirationTime(`${LIFETIME_S}s`).sign(key);
  } catch {
    return undefined;
  }
}

type JsonWebKeyLike = Record<string, string>;

function algorithmOf(type = '', curve = ''): string {
  if (type === 'ec') return curve === 'secp384r1' ? 'ES384' : curve === 'secp521r1' ? 'ES512' : 'ES256';
  return type.startsWith('ed') ? 'EdDSA' : 'RS256';
}
