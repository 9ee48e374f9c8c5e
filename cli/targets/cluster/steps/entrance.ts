import type { Step } from '../../../engine/step.ts';
import type { EntranceAddress } from '../../../providers/provider.ts';
import { lookForDoor } from '../entrance.ts';
import { marksOf } from '../marks.ts';
import type { Deploying } from './deploying.ts';

/** A cloud makes a load balancer in some minutes. */
const PATIENCE_MS = 5 * 60_000;
/** A controller takes what is its at once: where none has, there is none. */
const UNTAKEN_MS = 30_000;

/**
 * Waits until the entrance has an address, so that it stands in the summary and in DNS. Not for ever, and not where nobody is at work on
 * it: the platform runs all the same, and its smoke test says what is missing.
 */
export function entranceStep({ ground, look, timeout = PATIENCE_MS }: Deploying, needs: readonly Step[]): Step<EntranceAddress | undefined> {
  const { clock } = ground.given;
  let begun: number | undefined;
  return {
    id: 'entrance',
    title: 'Address of the entrance',
    needs: [look, ...needs],
    timeout: 2 * PATIENCE_MS,
    async check(run) {
      const seen = await lookForDoor(run.of(look).kubernetes, marksOf(ground));
      if ('door' in seen) {
        const { address, host } = seen.door;
        return { is: 'done', value: { address, ...(host === undefined ? {} : { host }) } };
      }
      const [first] = seen.waiting;
      if (!first) return { is: 'done', value: undefined };
      begun ??= clock.now();
      // What has waited since an earlier deploy is not waited for again.
      const waited = Math.max(clock.now() - begun, clock.now() - Math.max(...seen.waiting.map(({ since }) => since)));
      if (waited < Math.min(timeout, seen.waiting.some(({ taken }) => taken) ? PATIENCE_MS : UNTAKEN_MS)) return { is: 'busy', reason: first.why };
      run.progress(`${first.why}; it is not waited for any longer`);
      return { is: 'done', value: undefined };
    },
  };
}
