import { createServer, type RequestListener, type Server } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { runSteps } from '../../../../cli/engine/run.ts';
import type { EngineEvent } from '../../../../cli/engine/step.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { connectAdmin } from '../../../../cli/kafka/admin.ts';
import { Cluster } from '../../../../cli/kafka/cluster.ts';
import { produceRecord } from '../../../../cli/kafka/produce.ts';
import { smokeSteps, type SmokeGiven } from '../../../../cli/targets/smoke/steps.ts';
import { SMOKE_USER, whoIsAsking } from '../../../../cli/targets/smoke/who.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { tcpAccess } from '../../../contract/kafka/client.ts';
import { startEmbedded } from '../../../contract/kafka/embedded.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const platform = { services: [{ name: 'task-api', route: '/api' }, { name: 'web', route: '/' }], topics: [] } as unknown as SmokeGiven['platform'];
const given = (entrance: SmokeGiven['entrance'], more: Partial<SmokeGiven> = {}): SmokeGiven => ({ platform, entrance, kafka: () => Promise.reject(new Error('not asked')), who: async () => ({ nobody: 'no token' }), clock: systemClock, patienceMs: 0, ...more });
const run = async (steps: SmokeGiven): Promise<{ error: TodoctlError | undefined; said: string[] }> => {
  const said: string[] = [];
  const never = new AbortController().signal;
  const { error } = await runSteps(smokeSteps(steps), { emit: (event: EngineEvent) => void (event.is === 'progress' && said.push(event.line)), clock: systemClock, stop: never, leave: never });
  return { error, said };
};

test('a host without a record is asked for at its address, by its name', async () => {
  const hosts: (string | undefined)[] = [];
  const port = await serve((request, response) => void (hosts.push(request.headers.host), response.end('{}')));
  const { error } = await run(given(async () => ({ url: new URL('http://todo.example.com/'), connectTo: { host: '127.0.0.1', port }, record: 'todo.example.com. A 127.0.0.1' })));
  expect([error, hosts]).toEqual([undefined, ['todo.example.com', 'todo.example.com']]);
});

test('what is not 200 is told with its answer', async () => {
  const port = await serve((request, response) => void response.writeHead(request.url === '/' ? 200 : 503).end('{"status":"not ready"}'));
  const { error } = await run(given(async () => ({ url: new URL(`http://127.0.0.1:${port}/`) })));
  expect(error).toMatchObject({ code: 'TODOCTL_SMOKE_FAILED', message: `GET /api/health through http://127.0.0.1:${port} answered 503 {"status":"not ready"}` });
});

test('what is not right yet is waited for while there is patience', async () => {
  let asked = 0;
  const port = await serve((_request, response) => void response.writeHead(asked++ < 3 ? 404 : 200).end());
  expect((await run(given(async () => ({ url: new URL(`http://127.0.0.1:${port}/`) }), { patienceMs: 20_000 }))).error).toBeUndefined();
  expect(asked).toBeGreaterThan(4);
});

test('nobody there is an answer too', async () => {
  const { error } = await run(given(async () => ({ url: new URL('http://127.0.0.1:1/') })));
  expect(error?.message).toMatch(/^GET \/api\/health through http:\/\/127\.0\.0\.1:1 was not answered: .*ECONNREFUSED/);
});

test('without a token only what is public is tried, and that is said', async () => {
  const methods: (string | undefined)[] = [];
  const port = await serve((request, response) => void (methods.push(request.method), response.end()));
  const topics = [{ name: 'task-events' }] as unknown as SmokeGiven['platform']['topics'];
  const { error, said } = await run(given(async () => ({ url: new URL(`http://127.0.0.1:${port}/`) }), { platform: { ...platform, topics } }));
  expect([error, new Set(methods)]).toEqual([undefined, new Set(['GET'])]);
  expect(said).toEqual(['Only health and the page were tried: no token']);
});

