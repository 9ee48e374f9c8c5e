/** What must be given back when a run ends, however it ends: last in, first out, one failure never keeps the others. */
export class Releases {
  #pending: (() => Promise<void>)[] = [];
  #over = false;

  /** After the end it is released at once: whoever was left behind has no later moment. */
  add(release: () => Promise<void>): void {
    if (this.#over) void release().catch(() => undefined);
    else this.#pending.push(release);
  }

  /** Releases all; returns what went wrong. */
  async all(): Promise<unknown[]> {
    this.#over = true;
    const errors: unknown[] = [];
    for (const release of this.#pending.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
