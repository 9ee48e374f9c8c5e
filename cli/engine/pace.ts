const FIRST_MS = 10;
const LAST_MS = 2000;
const GROWTH = 1.15;

/** Milliseconds until look number `attempt` (from 0): so quick at first that a ready thing is seen at once, later sparing whoever is asked. */
export function pace(attempt: number): number {
  return Math.min(LAST_MS, Math.round(FIRST_MS * GROWTH ** attempt));
}
