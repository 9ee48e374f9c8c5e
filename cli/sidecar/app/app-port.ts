import { connect } from 'node:net';
import type { Clock } from '../../io/clock.ts';

const PAUSE_MS = 50;

/** Resolves when something listens on the port: daprd, too, starts its subscriptions only then. Rejects when `stop` fires. */
export async function appListens(port: number, { clock, stop }: { clock: Clock; stop: AbortSignal }): Promise<void> {
  while (!(await accepts(port))) {
    await clock.wait(PAUSE_MS, stop);
  }
  stop.throwIfAborted();
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
  });
}
