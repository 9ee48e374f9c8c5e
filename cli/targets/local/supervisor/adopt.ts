import { bootId, identify, isAlive } from '../../../io/process-identity.ts';
import { adoptChild, type Child } from './child.ts';
import { findMarked } from './marks.ts';
import type { ProcessRecord, SupervisorRecord } from './record.ts';
import type { ProcessSpec } from './process-spec.ts';

/** What an earlier supervisor of this run of the machine left. After a reboot nothing of a record is true any more. */
export function leftBy(record: SupervisorRecord | undefined): SupervisorRecord | undefined {
  return record?.supervisor.boot === bootId() ? record : undefined;
}

/** The process of a record's entry if it still runs: by its pid and start, or, where it died before noting them, by its mark. */
export function findRunning(entry: ProcessRecord, stateDir: string): { spec: ProcessSpec; child: Child } | undefined {
  if (!entry.runs) return undefined;
  const { spec, identity } = entry.runs;
  if (identity) return isAlive(identity) ? { spec, child: adoptChild(identity) } : undefined;
  const marked = findMarked(stateDir).find((found) => found.name === entry.name && !found.inner);
  const found = marked && identify(marked.pid);
  return found ? { spec, child: adoptChild(found) } : undefined;
}
