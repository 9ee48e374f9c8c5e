// A port-forward against a server that plays the kubelet: what is sent, what comes back, and each way to end.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Kubernetes } from '../../../cli/kubernetes/client.ts';
import { ForwardFailed, forwardPort } from '../../../cli/kubernetes/port-forward.ts';
import { until } from '../../support/until.ts';
import { apiServerThat, type Kubelet } from './forwarding-server.ts';

const TO = { namespace: 'todo', pod: 'todo-kafka-0', port: 9093 };
const forward = async (kubernetes: Kubernetes, signal = new AbortController().signal, pingMs?: number): Promise<Duplex> => {
  const stream = await forwardPort(kubernetes, TO, signal, pingMs);
  onTestFinished(() => void stream.destroy());
  return stream;
};
/** A server whose kubelet is told what to do after it has begun as a real one does. */
const serving = (script: (kubelet: Kubelet) => void): Promise<Kubernetes> => apiServerThat({ forward: (kubelet) => script(kubelet.begin(TO.port)) });
/** How a stream ends: `end`, or the message of its error. */
const ending = (stream: Duplex): Promise<string> =>
  new Promise((resolve) => {
    stream.on('error', (error) => resolve(error.message)).on('end', () => resolve('end')).resume();
  });
const failure = async (promise: Promise<unknown>): Promise<Error> => promise.then(() => new Error('it worked'), (error: Error) => error);

