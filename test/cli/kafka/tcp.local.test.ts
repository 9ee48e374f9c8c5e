import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectTcp, parseBrokers } from '../../../cli/kafka/tcp.ts';
import { FrameReader } from '../../../cli/kafka/frames.ts';

describe('a TCP connection', () => {
  const server = net.createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
  });
  let accepted: Socket[] = [];
  let port: number;

  beforeEach(async () => {
    accepted = [];
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    for (const socket of accepted) socket.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  const peer = async (): Promise<Socket> => {
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    return accepted[0] as Socket;
  };

  test('reads straight into frames, wherever the network cuts them', async () => {
    const frames: string[] = [];
    const reader = new FrameReader((frame) => frames.push(frame.toString()));
    const stream = await connectTcp({ host: '127.0.0.1', port }, undefined, reader);
    const other = await peer();
    other.setNoDelay(true);
    const bytes = Buffer.concat(['first', 'second frame', 'x'.repeat(300_000)].map((text) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(text.length);
      return Buffer.concat([length, Buffer.from(text)]);
    }));
    for (const [start, end] of [[0, 2], [2, 7], [7, 20], [20, bytes.length]]) {
      other.write(bytes.subarray(start, end));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(frames).toEqual(['first', 'second frame', 'x'.repeat(300_000)]));
    stream.destroy();
  });

  test('gives its bytes as data to whoever has no room of his own', async () => {
    const stream = await connectTcp({ host: '127.0.0.1', port });
    (await peer()).write('hello');
    expect(String((await once(stream, 'data'))[0])).toBe('hello');
    stream.destroy();
  });

  test('says when the other side ends it', async () => {
    const stream = await connectTcp({ host: '127.0.0.1', port }, undefined, new FrameReader(() => undefined));
    (await peer()).end();
    await once(stream, 'close');
  });

  test('stays open when the signal of its making is aborted later', async () => {
    const stop = new AbortController();
    const stream = await connectTcp({ host: '127.0.0.1', port }, stop.signal);
    stop.abort();
    (await peer()).write('still here');
    expect(String((await once(stream, 'data'))[0])).toBe('still here');
    stream.destroy();
  });

  test('is not made when the signal is aborted', async () => {
    await expect(connectTcp({ host: '127.0.0.1', port }, AbortSignal.abort())).rejects.toThrow();
  });

  test('is refused where nobody listens', async () => {
    const [free] = [port];
    server.close();
    await once(server, 'close');
    await expect(connectTcp({ host: '127.0.0.1', port: free })).rejects.toThrow('ECONNREFUSED');
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
});

describe('a list of brokers', () => {
  test.each([
    ['localhost:9092', [{ host: 'localhost', port: 9092 }]],
    ['a:1, b.example.com:65535', [{ host: 'a', port: 1 }, { host: 'b.example.com', port: 65_535 }]],
    ['[::1]:9092', [{ host: '::1', port: 9092 }]],
  ])('%s', (text, addresses) => {
    expect(parseBrokers(text)).toEqual(addresses);
  });

  test.each(['', 'localhost', 'localhost:', ':9092', 'a:1,', 'a:65536', '::1:9092', 'a b:1', 'a:9092:1'])('%j is none', (text) => {
    expect(parseBrokers(text)).toBeUndefined();
  });
});
