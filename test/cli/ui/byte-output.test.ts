import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteOutput } from '../../../cli/ui/byte-output.ts';

/** Remembers pieces; each write ends when `release` is called, or at once. */
function collecting(slow = false): { stream: Writable; pieces: string[]; release: () => void } {
  const pieces: string[] = [];
  let waiting: (() => void) | undefined;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk.toString());
      if (slow) waiting = done;
      else done();
    },
  });
  return { stream, pieces, release: () => waiting?.() };
}

test('lines and bytes come out as one piece, each with its newline', async () => {
  const { stream, pieces } = collecting();
  const output = new ByteOutput(stream);
  output.line('zwölf 🙂');
  output.raw(Buffer.from('bytes'));
  output.raw(null);
  await output.flush();
  expect(pieces).toEqual(['zwölf 🙂\nbytes\n\n']);
});

test('nothing is written when there is nothing', async () => {
  const { stream, pieces } = collecting();
  await new ByteOutput(stream).flush();
  expect(pieces).toEqual([]);
});

test('any lines come out whole, however large they are and whenever they are flushed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }), times: fc.integer({ min: 1, max: 3000 }), flush: fc.boolean() }), { maxLength: 6 }), async (lines) => {
      const { stream, pieces } = collecting();
      const output = new ByteOutput(stream);
      for (const { text, times, flush } of lines) {
        output.line(text.repeat(times));
        if (flush) await output.flush();
      }
      await output.flush();
      expect(pieces.join('')).toBe(lines.map(({ text, times }) => `${text.repeat(times)}\n`).join(''));
    }),
    { numRuns: 50 },
  );
});

test('it waits for a slow reader', async () => {
  const { stream, release } = collecting(true);
  const output = new ByteOutput(stream);
  output.line('a');
  let flushed = false;
  const flushing = output.flush().then(() => (flushed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushed).toBe(false);
  release();
  await flushing;
});

test('says when it is worth writing', () => {
  const output = new ByteOutput(collecting().stream);
  output.line('x'.repeat(1024 * 1024));
  expect(output.full).toBe(false);
  output.line('x'.repeat(1024 * 1024));
  expect(output.full).toBe(true);
});

test('a reader that is gone is an error now and ever after', async () => {
  const gone = new Error('EPIPE');
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
  stream.on('error', () => undefined);
  const output = new ByteOutput(stream);
  output.line('a');
  await expect(output.flush()).rejects.toBe(gone);
  await expect(output.flush()).rejects.toBe(gone);
});
