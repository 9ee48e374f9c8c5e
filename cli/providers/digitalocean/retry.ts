import type { Outcome } from './failures.ts';

export const MOST_TRIES = 6;
const FIRST_MS = 500;
const LONGEST_MS = 60_000;
/** The connection was never made, so nothing was asked. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'];

/** Whether what was asked for may have been done though no answer says so. */
export function isLost({ status, code = '' }: Outcome): boolean {
  return status === undefined ? !NOT_SENT.includes(code) : status >= 500;
}

/**
 * Milliseconds until a request is tried again, undefined where that is of no use. As long as DigitalOcean says (`retry-after`, seconds),
 * else twice as long each time, with jitter: several todoctl that were refused at once must not come back at once.
 */
export function pauseOf({ status, headers = {} }: Outcome, attempt: number, random: () => number = Math.random): number | undefined {
  if (status !== undefined && status !== 429 && status < 500) return undefined;
  const told = Number(headers['retry-after'] ?? Number.NaN) * 1000;
  const pause = told >= 0 ? told : FIRST_MS * 2 ** (attempt - 1);
  return Math.min(LONGEST_MS, Math.round(pause * (1 + random() / 4)));
}
