import type { Intake } from './access.ts';
import { MalformedFrame } from './wire.ts';

/** Larger frames are refused before a byte of them is kept: the size is the network's word. Far above any fetch that is asked for. */
export const MAX_FRAME = 128 * 1024 * 1024;
const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames: a 32-bit length, then that many bytes. A transport may read straight into `room()`;
 * others push their chunks. Buffers handed back by `recycle` are used again, because fresh ones of megabytes cost a page
 * fault per 4 kB.
 */
export class FrameReader implements Intake {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #maxFrame: number;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  readonly #spare: Buffer[] = [];
  #frame: Buffer | undefined;
  #filled = 0;

  constructor(onFrame: (frame: Buffer) => void, maxFrame = MAX_FRAME) {
    this.#onFrame = onFrame;
    this.#maxFrame = maxFrame;
  }

  /** What is left of the frame, or of its length. */
  room(): Buffer {
    return (this.#frame ?? this.#length).subarray(this.#filled);
  }

  /** Takes note of bytes that were put into `room()`. Throws MalformedFrame for a length that cannot be. */
  filled(length: number): void {
    this.#filled += length;
    if (this.#filled < (this.#frame ?? this.#length).length) return;
    this.#filled = 0;
    const whole = this.#frame;
    if (whole) {
      this.#frame = undefined;
      this.#onFrame(whole);
    } else this.#frame = this.#take(this.#length.readInt32BE(0));
  }

  /** Takes the next bytes of the stream, wherever they are cut. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(this.room(), 0, at);
      this.filled(copied);
      at += copied;
    }
  }

  /** Gives a frame's buffer back when nobody looks at it any more. */
  recycle(frame: Buffer): void {
    if (this.#spare.length < 2) this.#spare.push(frame);
  }

  #take(length: number): Buffer {
    if (length < LENGTH_BYTES || length > this.#maxFrame) throw new MalformedFrame(`frame of ${length} bytes; ${LENGTH_BYTES} to ${this.#maxFrame} are taken`);
    const fitting = this.#spare.findIndex((spare) => spare.buffer.byteLength - spare.byteOffset >= length);
    if (fitting < 0) return Buffer.allocUnsafeSlow(length);
    const [spare] = this.#spare.splice(fitting, 1) as [Buffer];
    return Buffer.from(spare.buffer, spare.byteOffset, length);
  }
}
