const SHORTEST_SECRET = 6;

/** Replaces every registered secret by `***`, in whatever form it is printed: plain, JSON, URL-encoded, base64. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Shorter values are not secrets but would blank out ordinary words; they are passed over. */
  register(secret: string): void {
    if (secret.length < SHORTEST_SECRET) return;
    this.#secrets.add(secret);
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
    this.#secrets.add(encodeURIComponent(secret));
    this.#secrets.add(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
  }

  redact(text: string): string {
    let clean = text;
    // Longest first: a secret that contains another one must not leave its tail behind.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, '***');
    return clean;
  }
}
