import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { identify } from '../../io/process-identity.ts';

/** What a running platform holds, noted before the teardown to be looked for after it. */
export interface Held {
  pids: readonly number[];
  ports: readonly number[];
  folder: string;
}

export interface Leftovers {
  pids: number[];
  ports: number[];
  folders: string[];
}

/** Looks at the machine, not at what teardown said. */
export async function findLeftovers(held: Held): Promise<Leftovers> {
  const open = await Promise.all(held.ports.map(isOpen));
  return {
    // Only looked up: a zombie that nobody has reaped yet is gone.
    pids: held.pids.filter((pid) => identify(pid) !== undefined),
    ports: held.ports.filter((_, index) => open[index]),
    folders: existsSync(held.folder) ? [held.folder] : [],
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
