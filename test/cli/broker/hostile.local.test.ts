import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { spoken } from '../../../cli/broker/dispatch.ts';
import { LATEST } from '../../../cli/kafka/apis/list-offsets.ts';
import { Writer } from '../../../cli/kafka/wire.ts';
import { batchOf, address, Client, tcp, texts, values } from '../../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../../contract/kafka/embedded.ts';

const MIB = 1024 * 1024;

describe('whatever comes over the wire', () => {
  let broker: EmbeddedKafka;
  let client: Client;
  let topic: string;
  beforeAll(async () => {
    broker = await startEmbedded();
    client = await Client.dial(broker.bootstrap);
    topic = await client.newTopic(2);
    await client.produce(topic, values('here before'));
  });
  afterEach(async () => {
    // Others were served all the while, and nothing was lost or added.
    expect(texts(await client.read(topic))).toEqual(['here before']);
    // Refusals are warnings; an error would be a bug that a frame has found.
    expect(broker.logged.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
  });
  afterAll(async () => {
    client.close();
    await broker.stop();
  });

  /** Sends bytes on a connection of their own and ends it; resolves when the broker has closed its side. */
  const send = async (bytes: Buffer): Promise<void> => {
    const socket = await tcp(address(broker.bootstrap));
    const closed = once(socket, 'close');
    // A reset by the broker is one of the right answers.
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(bytes);
    await closed;
  };

  const framed = (body: Buffer): Buffer => Buffer.concat([new Writer().int32(body.length).done(), body]);
  const bytes = fc.uint8Array({ maxLength: 300 }).map((drawn) => Buffer.from(drawn));
  const versions = spoken().flatMap(({ key, min, max }) => Array.from({ length: max - min + 1 }, (_, index) => ({ key, version: min + index })));
  const known = fc.constantFrom(...versions);
  const header = (key: number, version: number): Buffer => new Writer().int16(key).int16(version).int32(1).string('fuzz').done();

  it('random bytes never bring it down', async () => {
    await fc.assert(fc.asyncProperty(bytes, send), { numRuns: 150 });
  });

  it('frames of random bytes never bring it down', async () => {
    await fc.assert(fc.asyncProperty(bytes, (body) => send(framed(body))), { numRuns: 150 });
  });

  it('requests that it speaks, with random bodies, never bring it down', async () => {
    await fc.assert(fc.asyncProperty(known, bytes, ({ key, version }, body) => send(framed(Buffer.concat([header(key, version), body])))), { numRuns: 600 });
  });

  it('bodies with impossible lengths and counts never bring it down', async () => {
    const numbers = fc.array(fc.constantFrom(0, 1, -1, 2, 0x7f, 0x7fff, 0x7fffffff, -0x80000000, 0xffff), { maxLength: 12 });
    const body = numbers.map((drawn) => drawn.reduce((writer, value) => writer.int32(value | 0), new Writer()).done());
    await fc.assert(fc.asyncProperty(known, body, ({ key, version }, drawn) => send(framed(Buffer.concat([header(key, version), drawn])))), { numRuns: 400 });
  });

  it('right requests that are cut or have one byte changed never bring it down', async () => {
    const batch = batchOf(values('never taken'));
    const right = [
      new Writer().raw(header(0, 7)).string(null).int16(-1).int32(1000).int32(1).string('no-such-topic').int32(1).int32(0).bytes(batch).done(),
      new Writer().raw(header(1, 11)).int32(-1).int32(1).int32(1).int32(1000).int8(0).int32(0).int32(-1).int32(1).string(topic).int32(1).int32(0).int32(-1).int64(0n).int64(-1n).int32(1000).int32(0).string('').done(),
      new Writer().raw(header(11, 4)).string('fuzz').int32(6000).int32(6000).string('').string('consumer').int32(1).string('range').bytes(Buffer.from('m')).done(),
      new Writer().raw(header(3, 8)).int32(1).string(topic).boolean(true).boolean(false).boolean(false).done(),
      new Writer().raw(header(8, 6)).string('fuzz').int32(-1).string('').int32(1).string('no-such-topic').int32(1).int32(0).int64(1n).int32(-1).string('').done(),
      new Writer().raw(header(60, 0)).tags().boolean(false).tags().done(),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...right), fc.nat(), fc.nat({ max: 255 }), fc.boolean(), async (request, place, value, cut) => {
        const at = 10 + (place % (request.length - 10));
        const spoilt = Buffer.from(cut ? request.subarray(0, at) : request);
        if (!cut) spoilt[at] = value;
        await send(framed(spoilt));
      }),
      { numRuns: 400 },
    );
  });

  it('a frame that only promises to be large costs no memory', async () => {
    const before = process.memoryUsage();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => tcp(address(broker.bootstrap))));
    for (const socket of sockets) socket.write(new Writer().int32(30 * MIB).int16(0).done());
    await client.produce(topic, values('a round trip, so that all have arrived'), { partition: 1 });
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(30 * MIB);
    for (const socket of sockets) socket.destroy();
  });

  it('a frame that is too large ends its connection', async () => {
    await send(new Writer().int32(2 ** 31 - 1).done());
    await send(new Writer().int32(-5).done());
    expect(broker.logged.at(-1)).toContain('a frame of -5 bytes');
  });

  it('a request that it does not speak ends its connection, and it says which', async () => {
    await send(framed(header(68, 0)));
    expect(broker.logged.at(-1)).toContain('request 68 is not spoken here');
    await send(framed(header(0, 99)));
    expect(broker.logged.at(-1)).toContain('request 0 is spoken in versions 3 to 8, not 99');
  });

  it('a client that asks and never reads does not fill the memory', async () => {
    const large = await client.newTopic();
    for (let n = 0; n < 20; n++) await client.produce(large, values('x'.repeat(900_000)));
    const before = process.memoryUsage().arrayBuffers;
    const socket = await tcp(address(broker.bootstrap));
    socket.pause();
    const ask = new Writer().raw(header(1, 4)).int32(-1).int32(0).int32(0).int32(16 * MIB).int8(0).int32(1).string(large).int32(1).int32(0).int64(0n).int32(16 * MIB).done();
    for (let n = 0; n < 200; n++) socket.write(framed(ask));
    for (let n = 0; n < 20; n++) await client.offsetAt(large, LATEST);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * MIB);
    socket.destroy();
  });
});
