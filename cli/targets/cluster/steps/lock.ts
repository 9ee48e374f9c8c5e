import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { Cluster } from '../../../providers/provider.ts';
import type { Ground } from '../ground.ts';
import { claimant, type Held, LEASE_SECONDS, locked, lockNameOf, lookAtLease, removeLease, writeLease } from '../lease.ts';

const QUICK_MS = 30_000;
/** Three times before it ends, so that one lost answer costs nothing. */
const RENEW_MS = (LEASE_SECONDS * 1000) / 4;

export interface Lock {
  step: Step;
  /** Throws TODOCTL_LOCK_LOST when somebody else has taken it since: whoever changes something asks before. */
  assertHeld: () => void;
  /** True as long as nobody has asked: this run has changed nothing in the cluster, and nobody else is let. */
  untouched: () => boolean;
}

/** Keeps every other deploy, rollback, scale and teardown of the environment out, wherever it runs, for as long as this one runs. */
export function openLock(ground: Ground, cluster: Step<Cluster>, doing: string): Lock {
  const { clock, environment } = ground.given;
  const name = lockNameOf({ platform: ground.peek.platform, environment });
  const me = claimant(doing);
  let held = false;
  let touched = false;
  let lost: TodoctlError | undefined;
  const step: Step = {
    id: 'lock',
    title: 'Lock the environment',
    needs: [cluster],
    timeout: QUICK_MS,
    act: true,
    check: async () => (held ? { is: 'done', value: undefined } : { is: 'absent' }),
    async apply(run) {
      const kubernetes = ground.open(run.of(cluster));
      await take(kubernetes);
      held = true;
      const ended = new AbortController();
      const renewing = renew(kubernetes, ended.signal);
      run.atEnd(async () => {
        ended.abort();
        await renewing;
        await removeLease(kubernetes, name, me, clock.now());
      });
    },
  };
  return {
    step,
    assertHeld: () => {
      if (lost) throw lost;
      touched = true;
    },
    untouched: () => !touched,
  };

  /** Most often there is none: it is written first, and looked at where that is refused. Who has it is said. */
  async function take(kubernetes: Kubernetes): Promise<void> {
    for (let seen: Held = { by: 'nobody' }; !(await writeLease(kubernetes, name, me, seen, clock.now())); ) {
      seen = await lookAtLease(kubernetes, name, me, clock.now());
      if (seen.by === 'other') throw locked(environment, seen);
    }
  }

  async function renew(kubernetes: Kubernetes, ended: AbortSignal): Promise<void> {
    while (!lost) {
      const over = await clock.wait(RENEW_MS, ended).then(() => false, () => true);
      if (over) return;
      try {
        const seen = await lookAtLease(kubernetes, name, me, clock.now());
        if (seen.by === 'other') lost = lostTo(locked(environment, seen));
        else await writeLease(kubernetes, name, me, seen, clock.now());
      } catch {
        // Out of reach for a moment; the next time is soon enough, and whoever changes something sees it for himself.
      }
    }
  }
}

function lostTo(other: TodoctlError): TodoctlError {
  return new TodoctlError('TODOCTL_LOCK_LOST', { message: 'The lock of the environment is no longer ours', details: [other.message, ...other.details] });
}
