import { messageOf, type Change, type LiveClient } from './live-client.ts';

/** Who is connected to this replica, by user. Forgets a user with her last socket. */
export class Hub {
  readonly #clients = new Map<string, Set<LiveClient>>();

  add(user: string, client: LiveClient): void {
    const clients = this.#clients.get(user) ?? new Set();
    clients.add(client);
    this.#clients.set(user, clients);
  }

  remove(user: string, client: LiveClient): void {
    const clients = this.#clients.get(user);
    clients?.delete(client);
    if (clients?.size === 0) this.#clients.delete(user);
  }

  /** How many sockets a user has here. */
  count(user: string): number {
    return this.#clients.get(user)?.size ?? 0;
  }

  /** Hands a change to its user's sockets; returns to how many. */
  deliver(change: Change): number {
    const clients = this.#clients.get(change.user_id);
    if (!clients) return 0;
    const text = messageOf(change);
    for (const client of clients) client.offer(change, text);
    return clients.size;
  }
}
