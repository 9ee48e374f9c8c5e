import { duplexPair } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import type { Api } from '../../../cli/kafka/apis/api.ts';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { Connection } from '../../../cli/kafka/connection.ts';
import { ConnectionLost } from '../../../cli/kafka/failures.ts';
import { FrameReader, MAX_FRAME } from '../../../cli/kafka/frames.ts';
import { MalformedFrame, Reader } from '../../../cli/kafka/wire.ts';

const echo: Api<string, string> = {
  name: 'Echo', key: ApiKey.metadata, min: 2, max: 5, flexible: 5,
  encode: (writer, request) => void writer.string(request),
  decode: (reader) => reader.string(),
};

/** A connection and the other end of it: the frames that came, and a way to answer. */
function connected(): { connection: Connection; frames: Buffer[]; writes: number[]; answer: (correlation: number, text: string, flexible?: boolean) => void; raw: (bytes: Buffer) => void; end: () => void } {
  const [ours, theirs] = duplexPair();
  const frames: Buffer[] = [];
  const writes: number[] = [];
  const reader = new FrameReader((frame) => frames.push(Buffer.from(frame)));
  theirs.on('data', (chunk: Buffer) => {
    writes.push(chunk.length);
    reader.push(chunk);
  });
  const raw = (bytes: Buffer): void => void theirs.write(bytes);
  const answer = (correlation: number, text: string, flexible = false): void => {
    const body = Buffer.concat([Buffer.from(flexible ? [0] : []), Buffer.from([0, text.length]), Buffer.from(text)]);
    const head = Buffer.alloc(8);
    head.writeInt32BE(body.length + 4);
    head.writeInt32BE(correlation, 4);
    raw(Buffer.concat([head, body]));
  };
  return { connection: new Connection('broker:1').over(ours), frames, writes, answer, raw, end: () => theirs.end() };
}

describe('requests', () => {
  test('are one write each, with length, api, version, correlation id and client', async () => {
    const { connection, frames, writes, answer } = connected();
    const asked = connection.call(echo, 'hi');
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    const frame = new Reader(frames[0] as Buffer);
    expect([frame.int16(), frame.int16(), frame.int32(), frame.nullableString(), frame.string(), frame.left]).toEqual([3, 2, 0, 'todoctl', 'hi', 0]);
    expect(writes).toEqual([(frames[0] as Buffer).length + 4]);
    answer(0, 'ho');
    expect(await asked).toBe('ho');
  });

  test('are pipelined, and each gets its own answer', async () => {
    const { connection, answer } = connected();
    const all = Promise.all([connection.call(echo, 'a'), connection.call(echo, 'b'), connection.call(echo, 'c')]);
    for (const [id, text] of ['A', 'B', 'C'].entries()) answer(id, text);
    expect(await all).toEqual(['A', 'B', 'C']);
  });

  test('of a flexible version have the longer headers', async () => {
    const { connection, frames, answer } = connected();
    connection.versions.set(ApiKey.metadata, { min: 0, max: 9 });
    const asked = connection.call(echo, 'hi');
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    const frame = new Reader(frames[0] as Buffer);
    expect([frame.int16(), frame.int16(), frame.int32(), frame.nullableString(), frame.uvarint(), frame.string()]).toEqual([3, 5, 0, 'todoctl', 0, 'hi']);
    answer(0, 'ho', true);
    expect(await asked).toBe('ho');
  });
});

describe('the version', () => {
  test.each([
    ['the highest that both speak', { min: 0, max: 3 }, 3],
    ['ours when the broker speaks higher ones', { min: 4, max: 12 }, 5],
  ])('is %s', (_, range, version) => {
    const { connection } = connected();
    connection.versions.set(ApiKey.metadata, range);
    expect(connection.version(echo)).toBe(version);
  });

  test.each([
    ['too new', { min: 6, max: 9 }],
    ['too old', { min: 0, max: 1 }],
  ])('that a broker speaks can be %s', (_, range) => {
    const { connection } = connected();
    connection.versions.set(ApiKey.metadata, range);
    expect(() => connection.version(echo)).toThrow(`broker:1 speaks Echo ${range.min} to ${range.max}, todoctl 2 to 5`);
  });
});

describe('a connection is lost for everyone who waits', () => {
  test('when the broker ends it', async () => {
    const { connection, end } = connected();
    const both = Promise.allSettled([connection.call(echo, 'a'), connection.call(echo, 'b')]);
    end();
    for (const result of await both) expect(result).toMatchObject({ status: 'rejected', reason: expect.any(ConnectionLost) as ConnectionLost });
    expect(connection.open).toBe(false);
    await expect(connection.call(echo, 'later')).rejects.toThrow('broker:1 closed the connection');
  });

  test('when an answer takes too long', async () => {
    const { connection } = connected();
    await expect(connection.call(echo, 'a', 5)).rejects.toThrow('broker:1 did not answer Echo within 5 ms');
    expect(connection.open).toBe(false);
  });

  test.each([
    ['answers what nobody asked', (c: ReturnType<typeof connected>) => c.answer(7, 'x')],
    ['sends a frame that is too large', (c: ReturnType<typeof connected>) => c.raw(sized(MAX_FRAME + 1))],
    ['answers what does not read', (c: ReturnType<typeof connected>) => c.raw(Buffer.from('0000000600000000ffff', 'hex'))],
  ])('when the broker %s', async (_, misbehave) => {
    const peer = connected();
    const asked = peer.connection.call(echo, 'a');
    misbehave(peer);
    await expect(asked).rejects.toThrow(MalformedFrame);
    expect(peer.connection.open).toBe(false);
  });

  test('when we close it', async () => {
    const { connection } = connected();
    const asked = connection.call(echo, 'a');
    connection.close();
    await expect(asked).rejects.toThrow(ConnectionLost);
  });
});

function sized(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}
