import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { appClient, type AppClient } from '../../../../cli/sidecar/app/app-client.ts';
import { invoke } from '../../../../cli/sidecar/http/invoke.ts';
import { listen } from '../../../../cli/sidecar/http/server.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import { Resiliency } from '../../../../cli/sidecar/resources/resiliency.ts';
import { TestApp } from '../../../contract/dapr/test-app.ts';
import { freePorts } from '../../../support/free-ports.ts';
import { documentOf } from '../resources/documents.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const QUICK = '{ policies: { retries: { r: { duration: 5ms, maxRetries: 3, matching: { httpStatusCodes: "500-599" } } }, timeouts: { short: 100ms } }, targets: { apps: { callee: { retry: r }, slow: { timeout: short } } } }';

/** A sidecar with nothing but invocation, in front of these replicas. */
async function sidecar(replicas: Record<string, readonly number[]>, spec = '{}'): Promise<string> {
  const [port] = (await freePorts(1)) as [number];
  const clients = new Map<string, AppClient[]>(Object.entries(replicas).map(([appId, ports]) => [appId, ports.map((one) => appClient(one, undefined))]));
  const resiliency = new Resiliency([documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: todo }\nspec: ${spec}`)]);
  const fallback = invoke({ appId: 'caller', apps: (appId) => clients.get(appId) ?? [], resiliency, tracing: true, clock: systemClock, stop: new AbortController().signal });
  const server = await listen({ port, apiToken: undefined, find: () => undefined, fallback, log: jsonLog({ name: 'sidecar', level: 'error', write: () => undefined }) });
  cleanups.push(() => server.close(), () => clients.forEach((all) => all.forEach((client) => client.close())));
  return `http://127.0.0.1:${port}/v1.0/invoke`;
}

/** A body of unknown length. */
const chunked = (text: string): ReadableStream => ReadableStream.from([...text].map((letter) => Buffer.from(letter)));

async function app(): Promise<TestApp> {
  const made = await TestApp.listen();
  cleanups.push(() => made.close());
  return made;
}

describe('invocation', () => {
  it('asks the next replica when one does not listen', async () => {
    const alive = await app();
    const [dead] = (await freePorts(1)) as [number];
    const url = await sidecar({ callee: [dead, alive.port] });
    // Both turns: the one that begins with the dead replica and the one that does not; with a length and without.
    for (const body of ['kept', 'whole', chunked('in parts'), chunked('every one')]) {
      const answer = await fetch(`${url}/callee/method/x`, { method: 'POST', body, duplex: 'half' });
      expect(answer.status).toBe(200);
    }
    expect(alive.seen('/x').map(({ text }) => text)).toEqual(['kept', 'whole', 'in parts', 'every one']);
  });

  it('tries again by the policy of the app, with the whole body each time', async () => {
    const callee = await app();
    callee.on('/x', () => ({ status: callee.seen('/x').length < 3 ? 503 : 200, body: 'answer' }));
    const url = await sidecar({ callee: [callee.port] }, QUICK);
    const answer = await fetch(`${url}/callee/method/x`, { method: 'POST', body: 'again and again' });
    expect([answer.status, await answer.text()]).toEqual([200, 'answer']);
    expect(callee.seen('/x').map(({ text }) => text)).toEqual(['again and again', 'again and again', 'again and again']);
  });

  it('passes the last answer on when the policy is exhausted, and at once what the policy does not retry', async () => {
    const callee = await app();
    callee.on('/fails', () => ({ status: 500, body: 'still broken' }));
    callee.on('/missing', () => ({ status: 404, body: 'not here' }));
    const url = await sidecar({ callee: [callee.port] }, QUICK);
    const failed = await fetch(`${url}/callee/method/fails`, { method: 'POST', body: '{}' });
    expect([failed.status, await failed.text(), callee.seen('/fails').length]).toEqual([500, 'still broken', 4]);
    const missing = await fetch(`${url}/callee/method/missing`);
    expect([missing.status, await missing.text(), callee.seen('/missing').length]).toEqual([404, 'not here', 1]);
  });

  it('gives up at the deadline of the app', async () => {
    const slow = await app();
    slow.on('/x', () => new Promise(() => undefined));
    const url = await sidecar({ slow: [slow.port] }, QUICK);
    const answer = await fetch(`${url}/slow/method/x`);
    expect([answer.status, ((await answer.json()) as { errorCode: string }).errorCode]).toEqual([500, 'ERR_DIRECT_INVOKE']);
  });

  it('strips the headers that belong to one connection, both ways', async () => {
    const callee = await app();
    callee.on('/x', () => ({ headers: { connection: 'x-inner', 'x-inner': '1', 'x-outer': '2' } }));
    const url = new URL(await sidecar({ callee: [callee.port] }));
    const outgoing = request({ host: '127.0.0.1', port: url.port, path: '/v1.0/invoke/callee/method/x', headers: { connection: 'close, x-secret', 'x-secret': '1', te: 'trailers', 'x-kept': '2' } });
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    incoming.resume();
    expect(callee.seen('/x')[0]?.headers).toMatchObject({ 'x-kept': '2' });
    for (const name of ['x-secret', 'te']) expect(callee.seen('/x')[0]?.headers).not.toHaveProperty(name);
    expect(incoming.headers).toMatchObject({ 'x-outer': '2' });
    expect(incoming.headers).not.toHaveProperty('x-inner');
  });

  it('passes an answer on as it comes, and breaks off with it', async () => {
    let finish = (): void => undefined;
    const server = createServer((incoming, outgoing) => {
      outgoing.write('first');
      finish = () => (incoming.url === '/whole' ? outgoing.end(' last') : outgoing.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const url = await sidecar({ callee: [(server.address() as AddressInfo).port] });
    const stream = async (path: string): Promise<string> => {
      const answer = await fetch(`${url}/callee/method/${path}`);
      let text = '';
      for await (const part of answer.body as AsyncIterable<Uint8Array>) {
        text += Buffer.from(part).toString('utf8');
        finish();
      }
      return text;
    };
    expect(await stream('whole')).toBe('first last');
    await expect(stream('broken')).rejects.toThrow();
  });

  it('takes the app from Basic authentication, as daprd does', async () => {
    const callee = await app();
    const url = (await sidecar({ callee: [callee.port] })).replace('/v1.0/invoke', '');
    await fetch(`${url}/by/basic?q=1`, { headers: { authorization: `Basic ${Buffer.from('dapr-app-id:callee').toString('base64')}` } });
    expect(callee.seen('/by/basic')[0]?.url).toBe('/by/basic?q=1');
    expect((await fetch(`${url}/by/basic`, { headers: { authorization: `Basic ${Buffer.from('someone:else').toString('base64')}` } })).status).toBe(404);
  });

  it('lets no path climb out of the app', async () => {
    const callee = await app();
    const url = await sidecar({ callee: [callee.port] });
    await fetch(`${url}/callee/method/a/%2e%2e/b`);
    expect(callee.seen('/b')).toHaveLength(1);
  });
});
