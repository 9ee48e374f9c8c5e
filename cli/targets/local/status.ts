import type { Health } from '../target.ts';
import type { Paths } from './paths.ts';
import { connectSupervisor } from './supervisor/client.ts';
import { isAlive } from './supervisor/identity.ts';
import type { ProcessStatus } from './supervisor/process-spec.ts';
import { readRecord } from './supervisor/record.ts';

/** How each process is: asked of the supervisor, or, where none runs, of its record. Empty when nothing was ever deployed. */
export async function localStatus({ state }: Paths): Promise<Health[]> {
  const supervisor = await connectSupervisor(state);
  if (!supervisor) return fromRecord(state);
  const own = readRecord(state)?.supervisor;
  return [...(own ? [{ name: 'supervisor', kind: 'supervisor', state: 'ready', pid: own.pid, restarts: 0 } as const] : []), ...(await supervisor.status()).map(toHealth)];
}

function toHealth({ hash: _, ...status }: ProcessStatus): Health {
  return status;
}

/** Nobody keeps these running: what lives is said to be failing, because the next crash would be its last. */
function fromRecord(state: string): Health[] {
  const record = readRecord(state);
  if (!record) return [];
  const processes = record.processes.map(({ name, wanted, runs, restarts }): Health => {
    const spec = wanted ?? runs?.spec;
    const alive = runs?.identity && isAlive(runs.identity) ? runs.identity : undefined;
    return {
      name,
      kind: spec?.kind ?? 'service',
      state: alive ? 'failing' : 'stopped',
      reason: alive ? 'runs without a supervisor' : 'ended with the supervisor',
      restarts,
      ...(alive ? { pid: alive.pid } : {}),
      ...(spec?.port === undefined ? {} : { port: spec.port }),
    };
  });
  return [{ name: 'supervisor', kind: 'supervisor', state: 'stopped', reason: 'todoctl deploy starts it again', restarts: 0 }, ...processes];
}
