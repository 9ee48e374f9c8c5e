/** What a partition's fetch loop has read and its consumer has not taken yet. */
export class RecordQueue<T> {
  readonly #low: number;
  #items: T[] = [];
  #closed = false;
  #changed: (() => void)[] = [];

  /** `low`: the fetch loop reads on when no more than this many wait. */
  constructor(low: number) {
    this.#low = low;
  }

  push(items: readonly T[]): void {
    if (this.#closed || items.length === 0) return;
    for (const item of items) this.#items.push(item);
    this.#wake();
  }

  /** Nothing more comes and nothing more is given. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#wake();
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (!this.#closed && this.#items.length > this.#low) await this.#change();
  }

  /** The next items, in order: waits for the first one, then at most `awaitMs` until there are `max`. Empty once closed. */
  async take(max: number, awaitMs: number): Promise<T[]> {
    while (!this.#closed && this.#items.length === 0) await this.#change();
    if (awaitMs > 0 && this.#items.length < max) await this.#fill(max, awaitMs);
    const taken = this.#items.splice(0, max);
    if (taken.length > 0) this.#wake();
    return taken;
  }

  async #fill(max: number, awaitMs: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake();
    }, awaitMs);
    while (!this.#closed && !late && this.#items.length < max) await this.#change();
    clearTimeout(timer);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}
