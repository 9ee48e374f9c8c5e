import { type Clock, systemClock } from './clock.ts';
import type { Logger } from './log.ts';
import type { StopHook } from './shutdown.ts';

const HOUR_MS = 3_600_000;
/** No topic of ours keeps an event for longer than 7 days (todoctl.yaml); after this age nothing about a delivery is needed again. */
export const DELIVERIES_KEPT_MS = 8 * 24 * HOUR_MS;

export interface Pruning {
  readonly log: Logger;
  /** What is forgotten, in the log's words (`old answers`), and how. */
  readonly forget: Readonly<Record<string, () => Promise<unknown>>>;
  readonly clock?: Clock;
}

/** Forgets what is old once an hour; what fails is tried again in the next. The hook ends it after the pass under way. */
export function startPruning({ log, forget, clock = systemClock }: Pruning): StopHook {
  let pass = Promise.resolve();
  const run = (): void => {
    cancel = clock.after(HOUR_MS, run);
    pass = pass.then(async () => {
      for (const [what, once] of Object.entries(forget)) {
        await once().catch((error: unknown) => log.warn({ err: error }, `${what} could not be forgotten`));
      }
    });
  };
  let cancel = clock.after(HOUR_MS, run);
  return {
    name: 'pruning',
    stop() {
      cancel();
      return pass;
    },
  };
}
