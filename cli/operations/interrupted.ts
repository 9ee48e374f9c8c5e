import { setImmediate } from 'node:timers/promises';

/** Lets a Ctrl-C through that came while nothing was awaited. Errors: TODOCTL_INTERRUPTED, when there was one. */
export async function endIfInterrupted(stop: AbortSignal): Promise<void> {
  // The first may still belong to the round of the event loop that is under way; in the second signals have been looked for.
  await setImmediate();
  await setImmediate();
  stop.throwIfAborted();
}
