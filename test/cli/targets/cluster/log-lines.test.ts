// Stamps of the kubelet, and how many logs become one: as properties.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeLast, ReadTo, stamped } from '../../../../cli/targets/cluster/log-lines.ts';

/** As Go writes RFC 3339 with nanoseconds: without the zeros at the end. */
function goStamp(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

const begin = 1_795_000_000_000_000_000n;
const time = fc.bigInt({ min: begin, max: begin + 5_000_000_000n });

describe('a stamp', () => {
  test('compares as its time, though zeros at the end are left out', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [one = '', other = ''] = [a, b].map((at) => stamped(`${goStamp(at)} text`)?.stamp);
        expect(one < other).toBe(a < b);
        expect(one === other).toBe(a === b);
      }),
    );
  });

  test.each([
    ['2026-11-21T20:00:00.5Z {"level":30}', '2026-11-21T20:00:00.500000000Z', '{"level":30}'],
    ['2026-11-21T20:00:00Z  indented', '2026-11-21T20:00:00.000000000Z', ' indented'],
    ['2026-11-21T22:00:00.000000001+02:00 east', '2026-11-21T20:00:00.000000001Z', 'east'],
    ['2026-11-21T20:00:00.1Z', '2026-11-21T20:00:00.100000000Z', ''],
  ])('%s', (line, stamp, text) => {
    expect(stamped(line)).toEqual({ stamp, text });
  });

  test.each(['', 'no stamp', 'unable to retrieve container logs for containerd://x'])('none: %j', (line) => {
    expect(stamped(line)).toBeUndefined();
  });
});

describe('many logs', () => {
  const log = fc.array(time, { maxLength: 20 }).map((times) => times.sort((a, b) => Number(a - b)).map((at, index) => ({ stamp: stamped(goStamp(at))?.stamp ?? '', text: String(index) })));

  test('become one in the order of time, the last ones of all; within one log the order stays', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 5 }), fc.nat({ max: 40 }), (logs, count) => {
        const tagged = logs.map((lines, from) => lines.map((line) => ({ ...line, from })));
        const all = mergeLast(tagged, Infinity);
        expect(all).toHaveLength(logs.flat().length);
        for (const [index, line] of all.entries()) if (index > 0) expect((all[index - 1]?.stamp ?? '') <= line.stamp).toBe(true);
        for (const [from, lines] of tagged.entries()) expect(all.filter((line) => line.from === from)).toEqual(lines);
        expect(mergeLast(tagged, count)).toEqual(count === 0 ? [] : all.slice(-count));
      }),
    );
  });
});

describe('a log that is read again', () => {
  test('goes on after what was seen: nothing twice, nothing left out, of lines with one stamp too', () => {
    const few = fc.array(fc.bigInt({ min: 0n, max: 3n }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(few, fc.array(fc.nat({ max: 30 }), { maxLength: 6 }), (steps, breaks) => {
        let at = begin;
        const all = steps.map((step, index) => ({ stamp: stamped(goStamp((at += step * 400_000_000n)))?.stamp ?? '', text: String(index) }));
        const read = new ReadTo();
        const seen: string[] = [];
        for (const length of [...breaks, all.length, all.length]) {
          // The server gives whole seconds, from the beginning of the one that was asked for.
          const { since } = read;
          read.again();
          for (const line of all.filter(({ stamp }) => since === undefined || stamp.slice(0, 19) >= since.slice(0, 19)).slice(0, length)) if (read.take(line)) seen.push(line.text);
        }
        expect(seen).toEqual(all.map(({ text }) => text));
      }),
    );
  });

  test('asks for the second that it was in', () => {
    const read = new ReadTo();
    expect(read.since).toBeUndefined();
    read.take({ stamp: '2026-11-21T20:00:00.999999999Z', text: '' });
    expect(read.since).toBe('2026-11-21T20:00:00Z');
  });
});
