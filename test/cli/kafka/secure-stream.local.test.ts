import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KafkaAccess } from '../../../cli/kafka/access.ts';
import { metadata } from '../../../cli/kafka/apis/metadata.ts';
import { openConnection } from '../../../cli/kafka/open.ts';
import { connectTcp } from '../../../cli/kafka/tcp.ts';
import { selfSigned } from '../../support/certificate.ts';
import { ScriptedCluster } from './scripted-broker.ts';

// The scripted broker behind a real TLS listener: the bytes go through as they are.
describe('a broker behind TLS', () => {
  const name = 'broker-1.test';
  const { cert, key } = selfSigned(name);
  const kafka = new ScriptedCluster().topic('orders', [1]);
  const asked: (string | false | null)[] = [];
  const server = createServer({ cert, key }, (socket: TLSSocket) => {
    asked.push(socket.servername);
    socket.on('error', () => undefined);
    void kafka.access.connect({ host: name, port: 9001 }).then((broker) => socket.pipe(broker).pipe(socket));
  });
  let port: number;

  beforeEach(async () => {
    asked.length = 0;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  /** Reached at loopback, but known by the name that it advertises: as behind a port-forward. */
  const access = (tls: KafkaAccess['tls']): KafkaAccess => ({
    ...kafka.access,
    connect: (_, signal, intake) => connectTcp({ host: '127.0.0.1', port }, signal, intake),
    ...(tls && { tls }),
  });
  const ask = async (tls: KafkaAccess['tls'], host = name): Promise<string[]> => {
    const connection = await openConnection(access(tls), { host, port: 9093 });
    const { topics } = await connection.call(metadata, { topics: null });
    connection.close();
    return topics.map((topic) => topic.name);
  };

  test('is believed when its certificate is for the name that the cluster advertises', async () => {
    expect(await ask({ ca: cert })).toEqual(['orders']);
    expect(asked).toEqual([name]);
  });

  test('may be known by another name than the advertised one', async () => {
    expect(await ask({ ca: cert, servername: () => name }, '10.0.0.7')).toEqual(['orders']);
  });

  test('is not believed with a certificate for somebody else', async () => {
    await expect(ask({ ca: cert }, 'broker-2.test')).rejects.toThrow(/broker-2\.test:9093: .*altnames/);
  });

  test('is not believed with a certificate that nobody vouches for', async () => {
    await expect(ask({})).rejects.toThrow(/broker-1\.test:9093: .*self-signed certificate/);
  });

  test('that is spoken to without TLS is no broker', async () => {
    await expect(ask(undefined)).rejects.toThrow(/broker-1\.test:9093/);
  });

  test('that speaks no TLS is said to be lost, not waited for', async () => {
    const plain = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const opening = openConnection({ ...access({ ca: cert }), connect: (_, signal) => connectTcp({ host: '127.0.0.1', port: (plain.address() as AddressInfo).port }, signal) }, { host: name, port: 9093 });
    await expect(opening).rejects.toThrow(/broker-1\.test:9093: /);
    plain.close();
  });
});
