import { randomUUID } from 'node:crypto';

/** A task whose creation and completion were acknowledged. */
export interface Acknowledged {
  id: string;
  title: string;
  /** It has a recurrence rule. */
  repeats: boolean;
}

export interface WriterOptions {
  entrance: URL;
  user: string;
  tasks: number;
  /** Which tasks get a recurrence rule. */
  repeating(index: number): boolean;
  /** Requests under way at once. */
  concurrency: number;
  /** Called once, when so many completions were acknowledged: the moment to break something. */
  at: { completed: number; then(): void };
  /** A request that is not acknowledged by then fails the test. */
  withinMs: number;
}

const SERIES = { due: { at: '2027-03-01T09:00:00', zone: 'Europe/Berlin' }, recurrence: 'FREQ=DAILY' };

/**
 * Creates and completes tasks through the front door while parts of the platform die. What is not acknowledged is asked
 * again under the same Idempotency-Key, as a careful client does; so every task of the answer was acknowledged twice over.
 */
export async function writeTasks(options: WriterOptions): Promise<Acknowledged[]> {
  const deadline = Date.now() + options.withinMs;
  const written: Acknowledged[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < options.tasks) {
      const repeats = options.repeating(next);
      const title = `task ${next++}`;
      const created = await insist(options, deadline, 'POST', '/api/tasks', { title, ...(repeats ? SERIES : {}) });
      const { id } = (await created.json()) as { id: string };
      await insist(options, deadline, 'POST', `/api/tasks/${id}/complete`);
      written.push({ id, title, repeats });
      if (written.length === options.at.completed) options.at.then();
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return written;
}

async function insist({ entrance, user }: WriterOptions, deadline: number, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { 'x-user-id': user, 'idempotency-key': randomUUID(), 'content-type': 'application/json' };
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const answer = await fetch(new URL(path, entrance), { method, headers, signal: AbortSignal.timeout(10_000), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      if (answer.ok) return answer;
      last = `${answer.status} ${await answer.text()}`;
      if (answer.status < 500) break;
    } catch (error) {
      last = (error as Error).message;
    }
    // Paces the client; nothing is concluded from how long it takes.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${method} ${path} was not acknowledged: ${last}`);
}
