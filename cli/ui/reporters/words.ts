import type { Change } from '../../engine/step.ts';

/** `1.2 s`; nothing for what took no time worth telling. */
export function seconds(ms: number): string {
  return ms < 50 ? '' : `${(ms / 1000).toFixed(1)} s`;
}

/** `partitions: 1 → 3, retention`, in one line. */
export function changesText(changes: readonly Change[]): string {
  return changes.map(({ what, from, to }) => (to === undefined ? what : `${what}: ${from ?? 'none'} → ${to}`)).join(', ');
}

/** Cut to the width of a line, with a mark that it was. */
export function cut(text: string, columns: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
