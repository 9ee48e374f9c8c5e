import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CompactSign, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../services/kit/http/problem.ts';
import type { Identify } from '../../../services/kit/http/route.ts';
import { createIdentify } from '../../../services/kit/identity.ts';

const ISSUER = 'https://id.example.com';
const AUDIENCE = 'todo';
let privateKey: CryptoKey;
let pem: string;
let jwk: object;
let stranger: CryptoKey;

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  privateKey = pair.privateKey;
  pem = await exportSPKI(pair.publicKey);
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' };
  stranger = (await generateKeyPair('ES256')).privateKey;
});

async function token(claims: Record<string, unknown> = {}, key: CryptoKey = privateKey, header: Record<string, string> = {}): Promise<string> {
  const payload = { sub: 'ada', iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key);
}
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
async function refused(asked: Promise<unknown>): Promise<Problem> {
  return asked.then(
    () => Promise.reject(new Error('it was let in')),
    (error: unknown) => error as Problem,
  );
}

describe('on a laptop', () => {
  const identify = createIdentify({ mode: 'local' });

  it('a user is whoever the header says, or the query on a socket', async () => {
    expect(await identify({ 'x-user-id': 'ada' })).toEqual({ id: 'ada' });
    expect(await identify({}, new URLSearchParams('user=bob'))).toEqual({ id: 'bob' });
    expect(await identify({ 'x-user-id': 'ada' }, new URLSearchParams('user=bob'))).toEqual({ id: 'ada' });
  });

  it.each([{}, { 'x-user-id': '' }, { 'x-user-id': 'a b' }, { 'x-user-id': 'a\n' }, { 'x-user-id': 'x'.repeat(129) }, { authorization: 'Bearer x' }])('nobody is %j', async (headers) => {
    expect(await refused(identify(headers))).toMatchObject({ status: 401, options: { headers: { 'www-authenticate': 'x-user-id' } } });
  });
});

describe('with a static key', () => {
  const identify = () => createIdentify({ mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { key: pem } });

  it('a user is the subject of a token', async () => {
    expect(await identify()(bearer(await token()))).toEqual({ id: 'ada' });
    expect(await identify()({ authorization: `bearer  ${await token()}` })).toEqual({ id: 'ada' });
  });

  it('may come as JWK or JWK set', async () => {
    for (const key of [JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]) {
      const withKey = createIdentify({ mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { key } });
      expect(await withKey(bearer(await token()))).toEqual({ id: 'ada' });
    }
  });

  it('a socket may bring its token in the query, a request may not', async () => {
    const text = await token();
    expect(await identify()({}, new URLSearchParams({ access_token: text }))).toEqual({ id: 'ada' });
    expect(await refused(identify()({}))).toMatchObject({ status: 401, options: { headers: { 'www-authenticate': 'Bearer' } } });
  });

  it('the x-user-id header and ?user= mean nothing', async () => {
    expect((await refused(identify()({ 'x-user-id': 'ada' }))).status).toBe(401);
    expect((await refused(identify()({}, new URLSearchParams('user=ada')))).status).toBe(401);
    expect(await identify()({ ...bearer(await token()), 'x-user-id': 'bob' })).toEqual({ id: 'ada' });
  });

  const past = Math.floor(Date.now() / 1000) - 60;
  it.each<[string, () => Promise<string>]>([
    ['is expired', () => token({ exp: past })],
    ['never expires', () => token({ exp: undefined })],
    ['is not valid yet', () => token({ nbf: Math.floor(Date.now() / 1000) + 600 })],
    ['is of another issuer', () => token({ iss: 'https://evil.example.com' })],
    ['is for another audience', () => token({ aud: 'other' })],
    ['names nobody', () => token({ sub: undefined })],
    ['names nobody properly', () => token({ sub: 'a b' })],
    ['is signed by a stranger', () => token({}, stranger)],
    ['is not signed', async () => new UnsecuredJWT({ sub: 'ada' }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1m').encode()],
    [
      'is signed with our public key as a shared secret',
      async () => {
        const body = JSON.stringify({ sub: 'ada', iss: ISSUER, aud: AUDIENCE, exp: past + 600 });
        return new CompactSign(Buffer.from(body)).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(pem));
      },
    ],
    ['was changed', async () => (await token()).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ sub: 'bob', iss: ISSUER, aud: AUDIENCE, exp: past + 600 })).toString('base64url')}.`)],
    ['is nonsense', async () => 'a.b.c'],
    ['is empty', async () => ''],
  ])('a token that %s is refused', async (_, make) => {
    const problem = await refused(identify()(bearer(await make())));
    expect(problem.status).toBe(401);
    expect(problem.options.headers?.['www-authenticate']).toMatch(/^Bearer/);
  });

  it('a header that is no bearer token is refused', async () => {
    for (const authorization of ['Basic YTpi', 'Bearer', `Bearer ${await token()} x`]) expect((await refused(identify()({ authorization }))).status).toBe(401);
  });
});

describe('with a JWKS', () => {
  const server = createServer((_, response) => void response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })));
  let identify: Identify;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    identify = createIdentify({ mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { jwksUrl: `http://127.0.0.1:${port}/keys` } });
  });
  afterAll(() => void server.close());

  it('a token is checked with the key it names', async () => {
    expect(await identify(bearer(await token()))).toEqual({ id: 'ada' });
    expect((await refused(identify(bearer(await token({}, privateKey, { kid: 'other' }))))).status).toBe(401);
  });

  it('that cannot be fetched, nobody is refused for good: 503', async () => {
    const nowhere = createIdentify({ mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { jwksUrl: 'http://127.0.0.1:1/keys' } });
    expect(await refused(nowhere(bearer(await token())))).toMatchObject({ status: 503 });
  });

  it('that does not answer 200 is the same', async () => {
    const broken = createServer((_, response) => void response.writeHead(500).end()).listen(0, '127.0.0.1');
    await once(broken, 'listening');
    const { port } = broken.address() as AddressInfo;
    const asked = createIdentify({ mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { jwksUrl: `http://127.0.0.1:${port}/` } });
    expect(await refused(asked(bearer(await token())))).toMatchObject({ status: 503 });
    broken.close();
  });
});
