/** After how many ends in a row a process counts as failing, not as being restarted. */
export const FAILING_AFTER = 3;
/** How long it must have been ready for its earlier ends to be forgotten, in milliseconds. */
export const HEALTHY_MS = 30_000;

const FIRST_MS = 50;
const LONGEST_MS = 10_000;
const JITTER = 0.2;

/** Milliseconds until start number `failures` + 1: doubled each time, with jitter so that many do not come at one moment. `random` is in 0..1. */
export function backOff(failures: number, random: number): number {
  const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}

/** Milliseconds until the next probe of a process that is `age` old and not ready yet. */
export function probePause(age: number): number {
  if (age < 3000) return 20;
  return age < 15_000 ? 100 : 500;
}
