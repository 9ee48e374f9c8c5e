import { isAlive } from '../../io/process-identity.ts';
import type { Health } from '../target.ts';
import type { Paths } from './paths.ts';
import { connectSupervisor } from './supervisor/client.ts';
import type { ProcessStatus } from './supervisor/process-spec.ts';
import { readRecord } from './supervisor/record.ts';

/** What others stand on comes first. */
const ORDER: readonly Health['kind'][] = ['supervisor', 'database', 'broker', 'sidecar', 'service', 'gateway'];

/** How each process is: asked of the supervisor, or, where none runs, of its record. Empty when nothing was ever deployed. */
export async function localStatus({ state }: Paths): Promise<Health[]> {
  const supervisor = await connectSupervisor(state);
  if (!supervisor) return fromRecord(state);
  const own = readRecord(state)?.supervisor;
  const processes = (await supervisor.status()).map(toHealth);
  return [
    ...(own ? [{ name: 'supervisor', kind: 'supervisor', state: 'ready', pid: own.pid, restarts: 0 } as const] : []),
    ...inOrder(processes.some(({ kind }) => kind === 'gateway') ? processes : [...processes, NO_GATEWAY]),
  ];
}

/** The gateway is asked for last, with all services: without it a deploy has ended half-way, however well the rest may be. */
const NO_GATEWAY: Health = { name: 'gateway', kind: 'gateway', state: 'stopped', reason: 'todoctl deploy did not come this far; run it again', restarts: 0 };

/** Kinds in their order; within a kind as the supervisor was given them, replicas of a service together. */
function inOrder(processes: readonly Health[]): Health[] {
  const group = ({ name }: Health): string => name.replace(/-\d+(\.dapr)?$/, '');
  const groups = [...new Set(processes.map(group))];
  const rank = (health: Health): number => ORDER.indexOf(health.kind) * 1000 + groups.indexOf(group(health));
  return [...processes].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }));
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
  return [{ name: 'supervisor', kind: 'supervisor', state: 'stopped', reason: 'todoctl deploy starts it again', restarts: 0 }, ...inOrder(processes)];
}
