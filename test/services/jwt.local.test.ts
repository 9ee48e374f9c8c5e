// Outside a laptop a user is the subject of a signed token, on every way in: the API, the socket, and what realtime asks of
// task-api in her name. Nothing else makes anybody somebody.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { CloudEvent } from '../../services/contracts/cloud-event.ts';
import type { Task } from '../../services/contracts/task.ts';
import type { AuthConfig } from '../../services/kit/config.ts';
import { realtime } from '../../services/realtime/service.ts';
import { migrations } from '../../services/task-api/migrations.ts';
import { taskApi } from '../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { callerOf } from './support/http.ts';
import { APP_TOKEN, fakeDapr, run, runWithDatabase, type FakeDapr, type Running, type RunningWithDatabase } from './support/running.ts';

const ISSUER = 'https://id.example.com';
const AUDIENCE = 'todo';

let postgres: TestPostgres;
let keys: Server;
let mine: CryptoKey;
let strangers: CryptoKey;
let published: FakeDapr;
let api: RunningWithDatabase;
let live: Running;
/** What realtime asked of task-api, and with which headers. */
const asked: Record<string, string>[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  const pair = await generateKeyPair('ES256', { extractable: true });
  mine = pair.privateKey;
  strangers = (await generateKeyPair('ES256')).privateKey;
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] });
  keys = createServer((_, response) => response.setHeader('content-type', 'application/json').end(jwks)).listen(0, '127.0.0.1');
  await once(keys, 'listening');
  const jwksUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`;
  const auth: AuthConfig = { mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { jwksUrl } };

  published = fakeDapr();
  api = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations, dapr: published, auth }, taskApi);
  const invoking = fakeDapr(async (_, path, { headers = {} }) => {
    asked.push({ ...headers });
    const answer = await callerOf(api.url)('GET', path, { headers: { ...headers } });
    if (answer.status !== 200) throw new Error(`task-api answered ${answer.status}`);
    return answer.body;
  });
  live = await run({ service: 'realtime', dapr: invoking, auth }, (parts) => realtime(parts));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await live?.stop();
  await api?.stop();
  await postgres?.stop();
  keys?.close();
});

interface Made {
  claims?: Record<string, unknown>;
  key?: CryptoKey;
  header?: Record<string, string>;
}
async function token(sub: string, { claims = {}, key = mine, header = {} }: Made = {}): Promise<string> {
  const payload = { sub, iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key);
}
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
function connect(query: string, headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(`${live.url.replace('http', 'ws')}/live${query}`, { headers });
  sockets.push(socket);
  return socket;
}
/** The status with which a socket is refused. */
async function refused(query: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = connect(query, headers);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(5000) })) as [unknown, { statusCode: number }];
  return response.statusCode;
}
/** What comes over a socket, from its hello on. */
async function messages(socket: WebSocket): Promise<{ type: string; task_id?: string }[]> {
  const read: { type: string; task_id?: string }[] = [];
  socket.on('message', (data: Buffer) => read.push(JSON.parse(data.toString()) as { type: string }));
  await until('it says hello', () => read.some(({ type }) => type === 'hello'));
  return read;
}

const now = () => Math.floor(Date.now() / 1000);
const WRONG: [string, () => Promise<string> | string][] = [
  ['of another issuer', () => token('ada', { claims: { iss: 'https://evil.example' } })],
  ['without an issuer', () => token('ada', { claims: { iss: undefined } })],
  ['for another audience', () => token('ada', { claims: { aud: 'bank' } })],
  ['that has expired', () => token('ada', { claims: { exp: now() - 60 } })],
  ['that never expires', () => token('ada', { claims: { exp: undefined } })],
  ['that is not valid yet', () => token('ada', { claims: { nbf: now() + 600 } })],
  ['of nobody', () => token('ada', { claims: { sub: undefined } })],
  ['of a name that is no id', () => token('a b\n')],
  ['signed by a stranger', () => token('ada', { key: strangers })],
  ['signed by a stranger under an unknown key’s name', () => token('ada', { key: strangers, header: { kid: 'k2' } })],
  ['signed by nobody', () => new UnsecuredJWT({ sub: 'ada', iss: ISSUER, aud: AUDIENCE, exp: now() + 60 }).encode()],
  ['with another’s name put in', async () => withSubject(await token('eve'), 'ada')],
  ['cut short', async () => (await token('ada')).slice(0, -10)],
  ['that is none', () => 'ada'],
];
/** The token with its subject replaced and its signature kept. */
function withSubject(text: string, sub: string): string {
  const [header, payload = '', signature] = text.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return [header, Buffer.from(JSON.stringify({ ...claims, sub })).toString('base64url'), signature].join('.');
}

describe.each(WRONG)('a token %s', (_what, make) => {
  test('opens nothing at task-api (401), and what it says is not repeated', async () => {
    const text = await make();
    for (const [method, path] of [['GET', '/api/tasks'], ['POST', '/api/tasks'], ['GET', '/api/changes'], ['DELETE', '/api/tasks/x']] as const) {
      const answer = await callerOf(api.url)(method, path, { headers: bearer(text), ...(method === 'POST' ? { body: { title: 'x' } } : {}) });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(JSON.stringify(answer.body)).not.toContain(text);
    }
  });

  test('opens no socket (401), in the header or in the address', async () => {
    const text = await make();
    const before = asked.length;
    expect(await refused('', bearer(text))).toBe(401);
    expect(await refused(`?access_token=${encodeURIComponent(text)}`)).toBe(401);
    expect(asked).toHaveLength(before);
  });
});

describe('what counts on a laptop counts for nothing here', () => {
  test('an x-user-id header (401)', async () => {
    expect((await callerOf(api.url, 'ada')('GET', '/api/tasks')).status).toBe(401);
    expect(await refused('', { 'x-user-id': 'ada' })).toBe(401);
  });

  test('a user in the address (401)', async () => {
    expect(await refused('?user=ada')).toBe(401);
  });

  test('a token in the address of a request, where it would be logged (401)', async () => {
    expect((await callerOf(api.url)('GET', `/api/tasks?access_token=${await token('ada')}`)).status).toBe(401);
  });

  test('and beside a token they change nothing', async () => {
    const answer = await callerOf(api.url, 'bob')('POST', '/api/tasks', { body: { title: 'x' }, headers: bearer(await token('ada')) });
    expect(answer.body).toMatchObject({ owner: 'ada' });
  });
});

describe('a token that is right', () => {
  test('is its subject, and sees her tasks alone', async () => {
    const caller = callerOf(api.url);
    const task = (await caller('POST', '/api/tasks', { body: { title: 'hers' }, headers: bearer(await token('cleo')) })).body as Task;
    expect(task.owner).toBe('cleo');
    expect((await caller('GET', `/api/tasks/${task.id}`, { headers: bearer(await token('cleo')) })).status).toBe(200);
    expect((await caller('GET', `/api/tasks/${task.id}`, { headers: bearer(await token('dan')) })).status).toBe(404);
    expect((await caller('GET', '/api/tasks', { headers: bearer(await token('dan')) })).body).toMatchObject({ tasks: [] });
  });

  test('may name several audiences, ours among them', async () => {
    expect((await callerOf(api.url)('GET', '/api/tasks', { headers: bearer(await token('ada', { claims: { aud: ['bank', AUDIENCE] } })) })).status).toBe(200);
  });

  test.each(['header', 'address'])('opens a socket by its %s, which task-api is asked with too', async (way) => {
    const text = await token('finn');
    const read = await messages(way === 'header' ? connect('', bearer(text)) : connect(`?access_token=${text}`));
    expect(asked.at(-1)).toEqual({ authorization: `Bearer ${text}` });
    expect(read.map(({ type }) => type)).toEqual(['hello']);
  });

  test('gets what happens to its subject over the socket, and nothing of anybody else', async () => {
    const [gina, hugo] = [await messages(connect('', bearer(await token('gina')))), await messages(connect('', bearer(await token('hugo'))))];
    const { id } = (await callerOf(api.url)('POST', '/api/tasks', { body: { title: 'x' }, headers: bearer(await token('gina')) })).body as Task;
    const event = await until('it is published', (): CloudEvent | undefined => published.published.find((one) => one.topic === 'task-updates' && one.event.subject === id)?.event);
    await callerOf(live.url)('POST', '/events/task-updates', { body: event, headers: { 'dapr-api-token': APP_TOKEN } });
    await until('it has come', () => gina.some(({ task_id }) => task_id === id));
    expect(hugo.map(({ type }) => type)).toEqual(['hello']);
  });
});

test('health is for anyone; the platform’s own routes are for Dapr, not for a user with a token', async () => {
  const headers = bearer(await token('ada'));
  expect((await callerOf(api.url)('GET', '/api/health')).status).toBe(200);
  expect((await callerOf(api.url)('POST', '/internal/occurrences', { body: {}, headers })).status).toBe(401);
  expect((await callerOf(live.url)('POST', '/events/task-updates', { body: {}, headers })).status).toBe(401);
});

test('while the keys cannot be fetched nobody is let in, and it is not called her fault (503)', async () => {
  const lost: AuthConfig = { mode: 'jwt', issuer: ISSUER, audience: AUDIENCE, keys: { jwksUrl: 'http://127.0.0.1:9/keys' } };
  const lone = await run({ service: 'realtime', auth: lost }, (parts) => realtime(parts));
  try {
    const socket = new WebSocket(`${lone.url.replace('http', 'ws')}/live`, { headers: bearer(await token('ada')) });
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response', { signal: AbortSignal.timeout(5000) })) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(503);
  } finally {
    await lone.stop();
  }
});
