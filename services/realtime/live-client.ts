import type { EventData } from '../contracts/events.ts';
import { comparePositions } from '../kit/event-store.ts';

export type Change = EventData['task.changed.v1'];

/** The part of a WebSocket that a client needs; ws has it. */
export interface Wire {
  /** Bytes that the peer has not taken yet. */
  readonly bufferedAmount: number;
  send(text: string, sent: (error?: Error | null) => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** One page of a user's change feed. */
export interface FeedPage {
  readonly changes: readonly Change[];
  readonly position: string;
  readonly more: boolean;
}
/** The page after a position; `latest`: none, but the position of now. */
export type ReadFeed = (after: string) => Promise<FeedPage>;
export const LATEST = 'latest';

export interface ClientLimits {
  /** Unsent bytes at which a client counts as too slow. */
  readonly bufferedBytes: number;
  /** Changes that may come live while the feed is read. */
  readonly heldChanges: number;
  /** How long a page of the feed may take to be taken by the client. */
  readonly takeMs: number;
}
export const LIMITS: ClientLimits = { bufferedBytes: 1024 * 1024, heldChanges: 1000, takeMs: 10_000 };

/** Why sockets close: RFC 6455 §7.4.1 and the IANA registry. */
export const CLOSE = { policy: 1008, tooBig: 1009, restart: 1012, later: 1013 } as const;

/**
 * One socket of one user. It knows up to which position the feed has been read for it, and which later changes it was sent
 * live; so feed and deliveries may overlap in any way, and a change is sent once.
 */
export class LiveClient {
  readonly #wire: Wire;
  readonly #readFeed: ReadFeed;
  readonly #limits: ClientLimits;
  #confirmed: string;
  readonly #sent = new Set<string>();
  /** Live changes that wait while the client is brought up to now, so that it gets all in order. */
  #held: Change[] | undefined = [];
  #reading = false;

  constructor(wire: Wire, readFeed: ReadFeed, limits: ClientLimits = LIMITS) {
    this.#wire = wire;
    this.#readFeed = readFeed;
    this.#limits = limits;
    this.#confirmed = '0-0';
  }

  /** Nothing up to here is missing: a client that comes back goes on from this position. */
  get position(): string {
    return this.#confirmed;
  }

  /** Takes a live change; `text` is its message, made once for all sockets. */
  offer(change: Change, text: string): void {
    if (!this.#held) return this.#pass(change, text);
    this.#held.push(change);
    if (this.#held.length > this.#limits.heldChanges) this.#wire.close(CLOSE.later, 'too much is happening; resume');
  }

  /** Sends something that is no change. */
  tell(message: object): void {
    this.#send(JSON.stringify(message), () => undefined);
  }

  /** Brings the client from a position up to now, then lets the live changes through. `latest`: from now. Throws when the feed does; the client must then be closed. */
  async begin(after: string): Promise<void> {
    if (after !== LATEST) this.#confirm(after);
    await this.#readOn(after);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const change of held) this.#pass(change, messageOf(change));
  }

  /**
   * Sends what the feed has and the live deliveries have missed: a consumer group that was just made begins with what comes
   * next, a dead letter is never delivered. Such a change comes late, after younger ones. Throws when the feed does; nothing is lost by that.
   */
  async heal(): Promise<void> {
    if (this.#reading || this.#held) return;
    await this.#readOn(this.#confirmed);
  }

  async #readOn(after: string): Promise<void> {
    this.#reading = true;
    try {
      for (let more = true, from = after; more; from = this.#confirmed) {
        const page = await this.#readFeed(from);
        for (const change of page.changes) await this.#take(change);
        this.#confirm(page.position);
        more = page.more;
      }
    } finally {
      this.#reading = false;
    }
  }

  #pass(change: Change, text: string): void {
    if (this.#isNew(change.position)) this.#send(text, () => undefined);
  }

  /** Sends a change of the feed and waits until the client has taken it: here we set the pace. */
  async #take(change: Change): Promise<void> {
    if (!this.#isNew(change.position)) return;
    let timer: NodeJS.Timeout | undefined;
    const taken = new Promise<void>((resolve) => this.#send(messageOf(change), () => resolve()));
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#wire.terminate();
        resolve();
      }, this.#limits.takeMs);
    });
    await Promise.race([taken, late]);
    clearTimeout(timer);
  }

  #isNew(position: string): boolean {
    if (comparePositions(position, this.#confirmed) <= 0 || this.#sent.has(position)) return false;
    this.#sent.add(position);
    return true;
  }

  #confirm(position: string): void {
    if (comparePositions(position, this.#confirmed) <= 0) return;
    this.#confirmed = position;
    for (const sent of this.#sent) if (comparePositions(sent, position) <= 0) this.#sent.delete(sent);
  }

  #send(text: string, sent: () => void): void {
    // Cut, not closed: a close frame would queue behind what the client does not take.
    if (this.#wire.bufferedAmount + text.length > this.#limits.bufferedBytes) {
      this.#wire.terminate();
      return sent();
    }
    this.#wire.send(text, sent);
  }
}

/** A change as a browser gets it. */
export function messageOf(change: Change): string {
  return JSON.stringify({ type: 'change', ...change });
}
