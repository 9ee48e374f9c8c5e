import type { Clock } from '../kit/clock.ts';
import { advance, type SagaDeps } from './advance.ts';

const BATCH = 10;

export interface Sweeper {
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/** Takes the pending sagas whose time has come further, one after the other, for as long as it runs. Every replica has one. */
export function startSweeper(deps: SagaDeps, { clock, everyMs }: { clock: Clock; everyMs: number }): Sweeper {
  let stopping = false;
  let wake = (): void => undefined;
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(everyMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  const sweep = async (): Promise<void> => {
    while (!stopping) {
      try {
        for (const saga of await deps.sagas.take(BATCH)) await advance(deps, saga);
      } catch (error) {
        deps.log.warn({ err: error }, 'the pending sagas could not be looked after');
      }
      if (!stopping) await pause();
    }
  };
  const ended = sweep();
  return {
    async stop() {
      stopping = true;
      wake();
      await ended;
    },
  };
}
