import type { IncomingHttpHeaders } from 'node:http';
import type { JWTPayload, JWTVerifyOptions } from 'jose';
import type { AuthConfig } from './config.ts';
import { Problem, unavailable } from './http/problem.ts';
import type { Identify, User } from './http/route.ts';

// Asymmetric only: 'none' and shared secrets are never accepted, whatever a token's header says.
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const USER_ID = /^[\x21-\x7e]{1,128}$/;
const CLOCK_TOLERANCE_SECONDS = 5;

type Verify = (token: string) => Promise<JWTPayload>;

/**
 * The identity port. In local mode a user is whoever `x-user-id` says (`?user=` on sockets); in jwt mode the `sub` of a
 * bearer token (`?access_token=` on sockets, RFC 6750 §2.3) with the right signature, issuer, audience and expiry.
 * Throws Problem 401 with WWW-Authenticate, or 503 when the keys cannot be fetched.
 */
export function createIdentify(auth: AuthConfig): Identify {
  if (auth.mode === 'local') return async (headers, query) => localUser(headers, query);
  let verify: Promise<Verify> | undefined;
  return async (headers, query) => {
    const token = bearerToken(headers, query);
    const check = await (verify ??= loadVerifier(auth));
    return userOf(await check(token));
  };
}

/** Loads what checking tokens needs. Throws when a static key is no key: better at the start than at the first request. */
export async function checkAuth(auth: AuthConfig): Promise<void> {
  if (auth.mode === 'jwt') await loadVerifier(auth);
}

function localUser(headers: IncomingHttpHeaders, query: URLSearchParams | undefined): User {
  const given = headers['x-user-id'] ?? query?.get('user') ?? undefined;
  if (typeof given !== 'string') throw unauthorized('Say who you are in the x-user-id header.', 'x-user-id');
  if (!USER_ID.test(given)) throw unauthorized('x-user-id is 1 to 128 printable ASCII characters without spaces.', 'x-user-id');
  return { id: given };
}

function bearerToken(headers: IncomingHttpHeaders, query: URLSearchParams | undefined): string {
  const header = headers.authorization;
  const token = header === undefined ? query?.get('access_token') : /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (!token) throw unauthorized('Send a bearer token.', 'Bearer');
  return token;
}

function userOf(payload: JWTPayload): User {
  if (typeof payload.sub !== 'string' || !USER_ID.test(payload.sub)) throw invalidToken('The token names no user.');
  return { id: payload.sub };
}

async function loadVerifier(auth: Extract<AuthConfig, { mode: 'jwt' }>): Promise<Verify> {
  const jose = await import('jose');
  const options: JWTVerifyOptions = {
    issuer: auth.issuer,
    audience: auth.audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  const verify: Verify = await ('jwksUrl' in auth.keys ? remote(jose, auth.keys.jwksUrl, options) : fixed(jose, auth.keys.key, options));
  return async (token) => {
    try {
      return await verify(token);
    } catch (error) {
      throw explain(jose, error);
    }
  };
}

type Jose = typeof import('jose');

function remote(jose: Jose, url: string, options: JWTVerifyOptions): Verify {
  const keys = jose.createRemoteJWKSet(new URL(url), { timeoutDuration: 3000, cooldownDuration: 10_000 });
  return async (token) => (await jose.jwtVerify(token, keys, options)).payload;
}

/** A static key: a PEM public key or certificate's key (SPKI), a JWK, or a JWK set. */
async function fixed(jose: Jose, key: string, options: JWTVerifyOptions): Promise<Verify> {
  if (!key.trimStart().startsWith('{')) {
    const { createPublicKey } = await import('node:crypto');
    const publicKey = createPublicKey(key);
    return async (token) => (await jose.jwtVerify(token, publicKey, options)).payload;
  }
  const parsed = JSON.parse(key) as { keys?: import('jose').JWK[] } & import('jose').JWK;
  const keys = jose.createLocalJWKSet({ keys: parsed.keys ?? [parsed] });
  return async (token) => (await jose.jwtVerify(token, keys, options)).payload;
}

function explain(jose: Jose, error: unknown): Problem {
  const { errors } = jose;
  if (error instanceof errors.JWTExpired) return invalidToken('The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) return invalidToken(`The token's ${error.claim} is not right.`);
  // The issuer is away, or answers nonsense: nobody's token is proven wrong by that.
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC') {
    return new Problem(503, 'Tokens cannot be checked right now.', { headers: unavailable('').options.headers ?? {}, cause: error });
  }
  return invalidToken('The token is not valid.');
}

function invalidToken(detail: string): Problem {
  return unauthorized(detail, 'Bearer error="invalid_token"');
}

function unauthorized(detail: string, challenge: string): Problem {
  return new Problem(401, detail, { headers: { 'www-authenticate': challenge } });
}
