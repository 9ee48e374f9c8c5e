import { readdirSync, readFileSync } from 'node:fs';
import { hasProc } from '../../../io/process-identity.ts';

const STATE = 'TODOCTL_STATE';
const PROCESS = 'TODOCTL_PROCESS';

/** The environment variables by which a process is known as ours, even when the supervisor died before it could note its pid. */
export function markOf(stateDir: string, name: string): Record<string, string> {
  return { [STATE]: stateDir, [PROCESS]: name };
}

export interface Marked {
  pid: number;
  name: string;
  /** Its parent bears the mark too: it is not what the supervisor started, but a child of that. */
  inner: boolean;
}

/** All live processes with the mark of a state directory, from /proc; none where there is no /proc. */
export function findMarked(stateDir: string): Marked[] {
  if (!hasProc()) return [];
  const found = new Map<number, { name: string; parent: number }>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const name = markedName(entry, stateDir);
    if (name !== undefined) found.set(Number(entry), { name, parent: parentOf(entry) });
  }
  return [...found].map(([pid, { name, parent }]) => ({ pid, name, inner: found.has(parent) }));
}

function markedName(pid: string, stateDir: string): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!variables.includes(`${STATE}=${stateDir}`)) return undefined;
    return variables.find((variable) => variable.startsWith(`${PROCESS}=`))?.slice(PROCESS.length + 1);
  } catch {
    // Another user's, or gone meanwhile.
    return undefined;
  }
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
