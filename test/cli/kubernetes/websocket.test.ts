// Framing as properties: whatever is sent comes back the same, wherever the network cuts it; what breaks the protocol is refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokenFrame, encodeFrame, FrameParser, Opcode } from '../../../cli/kubernetes/websocket.ts';

interface Frame {
  opcode: number;
  final?: boolean;
  payload: Uint8Array;
}

/** A frame as a server sends it: no mask. */
function served({ opcode, final = true, payload }: Frame): Buffer {
  const first = (final ? 0x80 : 0) | opcode;
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** Everything that a parser says of these chunks, messages put together again. */
function parsed(chunks: readonly Buffer[]): { messages: Buffer[]; controls: [number, string][] } {
  const messages: Buffer[][] = [];
  const controls: [number, string][] = [];
  const parser = new FrameParser({
    data: (piece, first) => void (first ? messages.push([piece]) : messages.at(-1)?.push(piece)),
    control: (opcode, payload) => void controls.push([opcode, payload.toString('hex')]),
  });
  for (const chunk of chunks) parser.push(chunk);
  return { messages: messages.map((pieces) => Buffer.concat(pieces)), controls };
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** RFC 6455 5.3, byte by byte: as plain as it can be written. */
function unmasked(frame: Buffer): { opcode: number; payload: Buffer } {
  const length = (frame[1] ?? 0) & 0x7f;
  const [size, at] = length < 126 ? [length, 2] : length === 126 ? [frame.readUInt16BE(2), 4] : [Number(frame.readBigUInt64BE(2)), 10];
  const mask = frame.subarray(at, at + 4);
  const payload = Buffer.from(frame.subarray(at + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  expect([(frame[0] ?? 0) & 0xf0, (frame[1] ?? 0) & 0x80, payload.length]).toEqual([0x80, 0x80, size]);
  return { opcode: (frame[0] ?? 0) & 0x0f, payload };
}

const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_001).map((length) => new Uint8Array(length).fill(length & 0xff)));
const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
const places = fc.array(fc.nat(), { maxLength: 12 });

describe('what is sent', () => {
  test('can be unmasked into what was meant, of any length and in any number of parts', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), mask, (parts, key) => {
        const { opcode, payload } = unmasked(encodeFrame(Opcode.binary, parts, key));
        expect(opcode).toBe(Opcode.binary);
        expect(payload.equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('takes no longer header than it needs', () => {
    const headers = [0, 125, 126, 65_535, 65_536].map((length) => encodeFrame(Opcode.binary, [new Uint8Array(length)], new Uint8Array(4)).length - length);
    expect(headers).toEqual([6, 6, 8, 8, 14]);
  });

  test('leaves the buffer that it was made of as it was', () => {
    const given = Buffer.from('given');
    encodeFrame(Opcode.binary, [given], Buffer.from([1, 2, 3, 4]));
    expect(given.toString()).toBe('given');
  });
});

describe('what is read', () => {
  const message = fc.array(bytes, { minLength: 1, maxLength: 4 });
  const control = fc.record({ opcode: fc.constantFrom(Opcode.ping, Opcode.pong), payload: fc.uint8Array({ maxLength: 125 }) });

  test('is the same wherever it is cut, with control frames between the parts of a message', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(message, control), { maxLength: 5 }), places, (sent, cuts) => {
        const frames = sent.flatMap(([parts, between]) =>
          parts.flatMap((payload, index): Frame[] => [{ opcode: index === 0 ? Opcode.binary : Opcode.continuation, final: index === parts.length - 1, payload }, between]),
        );
        const { messages, controls } = parsed(cutAt(Buffer.concat(frames.map(served)), cuts));
        expect(messages.map((one) => one.toString('hex'))).toEqual(sent.map(([parts]) => Buffer.concat(parts).toString('hex')));
        expect(controls).toEqual(sent.flatMap(([parts, { opcode, payload }]) => parts.map(() => [opcode, Buffer.from(payload).toString('hex')])));
      }),
      { numRuns: 200 },
    );
  });

  test('byte by byte too', () => {
    const frames = [{ opcode: Opcode.binary, payload: new Uint8Array(66_000).fill(7) }, { opcode: Opcode.ping, payload: Buffer.from('still there?') }, { opcode: Opcode.binary, payload: Buffer.alloc(0) }];
    const all = Buffer.concat(frames.map(served));
    const { messages, controls } = parsed(Array.from(all, (_, index) => all.subarray(index, index + 1)));
    expect(messages.map(({ length }) => length)).toEqual([66_000, 0]);
    expect(controls).toEqual([[Opcode.ping, Buffer.from('still there?').toString('hex')]]);
  });

  test('is handed on without a copy', () => {
    const chunk = served({ opcode: Opcode.binary, payload: new Uint8Array(1000) });
    const pieces: Buffer[] = [];
    new FrameParser({ data: (piece) => void pieces.push(piece), control: () => undefined }).push(chunk);
    expect(pieces.map((piece) => [piece.buffer === chunk.buffer, piece.length])).toEqual([[true, 1000]]);
  });

  test('a message that is not over is handed on as it comes', () => {
    const whole = served({ opcode: Opcode.binary, payload: Buffer.from('first second') });
    expect(parsed([whole.subarray(0, 7)]).messages.map(String)).toEqual(['first']);
  });
});

describe('what breaks the protocol is refused', () => {
  const broken: [string, Buffer][] = [
    ['a mask', Buffer.from([0x82, 0x80, 1, 2, 3, 4])],
    ['an extension', Buffer.from([0xc2, 0])],
    ['a kind that there is not', Buffer.from([0x83, 0])],
    ['a control frame that there is not', Buffer.from([0x8b, 0])],
    ['a control frame in parts', Buffer.from([0x09, 0])],
    ['a long control frame', served({ opcode: Opcode.ping, payload: new Uint8Array(126) })],
    ['a part of nothing', Buffer.from([0x80, 0])],
    ['a message within a message', Buffer.from([0x02, 0, 0x82, 0])],
    ['a length beyond all numbers', Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ];
  test.each(broken)('%s', (_what, sent) => {
    expect(() => parsed([sent])).toThrow(BrokenFrame);
  });

  test('noise never does anything but be refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        try {
          parsed([Buffer.from(noise)]);
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenFrame);
        }
      }),
    );
  });
});
