import { describe, expect, it } from 'vitest';
import { childSpan, NO_TRACE } from '../../../cli/sidecar/trace.ts';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace context', () => {
  it('goes on with the trace of its parent in a span of its own', () => {
    expect(childSpan(PARENT, true)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(childSpan(PARENT, true)).not.toContain('b7ad6b7169203331');
    expect(childSpan(PARENT.replace(/01$/, '00'), true)).toMatch(/-00$/);
  });

  it.each([undefined, '', 'nonsense', NO_TRACE])('begins a trace where the parent is %j', (parent) => {
    const [first, second] = [childSpan(parent, true), childSpan(parent, true)];
    expect(first).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    expect(first).not.toBe(second);
  });

  it('is all zeros where nothing is traced', () => {
    expect(childSpan(PARENT, false)).toBe(NO_TRACE);
  });
});
