import type { Server, Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../io/json-log.ts';
import { identify, type Identity } from '../../../io/process-identity.ts';
import { findRunning, leftBy } from './adopt.ts';
import { codeOf, startInBackground } from './background.ts';
import { contradiction } from './check.ts';
import { Guarded } from './guarded.ts';
import { type Lock, takeLock } from './lock.ts';
import { LOG_BYTES, LOG_FILES, logPath, rotate } from './logs.ts';
import type { Answer, Request } from './protocol.ts';
import { readRecord, RecordFile } from './record.ts';
import { endStrays, heldPorts } from './remains.ts';
import { listen, removeSocket, socketPath } from './socket.ts';
import { Workers } from './workers.ts';

const HOUSEKEEPING_MS = 2000;

export interface Place {
  stateDir: string;
  node: string;
  script: string;
  log: Log;
  /** Goes on where another one left off: without a record there is nothing to do. */
  onlyIfLeft: boolean;
}

/** Supervises a state directory until it is asked to stop. Returns at once when another supervisor does so already. */
export async function supervise(place: Place, asked: AbortSignal): Promise<void> {
  const { stateDir, log } = place;
  const me = identify(process.pid) as Identity;
  const taken = await takeLock(path.join(stateDir, 'lock'), me);
  if ('heldBy' in taken) {
    log.info('another supervisor is there already', { holder: taken.heldBy.pid });
    return;
  }
  const lock: Lock = taken;
  const before = leftBy(readRecord(stateDir));
  if (!before && place.onlyIfLeft) {
    lock.release();
    return;
  }
  // Processes that no record knows of are nobody's.
  if (!before) await endStrays(stateDir);
  const socket = socketPath(stateDir, before?.socket);
  const code = codeOf(place.script);
  const now: { stopping: boolean; guarded?: Guarded } = { stopping: before?.stopping ?? false };

  const file: RecordFile = new RecordFile(
    stateDir,
    () => ({ version: 1, supervisor: me, guard: now.guarded ? now.guarded.identity : (before?.guard ?? null), code, socket, stopping: now.stopping, processes: workers.records() }),
    (error) => { log.error('the record cannot be written', { err: { message: String(error) } }); },
  );
  const save = (): Promise<void> => file.save();
  const workers = new Workers({ stateDir, log, save });
  for (const entry of before?.processes ?? []) workers.adopt(entry, findRunning(entry, stateDir));

  const ended = Promise.withResolvers<undefined>();
  let stopped: Promise<string[]> | undefined;
  const stop = (): Promise<string[]> => (stopped ??= endAll());

  // Before anyone can ask: a successor's wish to take over may be the first request of all.
  const housekeeping = setInterval(() => void keepHouse(), HOUSEKEEPING_MS);
  const server = await listen(socket, answer);
  // A guard goes by the record: it must be there before one is started.
  await save();
  now.guarded = new Guarded({
    start: () => startInBackground({ ...place, as: 'guard' }),
    changed: () => void save(),
    before: before?.guard ?? null,
    log,
  });
  await save();
  log.info('supervising', { adopted: before?.processes.length ?? 0 });
  if (asked.aborted || now.stopping) void stop();
  else asked.addEventListener('abort', () => void stop(), { once: true });

  await ended.promise;
  await closed(server);
  removeSocket(stateDir, socket);
  lock.release();

  async function answer(request: Request, from: Socket): Promise<Answer | undefined> {
    switch (request.ask) {
      case 'hello':
        return { ok: true, stopping: now.stopping };
      case 'status':
        return { ok: true, stopping: now.stopping, processes: workers.status() };
      case 'guard':
        now.guarded?.take(from, request.guard);
        return undefined;
      case 'stop':
        return { ok: true, leftovers: await stop() };
      case 'hand over':
        if (now.stopping) return { ok: false, reason: 'everything is being ended' };
        await handOver();
        return { ok: true };
      case 'apply': {
        const refusal = now.stopping ? 'everything is being ended' : contradiction(request.specs);
        if (refusal) return { ok: false, reason: refusal };
        workers.want(request.specs);
        await save();
        return { ok: true };
      }
      default:
        return { ok: false, reason: 'not a request that this supervisor knows' };
    }
  }

  async function endAll(): Promise<string[]> {
    now.stopping = true;
    const ports = workers.status().flatMap((status) => (status.port === undefined ? [] : [status.port]));
    await save();
    const left = (await workers.end()).map((status) => `process ${status.pid ?? '?'} (${status.name}) did not end`);
    const leftovers = [...left, ...(await endStrays(stateDir)), ...(await heldPorts(ports))];
    clearInterval(housekeeping);
    await now.guarded?.dismiss();
    await file.remove();
    log.info('everything has ended', { leftovers });
    // After the answer has been written.
    setImmediate(() => { ended.resolve(undefined); });
    return leftovers;
  }

  /** Ends, and leaves the processes with a record for whoever comes next. */
  async function handOver(): Promise<void> {
    clearInterval(housekeeping);
    await now.guarded?.dismiss();
    await save();
    await file.abandon();
    log.info('handed over');
    setImmediate(() => { ended.resolve(undefined); });
  }

  /** The state directory was removed under it, and perhaps made anew with another supervisor: what is in it now is not its own. */
  async function displaced(): Promise<void> {
    clearInterval(housekeeping);
    await file.abandon();
    await workers.end();
    // One that was being written while the directory was removed would bring a successor back.
    if (readRecord(stateDir)?.supervisor.pid === me.pid) await file.remove();
    process.exit(0);
  }

  async function keepHouse(): Promise<void> {
    if (!lock.isHeld()) return displaced();
    const names = ['supervisor', ...workers.status().map((status) => status.name)];
    for (const name of names) {
      await rotate(logPath(stateDir, name), { bytes: LOG_BYTES, keep: LOG_FILES }).catch((error: unknown) => {
        log.error('a log cannot be rotated', { process: name, err: { message: String(error) } });
      });
    }
  }
}

/** Takes no more callers, and gives those that are there a moment to read their answer. */
async function closed(server: Server): Promise<void> {
  await Promise.race([new Promise((resolve) => server.close(resolve)), sleep(300)]);
}
