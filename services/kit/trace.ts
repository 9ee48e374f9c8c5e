import { randomBytes } from 'node:crypto';

/** One span's place in a trace (W3C Trace Context, https://www.w3.org/TR/trace-context/). It is handed along, never ambient. */
export interface Trace {
  /** 32 lower-case hex digits, never all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, never all zero. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;

/**
 * Reads a `traceparent` header; undefined where it is absent or invalid. An all-zero id is invalid: real daprd sends one
 * while its tracing is off. A version above 00 may carry more fields, version 00 may not.
 */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = TRACEPARENT.exec(header ?? '');
  if (!match) return undefined;
  const [, version = '', traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (ZERO.test(traceId) || ZERO.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** A trace of its own, for work that nobody asked for. */
export function newTrace(): Trace {
  return { traceId: hex(16), spanId: hex(8), sampled: true };
}

/** The next span in the same trace. */
export function childOf(parent: Trace): Trace {
  return { ...parent, spanId: hex(8) };
}

/** Continues the first of `headers` that is a valid traceparent, else starts a trace. */
export function continueTrace(...headers: (string | undefined)[]): Trace {
  for (const header of headers) {
    const parent = parseTraceparent(header);
    if (parent) return childOf(parent);
  }
  return newTrace();
}

function hex(bytes: number): string {
  const text = randomBytes(bytes).toString('hex');
  return ZERO.test(text) ? hex(bytes) : text;
}
