import type { Change } from '../../engine/step.ts';

/** `1.2 s`; nothing for what took no time worth telling. */
export function seconds(ms: number): string {
  return ms < 50 ? '' : `${(ms / 1000).toFixed(1)} s`;
}

/** `partitions: 1 → 3, retention`, in one line. */
export function changesText(changes: readonly Change[]): string {
  return changes.map(({ what, from, to }) => (to === undefined ? what : `${what}: ${from === undefined ? '' : `${from} → `}${to}`)).join(', ');
}

/** What a step would do; its title alone where no more is known than that. */
export function plannedLine(title: string, changes: readonly Change[]): string {
  const [only] = changes;
  return only === undefined || (changes.length === 1 && only.what === title && only.to === undefined) ? title : `${title}: ${changesText(changes)}`;
}

/** Cut to the width of a line, with a mark that it was. */
export function cut(text: string, columns: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
