import type { Tell } from './moment.ts';

/** A task as the API answers it; only what the story needs. */
export interface Task {
  id: string;
  title: string;
  completed: boolean;
  due: { at: string; zone: string } | null;
  recurrence: string | null;
}

/** One message of the live socket. */
export interface Live {
  type: string;
  action?: string;
  task_id?: string;
}

/** What a browser does: the API and the live socket of one user, through the front door. */
export interface Browser {
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Resolves with the first live message, past or to come, that `fits`; each is handed out once. */
  live(fits: (message: Live) => boolean, withinMs: number): Promise<Live>;
  close(): void;
}

/** Greeting needs a word with task-api through Dapr, whose SDK is loaded then. */
const HELLO_MS = 15_000;

export async function openBrowser(entrance: URL, user: string, tell: Tell): Promise<Browser> {
  const socketUrl = new URL(`/live?user=${user}`, entrance);
  socketUrl.protocol = 'ws:';
  const socket = new WebSocket(socketUrl);
  const inbox = new Inbox();
  socket.addEventListener('message', (event) => inbox.add(JSON.parse(String(event.data)) as Live));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error(`no WebSocket at ${socketUrl.href}`)), { once: true });
  });
  // From here on every change is told; what came before the greeting is in the state that a page loads.
  await inbox.first(({ type }) => type === 'hello', HELLO_MS);
  return {
    call: <T>(method: string, path: string, body?: unknown) => call<T>({ entrance, user, tell }, method, path, body),
    live: (fits, withinMs) => inbox.first(fits, withinMs),
    close: () => socket.close(),
  };
}

async function call<T>(as: { entrance: URL; user: string; tell: Tell }, method: string, path: string, body: unknown): Promise<T> {
  as.tell({ is: 'command', line: `${method} ${path}${body === undefined ? '' : `  ${JSON.stringify(body)}`}` });
  const headers = { 'x-user-id': as.user, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(new URL(path, as.entrance), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Messages that came, and those who wait for one. */
class Inbox {
  readonly #messages: Live[] = [];
  #arrived = Promise.withResolvers<void>();

  add(message: Live): void {
    this.#messages.push(message);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  async first(fits: (message: Live) => boolean, withinMs: number): Promise<Live> {
    const deadline = AbortSignal.timeout(withinMs);
    const late = new Promise<never>((_, reject) => {
      deadline.addEventListener('abort', () => reject(new Error(`no live message within ${withinMs} ms`)), { once: true });
    });
    for (;;) {
      const index = this.#messages.findIndex(fits);
      const [found] = index < 0 ? [] : this.#messages.splice(index, 1);
      if (found) return found;
      await Promise.race([this.#arrived.promise, late]);
    }
  }
}
