const BYTES = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** `512MiB`, `10GB`: a whole number with a unit, decimal (kB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB). */
export const SIZE = /^(\d{1,9})(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;

/** Bytes of a size like `512MiB`; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const [, count, unit] = SIZE.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const bytes = Number(count) * BYTES[unit as keyof typeof BYTES];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes of a size that a schema has let through. Errors: RangeError for any other text. */
export function bytesOf(size: string): number {
  const bytes = parseSize(size);
  if (bytes === undefined) throw new RangeError(`not a size: ${size}`);
  return bytes;
}

/** The same in whole GiB, as volumes are made: `512MiB` is 1. */
export function wholeGibibytes(size: string): number {
  return Math.ceil(bytesOf(size) / BYTES.GiB);
}
