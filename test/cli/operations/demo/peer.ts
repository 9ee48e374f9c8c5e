// A platform in a page: the API, the live socket and a `todoctl` that answer by a script, so that each can be made to fail.
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { TODO, temporaryFolder } from '../../targets/local/platforms.ts';

interface PeerTask { id: string; title: string; completed: boolean; due: { at: string; zone: string } | null; recurrence: string | null }

export interface Peer {
  url: URL;
  /** `POST /api/tasks ada {"title":…}`, in order. */
  asked: string[];
  sockets: Set<WebSocket>;
  tell: (message: unknown) => void;
}

/** `refuse`: paths that are answered with 500. `mute`: says nothing on the live socket but the greeting. `greet: false`: not even that. */
export async function openPeer({ refuse = [], mute = false, greet = true }: { refuse?: readonly RegExp[]; mute?: boolean; greet?: boolean } = {}): Promise<Peer> {
  const tasks = new Map<string, PeerTask>();
  const sockets = new Set<WebSocket>();
  const asked: string[] = [];
  const tell = (message: unknown): void => { for (const socket of sockets) socket.send(JSON.stringify(message)); };
  const change = (action: string, task: PeerTask): void => { if (!mute) tell({ type: 'change', action, task_id: task.id }); };
  const add = (given: Partial<PeerTask>): PeerTask => {
    const task: PeerTask = { id: `t${tasks.size + 1}`, title: '', completed: false, due: null, recurrence: null, ...given };
    tasks.set(task.id, task);
    change('created', task);
    return task;
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    const line = `${request.method} ${request.url}`;
    asked.push([line, request.headers['x-user-id'], body].filter(Boolean).join(' '));
    const answer = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const [, id = '', verb] = /^\/api\/tasks\/([^/]+)(?:\/(\w+))?/.exec(request.url ?? '') ?? [];
    const task = tasks.get(id);
    if (refuse.some((pattern) => pattern.test(line))) return answer(500, { title: 'broken on purpose' });
    if (line === 'POST /api/tasks') return answer(201, add(JSON.parse(body) as Partial<PeerTask>));
    if (!task) return answer(404, {});
    if (verb === 'complete') {
      Object.assign(task, { completed: true });
      answer(200, task);
      change('completed', task);
      if (task.recurrence) add({ title: task.title, recurrence: task.recurrence, due: { at: '2027-01-11T09:00:00', zone: 'Europe/Berlin' } });
      return undefined;
    }
    return answer(200, verb === 'history' ? { history: [{ at: '2027-01-01T00:00:00Z', type: 'task.created', text: `created “${task.title}”` }] } : task);
  };
  const server = createServer((request, response) => void respond(request, response)).listen(0, '127.0.0.1');
  const live = new WebSocketServer({ server, path: '/live' });
  live.on('connection', (socket) => {
    sockets.add(socket);
    if (greet) socket.send('{"type":"hello"}');
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/`), asked, sockets, tell };
}

async function textOf(request: IncomingMessage): Promise<string> {
  return (await request.setEncoding('utf8').toArray()).join('');
}

export interface Program {
  /** Absolute path of a script that stands for bin/run.js. */
  script: string;
  /** A folder with a todoctl.yaml, as an installed todoctl has it. */
  packageRoot: string;
  /** The command lines that it was called with. */
  calls: () => string[];
  /** The folder that it was called in. */
  folder: () => string;
}

/** A `todoctl` that answers each command with what `answers` holds for its first word, or for `events topics` its first two. */
export function programThat(answers: Readonly<Record<string, { exit?: number; out?: string }>>): Program {
  const folder = temporaryFolder();
  const packageRoot = path.join(folder, 'package');
  const log = path.join(folder, 'calls');
  const where = path.join(folder, 'cwd');
  const script = path.join(folder, 'run.mjs');
  mkdirSync(packageRoot);
  writeFileSync(path.join(packageRoot, 'todoctl.yaml'), TODO);
  writeFileSync(script, `import { appendFileSync, writeFileSync } from 'node:fs';
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(log)}, args.join(' ') + '\\n');
writeFileSync(${JSON.stringify(where)}, process.cwd());
const answers = ${JSON.stringify(answers)};
const { exit = 0, out = '' } = answers[args.slice(0, 2).join(' ')] ?? answers[args[0]] ?? {};
process.stdout.write(out);
process.exitCode = exit;
`);
  return { script, packageRoot, calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []), folder: () => readFileSync(where, 'utf8') };
}
