import type { Clock } from '../io/clock.ts';
import type { Policy, Retry } from './resources/resiliency.ts';

/** A failure that trying again cannot help. */
export class Permanent extends Error {
  override readonly name = 'Permanent';
}

/** A failure with the HTTP status that caused it: a policy may try some statuses again and not others. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

// cenkalti/backoff's defaults, which Dapr keeps: a policy's `duration` does not change them.
const INITIAL_MS = 500;
const MULTIPLIER = 1.5;
const RANDOMNESS = 0.5;
const MAX_ELAPSED_MS = 15 * 60_000;

/** The waits between the attempts of a retry policy, in ms; ends when the policy is exhausted. */
export function* waits(retry: Retry, now: () => number, random: () => number): Generator<number> {
  const started = now();
  let interval = INITIAL_MS;
  for (let attempt = 0; retry.maxRetries < 0 || attempt < retry.maxRetries; attempt++) {
    if (retry.policy === 'constant') {
      yield retry.durationMs;
      continue;
    }
    if (now() - started > MAX_ELAPSED_MS) return;
    yield interval * (1 - RANDOMNESS + 2 * RANDOMNESS * random());
    interval = Math.min(interval * MULTIPLIER, retry.maxIntervalMs);
  }
}

function worthRetrying(retry: Retry, failure: unknown): boolean {
  if (failure instanceof Permanent) return false;
  if (!retry.statuses || !(failure instanceof StatusError)) return true;
  return retry.statuses.some(([from, to]) => failure.status >= from && failure.status <= to);
}

/**
 * Runs `operation` under a policy: a deadline per attempt, then again until it succeeds or the policy is exhausted; throws the last
 * failure. `stop` ends the waiting, never an attempt: what is in flight finishes.
 */
export async function withPolicy<T>(
  policy: Policy,
  operation: (deadline?: AbortSignal) => Promise<T>,
  { clock, stop }: { clock: Clock; stop: AbortSignal },
): Promise<T> {
  const left = policy.retry && waits(policy.retry, () => clock.now(), Math.random);
  for (;;) {
    try {
      return await operation(policy.timeoutMs === undefined ? undefined : AbortSignal.timeout(policy.timeoutMs));
    } catch (failure) {
      if (stop.aborted || !left || !policy.retry || !worthRetrying(policy.retry, failure)) throw failure;
      const next = left.next();
      if (next.done) throw failure;
      await clock.wait(next.value, stop);
    }
  }
}
