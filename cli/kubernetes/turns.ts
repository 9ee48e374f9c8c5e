/** Lets so many pieces of work run at once; the others wait, first come first served. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A turn goes from hand to hand: nobody who comes in between takes it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
