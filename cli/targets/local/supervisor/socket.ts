import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Answer, lines, type Request } from './protocol.ts';

/** A unix socket's path has 104 bytes on macOS and 108 on Linux, with the NUL at its end (unix(7)). */
const LONGEST_PATH = 103;

/** Where the socket of a state directory lies: inside it, or, where its path is too long, in a 0700 folder of its own. `before` is used again if it is still ours. */
export function socketPath(stateDir: string, before: string | undefined): string {
  const inside = path.join(stateDir, 'supervisor.sock');
  if (Buffer.byteLength(inside) <= LONGEST_PATH) return inside;
  if (before && isPrivate(path.dirname(before))) return before;
  return path.join(mkdtempSync(path.join(os.tmpdir(), 'todoctl-')), 's');
}

/** Removes a socket, and the folder that was made for it. */
export function removeSocket(stateDir: string, socket: string): void {
  rmSync(socket, { force: true });
  if (path.dirname(socket) !== stateDir) rmSync(path.dirname(socket), { recursive: true, force: true });
}

/** Answers requests on a unix socket that only its owner may open. */
export async function listen(socket: string, answer: (request: Request, from: Socket) => Promise<Answer | undefined>): Promise<Server> {
  rmSync(socket, { force: true });
  const server = createServer((connection) => {
    connection.setEncoding('utf8');
    connection.on('error', () => connection.destroy());
    const take = lines((line) => void respond(connection, line, answer));
    connection.on('data', (chunk) => {
      try {
        take(chunk.toString());
      } catch {
        connection.destroy();
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return server;
}

async function respond(connection: Socket, line: string, answer: (request: Request, from: Socket) => Promise<Answer | undefined>): Promise<void> {
  const given = await Promise.resolve()
    .then(() => answer(JSON.parse(line) as Request, connection))
    .catch((error: unknown): Answer => ({ ok: false, reason: error instanceof Error ? error.message : String(error) }));
  if (given && !connection.destroyed) connection.write(`${JSON.stringify(given)}\n`);
}

function isPrivate(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}
