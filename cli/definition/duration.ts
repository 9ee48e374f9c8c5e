const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof MILLISECONDS;

/** `7d`, `1h30m`, `500ms`: whole numbers, each with its unit. */
export const DURATION = /^(?:\d{1,9}(?:ms|[smhdw]))+$/;

const PART = /(\d+)(ms|[smhdw])/g;

/** Milliseconds of a duration like `10m` or `1h30m`; undefined when it is none. Zero is a duration; negative ones and fractions are not. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(PART)) total += Number(count) * MILLISECONDS[unit as Unit];
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest spelling of a duration in milliseconds: 604800000 → `7d`, 5400000 → `90m`. */
export function formatDuration(ms: number): string {
  const units: readonly Unit[] = ['d', 'h', 'm', 's'];
  const unit = units.find((candidate) => ms > 0 && ms % MILLISECONDS[candidate] === 0) ?? 'ms';
  return `${ms / MILLISECONDS[unit]}${unit}`;
}
