/** What is queued: events of one topic and key go out strictly one after the other. */
export interface Keyed {
  readonly topic: string;
  readonly key: string;
  /** An estimate, for the size of a batch. */
  readonly bytes: number;
}

interface Lane<T> {
  readonly topic: string;
  readonly waiting: T[];
  /** Its head is under way. */
  busy: boolean;
  failures: number;
  notBefore: number;
}

export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * The order of the relay, as a pure structure: one lane per topic and key. A batch takes at most the head of each free lane, so
 * that no two events of a key are ever under way together; a failed head stays first and its lane waits.
 */
export class KeyedQueue<T extends Keyed> {
  // In the order in which lanes became ready: nobody starves.
  readonly #lanes = new Map<string, Lane<T>>();
  #size = 0;

  /** All that is queued, under way or not. */
  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const id = laneOf(item);
    const lane = this.#lanes.get(id) ?? { topic: item.topic, waiting: [], busy: false, failures: 0, notBefore: 0 };
    this.#lanes.set(id, lane);
    lane.waiting.push(item);
    this.#size += 1;
  }

  /** Heads of free lanes of one topic, or undefined when there are none at `now`. Each must be settled. */
  take(limits: BatchLimits, now: number): { topic: string; items: T[] } | undefined {
    let topic: string | undefined;
    let bytes = 0;
    const items: T[] = [];
    for (const lane of this.#lanes.values()) {
      const head = lane.waiting[0];
      if (lane.busy || lane.notBefore > now || head === undefined || (topic !== undefined && lane.topic !== topic)) continue;
      if (items.length > 0 && bytes + head.bytes > limits.bytes) break;
      topic = lane.topic;
      lane.busy = true;
      bytes += head.bytes;
      items.push(head);
      if (items.length === limits.entries) break;
    }
    return topic === undefined ? undefined : { topic, items };
  }

  /** The item is on its topic: its lane's next may go. */
  succeed(item: T): void {
    const id = laneOf(item);
    const lane = this.#lane(item);
    lane.waiting.shift();
    lane.busy = false;
    lane.failures = 0;
    this.#size -= 1;
    this.#lanes.delete(id);
    if (lane.waiting.length > 0) this.#lanes.set(id, lane);
  }

  /** The item may or may not be on its topic: it stays first and is tried again `delay(failures in a row)` after `now`. */
  fail(item: T, now: number, delay: (failures: number) => number): void {
    const lane = this.#lane(item);
    lane.busy = false;
    lane.failures += 1;
    lane.notBefore = now + delay(lane.failures);
  }

  /** When the next waiting lane may be tried; undefined when none waits for time. */
  nextTry(): number | undefined {
    let next: number | undefined;
    for (const lane of this.#lanes.values()) if (!lane.busy && (next === undefined || lane.notBefore < next)) next = lane.notBefore;
    return next;
  }

  #lane(item: T): Lane<T> {
    const lane = this.#lanes.get(laneOf(item));
    if (lane?.waiting[0] !== item || !lane.busy) throw new Error('settled an item that was not under way');
    return lane;
  }
}

function laneOf({ topic, key }: Keyed): string {
  return `${topic}\0${key}`;
}
