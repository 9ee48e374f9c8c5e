import type { Writable } from 'node:stream';

/** One write of this much costs no more than one of 4 kB. */
const FULL = 4 * 1024 * 1024;

/** Collects output in one buffer and writes it in large pieces. Waits for each piece, so a slow reader slows us down instead of filling memory. */
export class ByteOutput {
  bytes = Buffer.allocUnsafeSlow(FULL);
  used = 0;
  readonly #stream: Writable;
  #gone: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** True when enough has come together to write. */
  get full(): boolean {
    return this.used >= FULL / 2;
  }

  /** Makes sure that `length` more bytes fit. */
  reserve(length: number): void {
    if (this.bytes.length - this.used >= length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.used + length));
    this.bytes.copy(grown, 0, 0, this.used);
    this.bytes = grown;
  }

  line(text: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.reserve(text.length * 3 + 1);
    this.used += this.bytes.write(text, this.used);
    this.bytes[this.used++] = 10;
  }

  raw(value: Buffer | null): void {
    this.reserve((value?.length ?? 0) + 1);
    if (value) this.used += value.copy(this.bytes, this.used);
    this.bytes[this.used++] = 10;
  }

  /** Writes what there is. Rejects with the stream's error, EPIPE for a reader that has read enough. */
  async flush(): Promise<void> {
    if (this.#gone) throw this.#gone;
    if (this.used === 0) return;
    const piece = this.bytes.subarray(0, this.used);
    this.used = 0;
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(piece, (error) => (error ? reject(error) : resolve()));
    }).catch((error: Error) => {
      this.#gone = error;
      throw error;
    });
  }
}
