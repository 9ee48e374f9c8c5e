import type { Health } from './health.ts';
import type { HttpServer } from './http/server.ts';
import type { Logger } from './log.ts';

/** Run in order after the last request: stop the relay, close sockets with 1012, close the pool. */
export interface StopHook {
  readonly name: string;
  stop(): Promise<void> | void;
}

export interface ShutdownOptions {
  readonly log: Logger;
  readonly health: Health;
  readonly server: HttpServer;
  readonly hooks: readonly StopHook[];
  /** For the requests in flight, and again for all hooks together. */
  readonly deadlineMs: number;
}

/** Not ready any more → no new requests → those in flight finish → hooks in order. A hook that fails or is late does not stop the next. */
export async function shutDown(options: ShutdownOptions): Promise<void> {
  const { log, health, server, hooks, deadlineMs } = options;
  health.stop();
  await server.close(deadlineMs);
  const end = performance.now() + deadlineMs;
  for (const hook of hooks) {
    const left = Math.max(end - performance.now(), 100);
    try {
      await within(left, (async () => hook.stop())());
    } catch (error) {
      log.error({ hook: hook.name, err: error }, 'could not stop in order');
    }
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not stopped within ${Math.round(ms)} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
