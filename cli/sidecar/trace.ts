import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** What daprd writes where it traces nothing. */
export const NO_TRACE = '00-00000000000000000000000000000000-0000000000000000-00';

/**
 * The `traceparent` of a new span under `parent`, as W3C Trace Context says; a new trace when there is no valid parent.
 * With tracing off (samplingRate "0" or no tracing block) daprd propagates nothing.
 */
export function childSpan(parent: string | undefined, tracing: boolean): string {
  if (!tracing) return NO_TRACE;
  const span = randomBytes(8).toString('hex');
  const found = TRACEPARENT.exec(parent ?? '');
  if (!found || /^0+$/.test(found[1] as string)) return `00-${randomBytes(16).toString('hex')}-${span}-01`;
  return `00-${found[1]}-${span}-${found[3]}`;
}
