import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import type { Task } from '../../../services/contracts/task.ts';
import { DaprError } from '../../../services/kit/dapr-error.ts';
import type { InvokeOptions } from '../../../services/kit/dapr.ts';
import type { LiveOptions } from '../../../services/realtime/live-route.ts';
import { realtime } from '../../../services/realtime/service.ts';
import { migrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { callerOf, type Caller } from '../support/http.ts';
import { APP_TOKEN, fakeDapr, run, runWithDatabase, type FakeDapr, type Running, type RunningWithDatabase } from '../support/running.ts';

interface Message {
  type: 'hello' | 'change' | 'ping';
  position: string;
  action?: string;
  task_id?: string;
  task_data?: Task;
}

/** A WebSocket with what came over it. */
class Listener {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers });
    this.socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as Message));
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    this.socket.on('error', () => undefined);
  }
  hello(): Promise<Message> {
    return until('it says hello', () => this.messages.find(({ type }) => type === 'hello'));
  }
  end(): Promise<{ code: number; reason: string }> {
    return until('the socket is closed', () => this.closed);
  }
  get seen(): string[] {
    return this.messages.filter(({ type }) => type === 'change').map(({ action, task_data }) => `${action} ${task_data?.title}`);
  }
}

let postgres: TestPostgres;
let published: FakeDapr;
let api: RunningWithDatabase;
let replicas: Running[] = [];
let listeners: Listener[] = [];
let ada: Caller;
let turn = 0;
let away = false;

beforeAll(async () => {
  postgres = await startTestPostgres();
  published = fakeDapr();
  api = await runWithDatabase({ service: 'task-api', url: await postgres.createDatabase('todoapp'), migrations, dapr: published }, taskApi);
});
afterAll(async () => {
  await api?.stop();
  await postgres?.stop();
});
beforeEach(() => {
  turn += 1;
  ada = callerOf(api.url, user());
});
afterEach(async () => {
  away = false;
  for (const { socket } of listeners) socket.terminate();
  await Promise.all(replicas.map((replica) => replica.stop()));
  listeners = [];
  replicas = [];
});

const user = () => `ada-${turn}`;
/** As Dapr would: task-api is asked with the identity that was handed on. */
async function invoke(appId: string, path: string, { method = 'GET', headers = {} }: InvokeOptions): Promise<unknown> {
  if (away) throw new DaprError('invoke', 500, { errorCode: 'ERR_DIRECT_INVOKE' });
  expect(appId).toBe('task-api');
  const answer = await callerOf(api.url)(method, path, { headers: { ...headers } });
  if (answer.status >= 300) throw new DaprError('invoke', answer.status, answer.body);
  return answer.body;
}
async function replica(settings: Partial<LiveOptions> = {}): Promise<Running> {
  const running = await run({ service: 'realtime', replica: `realtime-${replicas.length}`, dapr: fakeDapr(invoke) }, (parts) => realtime(parts, settings));
  replicas.push(running);
  return running;
}
function listen(to: Running, query = '', headers: Record<string, string> = { 'x-user-id': user() }): Listener {
  const listener = new Listener(`${to.url.replace('http', 'ws')}/live${query}`, headers);
  listeners.push(listener);
  return listener;
}
async function make(title: string, caller = ada): Promise<Task> {
  return (await caller('POST', '/api/tasks', { body: { title } })).body as Task;
}
/** The updates of a user as they lie on the topic. */
const updates = (of = user()): CloudEvent[] => published.published.filter(({ topic, key }) => topic === 'task-updates' && key === of).map(({ event }) => event);
async function deliver(to: Running, event: CloudEvent): Promise<void> {
  const answer = await callerOf(to.url)('POST', '/events/task-updates', { body: event, headers: { 'dapr-api-token': APP_TOKEN } });
  expect(answer.body).toEqual({ status: 'SUCCESS' });
}
async function deliverAll(to: Running, count: number, of = user()): Promise<void> {
  await until(`${count} updates are published`, () => updates(of).length >= count);
  for (const event of updates(of)) await deliver(to, event);
}
const changes = (listener: Listener, count: number) => until(`${count} changes have come`, () => listener.seen.length >= count);

describe('a user sees her changes as they happen', () => {
  test('on every socket, of whichever replica', async () => {
    const [one, two] = [await replica(), await replica()];
    const sockets = [listen(one), listen(one), listen(two)];
    for (const socket of sockets) await socket.hello();
    const { id } = await make('Water the plants');
    await ada('POST', `/api/tasks/${id}/complete`);
    await deliverAll(one, 2);
    await deliverAll(two, 2);
    for (const socket of sockets) {
      await changes(socket, 2);
      expect(socket.seen).toEqual(['created Water the plants', 'completed Water the plants']);
    }
  });

  test('and nobody else’s', async () => {
    const one = await replica();
    const [mine, other] = [listen(one), listen(one, '', { 'x-user-id': `bob-${turn}` })];
    await mine.hello();
    await other.hello();
    await make('mine');
    await deliverAll(one, 1);
    await changes(mine, 1);
    await make('bob’s', callerOf(api.url, `bob-${turn}`));
    await deliverAll(one, 1, `bob-${turn}`);
    await changes(other, 1);
    expect([mine.seen, other.seen]).toEqual([['created mine'], ['created bob’s']]);
  });

  test('once, though Kafka delivers twice', async () => {
    const one = await replica();
    const listener = listen(one);
    await listener.hello();
    await make('first');
    await deliverAll(one, 1);
    await deliverAll(one, 1);
    await make('second');
    await deliverAll(one, 2);
    await changes(listener, 2);
    expect(listener.seen).toEqual(['created first', 'created second']);
  });

  test('from a page, which can only say who it is in the address', async () => {
    const one = await replica();
    const listener = listen(one, `?user=${user()}`, { origin: one.url });
    await listener.hello();
    await make('from a page');
    await deliverAll(one, 1);
    await changes(listener, 1);
  });
});

