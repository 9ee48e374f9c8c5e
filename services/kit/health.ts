/** Resolves when fine; throws with the reason when not. */
export type Check = () => Promise<void> | void;

export interface Readiness {
  readonly ready: boolean;
  /** 'ok' or the reason, by the check's name. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What `/readyz` says: every check passes and nobody is stopping us. Checks run side by side, each with a time limit. */
export class Health {
  readonly #checks = new Map<string, Check>();
  readonly #limitMs: number;
  #stopping = false;

  constructor(limitMs = 1000) {
    this.#limitMs = limitMs;
  }

  add(name: string, check: Check): void {
    this.#checks.set(name, check);
  }

  /** From now on not ready, whatever the checks say. */
  stop(): void {
    this.#stopping = true;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  async readiness(): Promise<Readiness> {
    if (this.#stopping) return { ready: false, checks: { process: 'stopping' } };
    const results = await Promise.all([...this.#checks].map(async ([name, check]) => [name, await this.#ask(check)] as const));
    const checks = Object.fromEntries(results);
    return { ready: results.every(([, result]) => result === 'ok'), checks };
  }

  async #ask(check: Check): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${this.#limitMs} ms`), this.#limitMs);
    });
    const asked = (async () => check())().then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message || error.name : String(error)),
    );
    const result = await Promise.race([asked, late]);
    clearTimeout(timer);
    return result;
  }
}
