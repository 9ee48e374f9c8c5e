import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from '../../../cli/kafka/frames.ts';
import { MalformedFrame } from '../../../cli/kafka/wire.ts';

function framed(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
}

const contents = fc.array(fc.uint8Array({ minLength: 4, maxLength: 60 }).map((bytes) => Buffer.from(bytes)), { maxLength: 8 });

test('frames come out whole, however the stream is cut', () => {
  fc.assert(
    fc.property(contents, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(framed));
      const seen: Buffer[] = [];
      const reader = new FrameReader((frame) => seen.push(frame));
      for (let at = 0, cut = 0; at < stream.length; cut++) {
        const length = cuts[cut % cuts.length] as number;
        reader.push(stream.subarray(at, at + length));
        at += length;
      }
      expect(seen).toEqual(frames);
    }),
  );
});

test('frames come out whole when each is recycled before the next comes', () => {
  fc.assert(
    fc.property(contents, (frames) => {
      const seen: string[] = [];
      const reader: FrameReader = new FrameReader((frame) => {
        seen.push(frame.toString('hex'));
        reader.recycle(frame);
      });
      for (const frame of frames) reader.push(framed(frame));
      expect(seen).toEqual(frames.map((frame) => frame.toString('hex')));
    }),
  );
});

test('a recycled buffer is used again', () => {
  const seen: Buffer[] = [];
  const reader = new FrameReader((frame) => seen.push(frame));
  reader.push(framed(Buffer.alloc(100, 1)));
  reader.recycle(seen[0] as Buffer);
  reader.push(framed(Buffer.alloc(60, 2)));
  expect(seen[1]?.buffer).toBe(seen[0]?.buffer);
  expect(seen[1]).toEqual(Buffer.alloc(60, 2));
});

test.each([
  ['larger than is taken', 1001],
  ['negative', -1],
  ['too short for a correlation id', 3],
])('a length that is %s is refused before its bytes come', (_, length) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  expect(() => new FrameReader(() => undefined, 1000).push(bytes)).toThrow(MalformedFrame);
});
