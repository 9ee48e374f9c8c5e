import { MalformedFrame } from '../kafka/wire.ts';

const LENGTH = 4;

/** Cuts a byte stream into frames. Holds what has arrived and allocates nothing for what a frame only promises. */
export class Frames {
  readonly #largest: number;
  #chunks: Buffer[] = [];
  #held = 0;

  /** `largest`: bytes of a frame; one that says it is longer is refused. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Bytes that have arrived and were not taken yet. */
  get held(): number {
    return this.#held;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /** The next whole frame without its length, or undefined while it is incomplete. Throws MalformedFrame for an impossible length. */
  next(): Buffer | undefined {
    if (this.#held < LENGTH) return undefined;
    if ((this.#chunks[0] as Buffer).length < LENGTH) this.#join();
    const size = (this.#chunks[0] as Buffer).readInt32BE(0);
    if (size <= 0 || size > this.#largest) throw new MalformedFrame(`a frame of ${size} bytes; 1 to ${this.#largest} are taken`);
    if (this.#held < LENGTH + size) return undefined;
    if ((this.#chunks[0] as Buffer).length < LENGTH + size) this.#join();
    const bytes = this.#chunks[0] as Buffer;
    const rest = bytes.subarray(LENGTH + size);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    this.#held -= LENGTH + size;
    return bytes.subarray(LENGTH, LENGTH + size);
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks, this.#held)];
  }
}