describe('who comes back', () => {
  test('resumes from a position at a replica that never saw what was missed', async () => {
    const one = await replica();
    const before = listen(one);
    const { position } = await before.hello();
    before.socket.terminate();
    for (const title of ['1', '2', '3']) await make(title);
    const fresh = await replica();
    const again = listen(fresh, `?after=${position}`);
    await again.hello();
    expect(again.seen).toEqual(['created 1', 'created 2', 'created 3']);
    // They are delivered late, as repeats.
    await deliverAll(fresh, 3);
    await make('4');
    await deliverAll(fresh, 4);
    await changes(again, 4);
    expect(again.seen).toEqual(['created 1', 'created 2', 'created 3', 'created 4']);
  });

  test('gets thousands that were missed, in order', { timeout: 60_000 }, async () => {
    const titles = Array.from({ length: 450 }, (_, n) => String(n));
    for (const title of titles) await make(title);
    const listener = listen(await replica(), '?after=0-0');
    await listener.hello();
    expect(listener.seen).toEqual(titles.map((title) => `created ${title}`));
  });

  test('is told to come later (1013) while the feed is away', async () => {
    away = true;
    expect(await listen(await replica(), '?after=0-0').end()).toEqual({ code: 1013, reason: 'the change feed does not answer; resume' });
  });

  test('is refused with a position that is none (1008)', async () => {
    expect(await listen(await replica(), '?after=yesterday').end()).toEqual({ code: 1008, reason: 'after is not a position' });
  });
});

describe('a socket is kept honest', () => {
  test('what was never delivered comes with the next ping', async () => {
    const listener = listen(await replica({ pingMs: 50 }));
    const hello = await listener.hello();
    await make('missed');
    await changes(listener, 1);
    const ping = await until('a ping goes past it', () => listener.messages.find((message) => message.type === 'ping' && message.position !== hello.position));
    expect(ping.position).toBe(listener.messages.find(({ type }) => type === 'change')?.position);
  });

  test('a peer that does not answer pings is cut', async () => {
    const one = await replica({ pingMs: 50 });
    const raw = connect(one.server.port, '127.0.0.1');
    raw.write(`GET /live HTTP/1.1\r\nhost: x\r\nx-user-id: ${user()}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    raw.resume();
    await once(raw, 'close', { signal: AbortSignal.timeout(5000) });
  });

  test('a client that does not read is cut, and the others go on', async () => {
    const one = await replica({ limits: { bufferedBytes: 64 * 1024, heldChanges: 100, takeMs: 1000 } });
    const [slow, quick] = [listen(one), listen(one)];
    await slow.hello();
    await quick.hello();
    slow.socket.pause();
    await ada('POST', '/api/tasks', { body: { title: 'large', description: 'x'.repeat(9000) } });
    await until('it is published', () => updates().length === 1);
    const [event] = updates() as [CloudEvent<string, { position: string }>];
    const [xid = '', at = ''] = event.data.position.split('-');
    let sent = 0;
    // The kernel's buffers take some megabytes first.
    await until('the slow one is gone', async () => {
      for (let n = 0; n < 50; n += 1) {
        sent += 1;
        await deliver(one, { ...event, id: `e-${sent}`, data: { ...event.data, position: `${xid}-${Number(at) + sent}` } });
      }
      return (await one.metrics.text()).includes('websocket_clients 1');
    }, 30_000);
    await changes(quick, sent);
    expect(quick.socket.readyState).toBe(quick.socket.OPEN);
  });

  test('a message that is too large ends it (1009)', async () => {
    const listener = listen(await replica());
    await listener.hello();
    listener.socket.send('x'.repeat(2000));
    expect((await listener.end()).code).toBe(1009);
  });

  test('a user has so many sockets, and no more (1008)', async () => {
    const one = await replica({ socketsPerUser: 2 });
    const first = listen(one);
    await first.hello();
    await listen(one).hello();
    expect((await listen(one).end()).reason).toBe('too many connections of one user');
    await listen(one, '', { 'x-user-id': 'somebody-else' }).hello();
    first.socket.terminate();
    await until('there is room', async () => (await one.metrics.text()).includes('websocket_clients 2'));
    await listen(one).hello();
  });

  test('at the end of a replica all are sent on (1012)', async () => {
    const one = await replica();
    const listener = listen(one);
    await listener.hello();
    await one.stop();
    expect((await listener.end()).code).toBe(1012);
  });
});

describe('who may not', () => {
  test('nobody is let in without saying who she is (401)', async () => {
    const one = await replica();
    const socket = new WebSocket(`${one.url.replace('http', 'ws')}/live`);
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toBe('Unexpected server response: 401');
  });

  test('a page of another site hears nothing (1008)', async () => {
    const one = await replica();
    const listener = listen(one, `?user=${user()}&after=0-0`, { origin: 'https://evil.example' });
    await make('secret');
    expect(await listener.end()).toEqual({ code: 1008, reason: 'opened by a page of another site' });
    expect(listener.messages).toEqual([]);
  });

  test('only Dapr may deliver (401)', async () => {
    expect((await callerOf((await replica()).url, 'ada')('POST', '/events/task-updates', { body: {} })).status).toBe(401);
  });
});
