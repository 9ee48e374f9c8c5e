import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Supervisor } from '../supervisor/client.ts';
import type { ProcessSpec, ProcessStatus } from '../supervisor/process-spec.ts';

/** How long one answer of the supervisor serves all steps that ask, in ms. */
const FRESH_MS = 8;
/** Ends by itself so often: waiting for it does not help. */
const HOPELESS_RESTARTS = 5;

/** The supervisor's status, asked once for the many steps that wait at the same time. */
export interface StatusReader {
  read(supervisor: Supervisor): Promise<ReadonlyMap<string, ProcessStatus>>;
  /** What is read next is asked anew. */
  forget(): void;
}

export function createStatusReader(now: () => number): StatusReader {
  let asked: { at: number; answer: Promise<ReadonlyMap<string, ProcessStatus>> } | undefined;
  return {
    read(supervisor) {
      if (!asked || now() - asked.at > FRESH_MS) {
        asked = { at: now(), answer: supervisor.status().then((all) => new Map(all.map((status) => [status.name, status]))) };
      }
      return asked.answer;
    },
    forget() {
      asked = undefined;
    },
  };
}

/** Whether these processes run as wanted and are ready. */
export type Progress = { is: 'ready' } | { is: 'waiting'; reason: string } | { is: 'hopeless'; error: TodoctlError };

/** `before`: the restarts that each had when it was asked for, so that old troubles do not count. */
export function progressOf(specs: readonly ProcessSpec[], now: ReadonlyMap<string, ProcessStatus>, before: ReadonlyMap<string, number>): Progress {
  const waiting: string[] = [];
  for (const spec of specs) {
    const status = now.get(spec.name);
    if (status?.hash === spec.hash && status.state === 'ready') continue;
    const reason = status?.reason ?? status?.state ?? 'not started yet';
    const restarts = (status?.restarts ?? 0) - (before.get(spec.name) ?? 0);
    if (status?.state === 'failing' && restarts >= HOPELESS_RESTARTS) {
      const next = [`Run todoctl logs ${spec.name} to see what it says.`, 'Then run todoctl deploy again.'];
      return { is: 'hopeless', error: new TodoctlError('TODOCTL_PROCESS_FAILING', { message: `${spec.name} does not become ready`, details: [reason], next }) };
    }
    waiting.push(`${spec.name}: ${reason}`);
  }
  return waiting.length === 0 ? { is: 'ready' } : { is: 'waiting', reason: waiting.join(', ') };
}