describe('a forward', () => {
  test('is asked for as the API server wants it', async () => {
    const asked = Promise.withResolvers<Kubelet>();
    await forward(await serving(asked.resolve));
    const { path, headers } = await asked.promise;
    expect(path).toBe('/api/v1/namespaces/todo/pods/todo-kafka-0/portforward?ports=9093');
    expect(headers).toMatchObject({ authorization: 'Bearer canary-token', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-protocol': 'v4.channel.k8s.io' });
    expect(Buffer.from(String(headers['sec-websocket-key']), 'base64')).toHaveLength(16);
  });

  test('carries any bytes both ways, however they are cut, without the numbers of ports', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 8 }), async (sent) => {
        const kubernetes = await apiServerThat({
          forward: (kubelet) => {
            kubelet.begin(TO.port).onData = (bytes) => kubelet.send(0, bytes);
          },
        });
        const stream = await forwardPort(kubernetes, TO, new AbortController().signal);
        const all = Buffer.concat(sent);
        const back: Buffer[] = [];
        let length = 0;
        const echoed = new Promise<void>((resolve) => {
          stream.on('data', (chunk: Buffer) => {
            back.push(chunk);
            if ((length += chunk.length) >= all.length) resolve();
          });
          if (all.length === 0) resolve();
        });
        for (const part of sent) stream.write(part);
        await echoed;
        stream.destroy();
        expect(Buffer.concat(back).equals(all)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('bytes that come with the answer of the handshake are not lost', async () => {
    const stream = await forward(await serving((kubelet) => kubelet.send(0, Buffer.from('first words')).raw(8)));
    expect((await buffer(stream)).toString()).toBe('first words');
  });

  test('the number of the port may come in parts, and with the first bytes', async () => {
    const kubernetes = await apiServerThat({ forward: (kubelet) => kubelet.send(0, Buffer.from([0x85])).send(0, Buffer.from('\u0023data')).raw(8) });
    expect((await buffer(await forward(kubernetes))).toString()).toBe('data');
  });

  test('the signal ends the attempt only: what is open stays open', async () => {
    const attempt = new AbortController();
    const kubelet = Promise.withResolvers<Kubelet>();
    const stream = await forward(await serving(kubelet.resolve), attempt.signal);
    attempt.abort(new Error('too late'));
    (await kubelet.promise).send(0, Buffer.from('still here'));
    expect(String((await once(stream, 'data'))[0])).toBe('still here');
  });

  test('an attempt that is given up ends with the reason', async () => {
    const kubernetes = await apiServerThat({ request: () => undefined });
    const attempt = new AbortController();
    const opening = forward(kubernetes, attempt.signal);
    attempt.abort(new Error('given up'));
    expect((await failure(opening)).message).toBe('given up');
  });

  test('twenty at once leave the turns of the client to those that ask', async () => {
    const kubernetes = await apiServerThat({ forward: (kubelet) => void kubelet.begin(TO.port), request: (_, response) => void response.end('{"here":true}') });
    await Promise.all(Array.from({ length: 20 }, () => forward(kubernetes)));
    expect((await kubernetes.ask('/api')).body).toEqual({ here: true });
  });
});

describe('back-pressure', () => {
  test('a reader that does not read stops the server, and gets all when it reads again', async () => {
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(32 * 1024, 7);
    const kubelet = Promise.withResolvers<Kubelet>();
    const stream = await forward(await serving(kubelet.resolve));
    const { socket, send } = await kubelet.promise.then((one) => ({ socket: one.socket, send: () => one.send(0, piece) }));
    for (let sent = 0; sent < total; sent += piece.length) send();
    socket.on('drain', () => undefined);
    stream.once('readable', () => undefined);
    await once(stream, 'readable');
    // The kernel's buffers take some; most of it stays with the server, for as long as one looks.
    let [same, left] = [0, -1];
    await until('the server gets rid of no more', () => {
      same = left === socket.writableLength ? same + 1 : 0;
      left = socket.writableLength;
      return same > 20;
    });
    expect(stream.readableLength).toBeLessThan(4 * 1024 * 1024);
    expect(socket.writableLength).toBeGreaterThan(total / 2);
    let got = 0;
    for await (const chunk of stream) if ((got += (chunk as Buffer).length) >= total) break;
    expect(got).toBe(total);
  });

  test('a writer waits for a server that does not read', async () => {
    const kubelet = Promise.withResolvers<Kubelet>();
    const stream = await forward(await serving(kubelet.resolve));
    (await kubelet.promise).socket.pause();
    const piece = Buffer.alloc(1024 * 1024);
    let told = 0;
    for (let i = 0; i < 64; i++) stream.write(piece, () => told++);
    expect(stream.write(piece)).toBe(false);
    expect(told).toBeLessThan(64);
    (await kubelet.promise).socket.resume();
    await once(stream, 'drain');
    expect(told).toBe(64);
  });
});

describe('the end', () => {
  test('why a port cannot be reached is the reason that the kubelet gives', async () => {
    const kubernetes = await serving((kubelet) => kubelet.send(1, Buffer.from('error forwarding port 9093 to pod x: connection refused\n')).raw(8));
    expect(await ending(await forward(kubernetes))).toBe('todo-kafka-0:9093: error forwarding port 9093 to pod x: connection refused');
  });

  test.each<[string, (kubelet: Kubelet) => void]>([
    ['a close', (kubelet) => void kubelet.raw(8)],
    ['a connection that ends', (kubelet) => void kubelet.socket.end()],
  ])('%s is an end', async (_what, script) => {
    expect(await ending(await forward(await serving(script)))).toBe('end');
  });

  test('a frame that breaks the protocol is an error', async () => {
    expect(await ending(await forward(await serving((kubelet) => void kubelet.socket.write(Buffer.from([0xff, 0x00])))))).toContain('extension');
  });

  test('what goes to other channels is nobody\'s', async () => {
    const stream = await forward(await serving((kubelet) => kubelet.send(7, Buffer.from('noise')).send(0, Buffer.from('data')).raw(8)));
    expect((await buffer(stream)).toString()).toBe('data');
  });

  test('who has written all still reads; who is done lets the server go', async () => {
    const kubelet = Promise.withResolvers<Kubelet>();
    const kubernetes = await serving((one) => {
      one.onData = (question) => one.send(0, Buffer.from(`answer to ${question.toString()}`));
      kubelet.resolve(one);
    });
    const stream = await forward(kubernetes);
    stream.end('question');
    expect(String((await once(stream, 'data'))[0])).toBe('answer to question');
    const gone = once((await kubelet.promise).socket, 'close');
    stream.destroy();
    await gone;
  });
});

describe('keep-alive', () => {
  test('a server that answers stays connected, one that is silent is given up', async () => {
    const answered = Promise.withResolvers<void>();
    const kubernetes = await serving((kubelet) => {
      let pings = 0;
      kubelet.onPing = () => {
        if (++pings <= 5) kubelet.raw(10);
        if (pings === 6) answered.resolve();
      };
    });
    const stream = await forward(kubernetes, undefined, 5);
    const end = ending(stream);
    await answered.promise;
    expect(await end).toContain('has not answered');
  });

  test('a ping is answered with what it says', async () => {
    const kubelet = Promise.withResolvers<Kubelet>();
    await forward(await serving(kubelet.resolve));
    const server = await kubelet.promise;
    server.raw(9, Buffer.from('are you there?'));
    await once(server.socket, 'data');
    expect(server.got).toEqual([{ opcode: 10, payload: Buffer.from('are you there?') }]);
  });
});

describe('what the API server refuses', () => {
  const refusing = (status: number, body: object | string): Promise<Kubernetes> =>
    apiServerThat({ request: (_, response) => void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)) });

  test('no right: which verbs on which resource, and the role that has them', async () => {
    const reason = 'pods "todo-kafka-0" is forbidden: User "reader" cannot create resource "pods/portforward" in API group "" in the namespace "todo"';
    const error = await failure(forward(await refusing(403, { message: reason })));
    expect(error).toMatchObject({ code: 'TODOCTL_FORWARD_FORBIDDEN', exit: 4, details: [reason, 'it takes the verbs get and create on pods/portforward'], next: expect.arrayContaining([expect.stringContaining('role-tail.yaml')]) as unknown });
  });

  test.each([
    [404, { message: 'pods "todo-kafka-0" not found' }, 'todo-kafka-0:9093: pods "todo-kafka-0" not found (404)'],
    [500, 'dial tcp: connection refused', 'todo-kafka-0:9093: dial tcp: connection refused (500)'],
    [200, {}, 'todo-kafka-0:9093: the API server answered a port-forward with a page'],
  ])('%i may pass', async (status, body, message) => {
    const error = await failure(forward(await refusing(status, body)));
    expect([error.constructor, error.message]).toEqual([ForwardFailed, message]);
  });

  test('nobody knows who asks', async () => {
    expect(await failure(forward(await refusing(401, {})))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNAUTHORIZED' });
  });

  test.each([{ 'sec-websocket-protocol': 'v1' }, { 'sec-websocket-accept': 'somebody else' }])('a handshake that is not right: %o', async (handshake) => {
    expect((await failure(forward(await apiServerThat({ handshake })))).message).toContain('not v4.channel.k8s.io');
  });
});
