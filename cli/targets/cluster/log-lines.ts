/** A line of a log with the time that the kubelet gave it. */
export interface Stamped {
  /** RFC 3339 with nine digits of a second, so that stamps compare as text. */
  stamp: string;
  text: string;
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?/;

/** Takes the kubelet's stamp off a line; it leaves out zeros at the end. Undefined for what has none. */
export function stamped(line: string): Stamped | undefined {
  const [all, seconds = '', fraction = '', zone = 'Z'] = STAMP.exec(line) ?? [];
  if (all === undefined) return undefined;
  // A kubelet stamps in the zone of its node.
  const utc = zone === 'Z' ? seconds : new Date(`${seconds}${zone}`).toISOString().slice(0, 19);
  return { stamp: `${utc}.${fraction.padEnd(9, '0')}Z`, text: line.slice(all.length) };
}

/** The last `count` lines of several logs in the order of their stamps; within one log the order stays. */
export function mergeLast<T extends Stamped>(logs: readonly (readonly T[])[], count: number): T[] {
  const merged = logs.flat().sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
  return count === 0 ? [] : merged.slice(-count);
}

/**
 * Where one log was read to: the server knows seconds only, so what comes again must be told apart. Lines with one stamp are told apart
 * by how many of them were seen.
 */
export class ReadTo {
  #stamp = '';
  #seen = 0;
  #skipped = 0;

  /** RFC 3339 in whole seconds, for `sinceTime`; undefined before the first line. */
  get since(): string | undefined {
    return this.#stamp === '' ? undefined : `${this.#stamp.slice(0, 19)}Z`;
  }

  /** A log is read anew from `since` on. */
  again(): void {
    this.#skipped = 0;
  }

  /** True when the line was not seen before; then it has been. */
  take({ stamp }: Stamped): boolean {
    if (stamp < this.#stamp) return false;
    if (stamp > this.#stamp) {
      this.#stamp = stamp;
      this.#seen = 1;
      this.#skipped = 1;
      return true;
    }
    if (this.#skipped < this.#seen) {
      this.#skipped++;
      return false;
    }
    this.#seen++;
    this.#skipped++;
    return true;
  }
}
