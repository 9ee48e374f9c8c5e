// What a connection string says of TLS, tried on a server that speaks just enough of PostgreSQL.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { asLibpqReads } from '../../../services/kit/database-url.ts';
import { openDatabase } from '../../../services/kit/database.ts';
import { listen } from '../../../services/kit/listener.ts';
import { selfSigned } from '../../support/certificate.ts';

/** Signed in, and ready for a query; a query is done, and ready for another. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const DONE = Buffer.from([0x43, 0, 0, 0, 11, ...Buffer.from('SELECT\0'), 0x5a, 0, 0, 0, 5, 0x49]);

const identity = selfSigned('somewhere.else.example.com');
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  // The first eight bytes ask for TLS.
  socket.once('data', () => {
    socket.write('S');
    const secure = new TLSSocket(socket, { isServer: true, ...identity });
    secure.on('error', () => undefined);
    secure.once('data', () => {
      secure.write(WELCOME);
      secure.on('data', () => secure.write(DONE));
    });
  });
});
let address = '';
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `postgresql://todo:secret@127.0.0.1:${(server.address() as AddressInfo).port}/todo`;
});
afterAll(() => void server.close());

describe('a database whose certificate nobody signed whom this machine trusts', () => {
  const asked = async (url: string): Promise<string> => {
    const database = openDatabase({ url, schema: 'audit' });
    const answer = await database.query('SELECT').then(() => 'answers', (error: unknown) => (error as { code?: string }).code ?? String(error));
    await database.close();
    return answer;
  };

  test('is encrypted to where that is all that is asked for', async () => {
    expect(await asked(`${address}?sslmode=require`)).toBe('answers');
  });

  test('is encrypted to where the environment says so and the address nothing', async () => {
    vi.stubEnv('PGSSLMODE', 'no-verify');
    expect(await asked(address)).toBe('answers');
    vi.unstubAllEnvs();
    expect(await asked(address)).not.toBe('answers');
  });

  test('is refused where its name is asked for', async () => {
    expect(await asked(`${address}?sslmode=verify-full`)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('is listened to as it is asked', async () => {
    const awake = Promise.withResolvers<string>();
    const listener = listen({ url: `${address}?sslmode=require`, channel: 'outbox', clock: systemClock, onWake: () => awake.resolve('awake') });
    expect(await awake.promise).toBe('awake');
    await listener.close();
  });
});

test.each([
  ['postgres://a:b@c/d', 'postgres://a:b@c/d'],
  ['postgres://a:b@c/sslmode', 'postgres://a:b@c/sslmode'],
  ['postgres://a:b@c/d?application_name=x&sslmode=require', 'postgres://a:b@c/d?application_name=x&sslmode=require&uselibpqcompat=true'],
  ['postgres://a:b@c/d?uselibpqcompat=true&sslmode=require', 'postgres://a:b@c/d?uselibpqcompat=true&sslmode=require'],
])('%s is read as %s', (url, read) => expect(asLibpqReads(url)).toBe(read));
