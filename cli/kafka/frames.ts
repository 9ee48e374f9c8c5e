import { MalformedFrame } from './wire.ts';

/** Larger frames are refused before a byte of them is kept: the size is the network's word. Far above any fetch that is asked for. */
export const MAX_FRAME = 128 * 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames: a 32-bit length, then that many bytes. Each byte is copied once, into the frame's own
 * buffer; buffers handed back by `recycle` are used again, because fresh ones of megabytes cost a page fault per 4 kB.
 */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #maxFrame: number;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  readonly #spare: Buffer[] = [];
  #lengthFilled = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  constructor(onFrame: (frame: Buffer) => void, maxFrame = MAX_FRAME) {
    this.#onFrame = onFrame;
    this.#maxFrame = maxFrame;
  }

  /** Takes the next bytes of the stream. Throws MalformedFrame for a length that cannot be. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at += this.#frame ? this.#fill(this.#frame, chunk, at) : this.#measure(chunk, at);
  }

  /** Gives a frame's buffer back when nobody looks at it any more. */
  recycle(frame: Buffer): void {
    if (this.#spare.length < 2) this.#spare.push(frame);
  }

  #measure(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#length, this.#lengthFilled, at);
    this.#lengthFilled += copied;
    if (this.#lengthFilled < LENGTH_BYTES) return copied;
    this.#lengthFilled = 0;
    const length = this.#length.readInt32BE(0);
    if (length < LENGTH_BYTES || length > this.#maxFrame) throw new MalformedFrame(`frame of ${length} bytes; ${LENGTH_BYTES} to ${this.#maxFrame} are taken`);
    this.#frame = this.#take(length);
    this.#filled = 0;
    return copied;
  }

  #fill(frame: Buffer, chunk: Buffer, at: number): number {
    const copied = chunk.copy(frame, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      this.#onFrame(frame);
    }
    return copied;
  }

  #take(length: number): Buffer {
    const fitting = this.#spare.findIndex((spare) => spare.buffer.byteLength - spare.byteOffset >= length);
    if (fitting < 0) return Buffer.allocUnsafeSlow(length);
    const [spare] = this.#spare.splice(fitting, 1) as [Buffer];
    return Buffer.from(spare.buffer, spare.byteOffset, length);
  }
}
