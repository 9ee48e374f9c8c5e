/** What many write and one reads, in the order of coming; writers wait while too much waits. */
export class LineQueue<T> implements AsyncIterable<T> {
  readonly #most: number;
  readonly #items: T[] = [];
  #writers: (() => void)[] = [];
  #reader: (() => void) | undefined;
  #ended = false;
  #failure: unknown;

  constructor(most: number) {
    this.#most = most;
  }

  async push(item: T): Promise<void> {
    this.#items.push(item);
    this.#reader?.();
    if (this.#items.length >= this.#most && !this.#ended) await new Promise<void>((resolve) => void this.#writers.push(resolve));
  }

  end(): void {
    this.#ended = true;
    this.#reader?.();
    this.#release();
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        if (this.#items.length > 0) {
          const items = this.#items.splice(0);
          this.#release();
          yield* items;
        } else if (this.#ended) break;
        else await new Promise<void>((resolve) => (this.#reader = resolve));
      }
    } finally {
      this.end();
    }
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  #release(): void {
    for (const resolve of this.#writers.splice(0)) resolve();
  }
}
