import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frames } from '../../../cli/broker/frames.ts';

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('cutting a stream into frames', () => {
  it('gives the same frames wherever the stream was cut', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(bodies, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(framed));
        const frames = new Frames(100);
        const got: Buffer[] = [];
        for (let at = 0; at < stream.length; ) {
          const size = cuts.next().value as number;
          frames.push(stream.subarray(at, at + size));
          at += size;
          for (let frame = frames.next(); frame; frame = frames.next()) got.push(frame);
        }
        expect(got).toEqual(sent.map((body) => Buffer.from(body)));
        expect(frames.held).toBe(0);
      }),
    );
  });

  it.each([0, -1, -(2 ** 31), 101, 2 ** 31 - 1])('refuses a length of %i before anything of it has come', (size) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(size);
    const frames = new Frames(100);
    frames.push(length);
    expect(() => frames.next()).toThrow(/1 to 100 are taken/);
  });
});
