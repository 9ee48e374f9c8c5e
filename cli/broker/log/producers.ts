import type { BatchHeader } from '../../kafka/record-batch.ts';

/** A batch that an idempotent producer wrote. */
interface Written {
  firstSequence: number;
  lastSequence: number;
  baseOffset: number;
}

interface Producer {
  epoch: number;
  /** The last five batches, oldest first: a producer has at most five requests in flight. */
  written: Written[];
  /** When it last wrote, ms. */
  seen: number;
}

export type Verdict = { is: 'next' } | { is: 'repeat'; baseOffset: number } | { is: 'out-of-order' } | { is: 'fenced' };

const REMEMBERED = 5;
const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;
/** Of one partition; the one that wrote longest ago goes first. */
const MOST_PRODUCERS = 10_000;
const SEQUENCES = 2 ** 31;

/** What idempotent producers wrote to one partition: a repeated batch is recognised, a gap refused (Kafka's ProducerStateManager). */
export class Producers {
  readonly #producers = new Map<number, Producer>();

  get size(): number {
    return this.#producers.size;
  }

  judge(batch: BatchHeader): Verdict {
    const known = this.#producers.get(batch.producerId);
    // Nothing known, for example after a day of silence: whatever it sends is taken as its beginning.
    if (batch.producerId < 0 || !known) return { is: 'next' };
    if (batch.producerEpoch < known.epoch) return { is: 'fenced' };
    if (batch.producerEpoch > known.epoch) return { is: batch.baseSequence === 0 ? 'next' : 'out-of-order' };
    const last = lastSequence(batch);
    const repeated = known.written.find((one) => one.firstSequence === batch.baseSequence && one.lastSequence === last);
    if (repeated) return { is: 'repeat', baseOffset: repeated.baseOffset };
    const expected = ((known.written.at(-1)?.lastSequence ?? -1) + 1) % SEQUENCES;
    return { is: batch.baseSequence === expected ? 'next' : 'out-of-order' };
  }

  /** Takes note of a batch that was written at `batch.baseOffset`; one that is known already, read again at a start, changes nothing. */
  wrote(batch: BatchHeader, now: number): void {
    if (batch.producerId < 0) return;
    const known = this.#producers.get(batch.producerId);
    if (known && batch.baseOffset <= (known.written.at(-1)?.baseOffset ?? -1)) return;
    const written = known?.epoch === batch.producerEpoch ? known.written : [];
    written.push({ firstSequence: batch.baseSequence, lastSequence: lastSequence(batch), baseOffset: batch.baseOffset });
    if (written.length > REMEMBERED) written.shift();
    // Set anew so that the map stays in the order of last writing.
    this.#producers.delete(batch.producerId);
    this.#producers.set(batch.producerId, { epoch: batch.producerEpoch, written, seen: now });
    for (const [id, { seen }] of this.#producers) {
      if (this.#producers.size <= MOST_PRODUCERS && now - seen < FORGET_AFTER_MS) break;
      this.#producers.delete(id);
    }
  }

  toJSON(): [id: number, producer: Producer][] {
    return [...this.#producers];
  }

  /** The state that `text` holds; an unreadable one counts as empty, since it only serves to recognise repeats. */
  static parse(text: string): Producers {
    const producers = new Producers();
    try {
      for (const [id, producer] of JSON.parse(text) as [number, Producer][]) producers.#producers.set(id, producer);
    } catch {
      return new Producers();
    }
    return producers;
  }
}

function lastSequence(batch: BatchHeader): number {
  return (batch.baseSequence + (batch.lastOffset - batch.baseOffset)) % SEQUENCES;
}