test('a task that was made is deleted, whatever becomes of its event', async () => {
  const asked: string[] = [];
  const port = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'POST') response.writeHead(201).end('{"id":"t1"}');
    else response.end();
  });
  const topics = [{ name: 'task-events' }] as unknown as SmokeGiven['platform']['topics'];
  const kafka: SmokeGiven['kafka'] = async () => { throw new TodoctlError('TODOCTL_KAFKA_UNREACHABLE', { message: 'no broker' }); };
  const { error } = await run(given(async () => ({ url: new URL(`http://127.0.0.1:${port}/`) }), { platform: { ...platform, topics }, kafka, who: () => whoIsAsking(undefined, { env: {}, redactor: new Redactor() }) }));
  expect(error).toMatchObject({ code: 'TODOCTL_KAFKA_UNREACHABLE' });
  // Kafka is asked first: where it is away, no task is left behind.
  expect(asked.filter((line) => line.startsWith('POST'))).toEqual([]);
});

test('a task is made, its event seen on Kafka, and the task deleted; what was there before is not taken for it', async () => {
  const kafka = await startEmbedded();
  const access = tcpAccess(kafka.bootstrap);
  const admin = connectAdmin(access);
  await admin.createTopics([{ name: 'task-events', partitions: 3 }]);
  await using cluster = new Cluster(access);
  const publish = (key: string, partition: number): Promise<number> => produceRecord(cluster, { topic: 'task-events', partition }, { key: Buffer.from(key), value: Buffer.from('{}'), timestamp: Date.now() });
  await publish('t1', 0);
  const asked: string[] = [];
  const port = await serve((request, response) => {
    asked.push([request.method, request.url, request.headers['x-user-id']].join(' '));
    if (request.method !== 'POST') return void response.end();
    response.writeHead(201).end('{"id":"t1"}');
    // Other people's events come first.
    void publish('t2', 1).then(() => publish('t1', 2));
  });
  const topics = [{ name: 'task-events' }] as unknown as SmokeGiven['platform']['topics'];
  const { error } = await run(given(async () => ({ url: new URL(`http://127.0.0.1:${port}/`) }), { platform: { ...platform, topics }, kafka: async () => tcpAccess(kafka.bootstrap), who: () => whoIsAsking(undefined, { env: {}, redactor: new Redactor() }) }));
  await Promise.all([admin.close(), cluster[Symbol.asyncDispose]()]);
  await kafka.stop();
  expect([error, asked.filter((line) => !line.startsWith('GET'))]).toEqual([undefined, [`POST /api/tasks ${SMOKE_USER}`, `DELETE /api/tasks/t1 ${SMOKE_USER}`]]);
});

const PAIR = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PRIVATE = PAIR.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const PUBLIC = PAIR.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const auth = { key: { env: 'KEY' }, issuer: 'todo', audience: 'todo' };
const who = (env: NodeJS.ProcessEnv, redactor = new Redactor()): ReturnType<typeof whoIsAsking> => whoIsAsking(auth, { env, redactor });

test('a key that can sign makes a token of its own', async () => {
  const found = await who({ KEY: PRIVATE });
  const token = 'headers' in found ? (found.headers['authorization'] ?? '').replace('Bearer ', '') : '';
  expect(decodeJwt(token)).toMatchObject({ sub: SMOKE_USER, iss: 'todo', aud: 'todo' });
});

test('a public key cannot: SMOKE_TOKEN is taken, and in no output', async () => {
  const redactor = new Redactor();
  expect(await who({ KEY: PUBLIC, SMOKE_TOKEN: 'a-token-of-somebody' }, redactor)).toEqual({ headers: { authorization: 'Bearer a-token-of-somebody' } });
  expect(redactor.redact('got a-token-of-somebody')).not.toContain('a-token');
  expect(await who({ KEY: PUBLIC })).toEqual({ nobody: expect.stringContaining('SMOKE_TOKEN') as string });
});
