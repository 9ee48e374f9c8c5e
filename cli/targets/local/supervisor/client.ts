import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { type Identity, isAlive } from '../../../io/process-identity.ts';
import { leftBy } from './adopt.ts';
import { ask } from './ask.ts';
import { codeOf, startInBackground } from './background.ts';
import { lastWords, logPath, logSize } from './logs.ts';
import type { ProcessSpec, ProcessStatus } from './process-spec.ts';
import type { Answer, Request } from './protocol.ts';
import { readRecord, type SupervisorRecord } from './record.ts';

const ANSWER_MS = 5000;
/** A stop may wait for each process's grace in turn; as long as the step that asks for it. */
const STOP_MS = 180_000;
/** How long a killed supervisor's guard is given to bring it back, or one that is starting to answer. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 5;

/** A supervisor that runs in the background, asked over its socket. */
export interface Supervisor {
  /**
   * Makes `specs` the whole of what runs: starts what is new, restarts what has another hash, stops what is not among them.
   * Returns when that is accepted and recorded; `status` tells how far it is. What is failing is tried again at once.
   */
  apply(specs: readonly ProcessSpec[]): Promise<void>;
  status(): Promise<ProcessStatus[]>;
  /**
   * Ends all processes, dependants first, then the supervisor and its guard; returns when pids are gone and ports are free.
   * Throws TODOCTL_STOP_INCOMPLETE with what is left.
   */
  stop(): Promise<void>;
}

/**
 * The supervisor of a state directory, or undefined when none runs. Processes may run without one (when both it and its
 * guard were killed); `startSupervisor` finds them again, so whoever wants to end them starts one wherever there is a record.
 */
export async function connectSupervisor(stateDir: string): Promise<Supervisor | undefined> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const record = leftBy(readRecord(stateDir));
    if (!record || !(isAlive(record.supervisor) || (record.guard && isAlive(record.guard)))) return undefined;
    if ((await greet(record)) !== 'silent') return client(stateDir);
    if (Date.now() > deadline) throw failed(stateDir);
    await sleep(LOOK_MS);
  }
}

/** False when the supervisor that runs was started from an older build, or is ending everything: then `startSupervisor` sees to another one. */
export function isCurrent({ stateDir, script }: { stateDir: string; script: string }): boolean {
  const record = leftBy(readRecord(stateDir));
  return record !== undefined && !record.stopping && record.code === codeOf(path.resolve(script));
}

/** The supervisor of a state directory, started in the background when none runs. `script` is dist/processes/supervisor.js. */
export async function startSupervisor(given: { stateDir: string; node: string; script: string }): Promise<Supervisor> {
  mkdirSync(given.stateDir, { recursive: true });
  const stateDir = realpathSync(given.stateDir);
  const logFrom = logSize(logPath(stateDir, 'supervisor'));
  const script = path.resolve(given.script);
  let deadline = Date.now() + PATIENCE_MS;
  let start: Start | undefined;
  for (;;) {
    const record = leftBy(readRecord(stateDir));
    const how = record && isAlive(record.supervisor) ? await greet(record) : 'absent';
    // Should another one have been quicker, ours ends by itself. Left behind, it might find the lock free again later.
    const settled = !start || start.code !== undefined || start.pid === record?.supervisor.pid;
    if (how === 'ready' && settled) {
      if (record?.code === codeOf(script)) return client(stateDir);
      // Built anew since it was started: its successor takes the processes over as they run.
      if (record) await handOver(record);
      continue;
    }
    // One that is ending everything is let finish, however long that takes.
    if (how === 'ending') deadline = Date.now() + PATIENCE_MS;
    // Code 0: the lock was with another one, which then ended.
    if (how === 'absent' && (!start || start.code === 0)) start = startOne({ node: given.node, script, stateDir });
    if (start?.code || Date.now() > deadline) throw failed(stateDir, logFrom);
    await sleep(LOOK_MS);
  }
}

interface Start {
  pid: number | undefined;
  /** What it ended with; undefined while it runs. */
  code: number | undefined;
}

function startOne(given: { stateDir: string; node: string; script: string }): Start {
  const started = startInBackground({ ...given, as: 'supervisor' });
  const start: Start = { pid: started.pid, code: undefined };
  started.once('exit', (code) => { start.code = code ?? 1; });
  started.once('error', () => { start.code = 1; });
  return start;
}

async function greet(record: SupervisorRecord): Promise<'ready' | 'ending' | 'silent'> {
  const answer = await ask(record.socket, { ask: 'hello' }, ANSWER_MS).catch(() => undefined);
  if (!answer?.ok) return 'silent';
  return answer.stopping ? 'ending' : 'ready';
}

/** Returns when it is gone, or is ending everything. Throws TODOCTL_SUPERVISOR_REFUSED when it stays: its build may not know this. */
async function handOver(record: SupervisorRecord): Promise<void> {
  const { socket, supervisor, guard } = record;
  const answer = await ask(socket, { ask: 'hand over' }, ANSWER_MS).catch(() => undefined);
  if (answer?.ok !== false) await vanished([supervisor, guard]);
  if (!isAlive(supervisor) || (await greet(record)) === 'ending') return;
  const reason = answer?.ok === false ? answer.reason : 'it does not end';
  throw new TodoctlError('TODOCTL_SUPERVISOR_REFUSED', { message: `The supervisor of another build (pid ${supervisor.pid}) does not hand over: ${reason}` });
}

function client(stateDir: string): Supervisor {
  const get = async (request: Request, ms: number): Promise<Answer & { ok: true }> => {
    const answer = await askPatiently(stateDir, request, ms);
    if (answer.ok) return answer;
    throw new TodoctlError('TODOCTL_SUPERVISOR_REFUSED', { message: `The supervisor refused: ${answer.reason}` });
  };
  return {
    apply: async (specs) => void (await get({ ask: 'apply', specs: [...specs] }, ANSWER_MS)),
    status: async () => (await get({ ask: 'status' }, ANSWER_MS)).processes ?? [],
    stop: async () => {
      const record = readRecord(stateDir);
      const { leftovers = [] } = await get({ ask: 'stop' }, STOP_MS);
      await vanished([record?.supervisor, record?.guard]);
      if (leftovers.length > 0) throw new TodoctlError('TODOCTL_STOP_INCOMPLETE', { details: leftovers });
    },
  };
}

/** Asks until there is an answer: a supervisor that was killed is brought back by its guard. */
async function askPatiently(stateDir: string, request: Request, ms: number): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS + ms;
  for (;;) {
    const record = readRecord(stateDir);
    if (!record && request.ask === 'stop') return { ok: true };
    const answer = record && (await ask(record.socket, request, ms).catch(() => undefined));
    if (answer) return answer;
    if (!record || !(await connectSupervisor(stateDir)) || Date.now() > deadline) {
      if (request.ask === 'stop' && !readRecord(stateDir)) return { ok: true };
      throw failed(stateDir);
    }
  }
}

async function vanished(identities: readonly (Identity | null | undefined)[]): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (identities.some((identity) => identity && isAlive(identity)) && Date.now() < deadline) await sleep(LOOK_MS);
}

function failed(stateDir: string, logFrom = 0): TodoctlError {
  const words = lastWords(logPath(stateDir, 'supervisor'), logFrom);
  return new TodoctlError('TODOCTL_SUPERVISOR_FAILED', { details: words ? [`Its last words: ${words}`] : [] });
}
