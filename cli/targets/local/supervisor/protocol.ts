import type { Identity } from '../../../io/process-identity.ts';
import type { ProcessSpec, ProcessStatus } from './process-spec.ts';

/** What can be asked of a supervisor: one JSON object per line, one answer per line. */
export type Request =
  | { ask: 'hello' }
  | { ask: 'apply'; specs: ProcessSpec[] }
  | { ask: 'status' }
  | { ask: 'stop' }
  /** To end with its guard but leave all processes to a successor of newer code. */
  | { ask: 'hand over' }
  /** From the guard, which keeps the connection: whose end tells each of the other's. */
  | { ask: 'guard'; guard: Identity };

export type Answer =
  | { ok: true; stopping?: boolean; processes?: ProcessStatus[]; leftovers?: string[] }
  | { ok: false; reason: string };

/** What the guard is told when it is not needed any more. */
export const DISMISSED = 'dismissed';

const LONGEST_LINE = 16 * 1024 * 1024;

/** Cuts a stream of text into lines. Throws when a line has no end. */
export function lines(each: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error('a line without an end');
    parts.filter((line) => line !== '').forEach(each);
  };
}
