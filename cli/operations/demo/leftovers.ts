import { existsSync } from 'node:fs';
import { connect } from 'node:net';

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
    pids: held.pids.filter(isAlive),
    ports: held.ports.filter((_, index) => open[index]),
    folders: existsSync(held.folder) ? [held.folder] : [],
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
