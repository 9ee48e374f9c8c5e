import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childOf, continueTrace, formatTraceparent, newTrace, parseTraceparent } from '../../../services/kit/trace.ts';

const EXAMPLE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0+$/.test(text));
const trace = fc.record({ traceId: hex(32), spanId: hex(16), sampled: fc.boolean() });

describe('a traceparent', () => {
  it('reads as W3C writes it', () => {
    expect(parseTraceparent(EXAMPLE)).toEqual({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true });
  });

  it('comes back the same from text', () => {
    fc.assert(
      fc.property(trace, (one) => {
        expect(parseTraceparent(formatTraceparent(one))).toEqual(one);
      }),
    );
  });

  it('of a later version may carry more', () => {
    expect(parseTraceparent(`${EXAMPLE.replace('00-', '01-')}-more`)?.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it.each([
    ['is absent', undefined],
    ['is empty', ''],
    ['is all zeros, as daprd sends it with tracing off', '00-00000000000000000000000000000000-0000000000000000-00'],
    ['has no span', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'],
    ['is in capitals', EXAMPLE.toUpperCase()],
    ['is of the forbidden version', EXAMPLE.replace('00-', 'ff-')],
    ['carries more in version 00', `${EXAMPLE}-more`],
    ['is cut short', EXAMPLE.slice(0, -1)],
    ['has a line feed', `${EXAMPLE}\n`],
  ])('is passed over when it %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('never makes the reader throw, whatever comes', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseTraceparent(text)));
  });
});

describe('a trace', () => {
  it('goes on in a child: same trace, same decision to sample, another span', () => {
    fc.assert(
      fc.property(trace, (parent) => {
        const child = childOf(parent);
        expect(child).toMatchObject({ traceId: parent.traceId, sampled: parent.sampled });
        expect(child.spanId).not.toBe(parent.spanId);
        expect(parseTraceparent(formatTraceparent(child))).toEqual(child);
      }),
    );
  });

  it('continues the first header that is valid', () => {
    const zeros = '00-00000000000000000000000000000000-0000000000000000-00';
    expect(continueTrace(zeros, EXAMPLE).traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('begins anew where there is none', () => {
    const one = continueTrace(undefined, 'nonsense');
    expect(parseTraceparent(formatTraceparent(one))).toEqual(one);
    expect(newTrace().traceId).not.toBe(one.traceId);
  });
});
