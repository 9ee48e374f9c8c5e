import type { Claim } from '../kafka/session.ts';
import type { Retry } from '../resources/resiliency.ts';
import type { Subscription } from '../resources/subscription.ts';
import { withPolicy } from '../retry.ts';
import { bulkRound } from './bulk-round.ts';
import type { RoundOptions } from './round.ts';
import { singleRound } from './single-round.ts';

export interface SubscriberOptions extends RoundOptions {
  /** What the component does when a round failed; undefined: it passes the record over. */
  consumeRetry: Retry | undefined;
}

/**
 * Hands the records of one partition to the app, in order, one at a time or in bulk, until the claim ends
 * (components-contrib common/component/kafka/consumer.go, ConsumeClaim).
 */
export async function consumeClaim(claim: Claim, subscription: Subscription, options: SubscriberOptions): Promise<void> {
  const { bulk } = subscription;
  const { consumeRetry, clock, log } = options;
  while (!claim.stop.aborted) {
    const records = await claim.take(bulk?.maxMessages ?? 1, bulk?.maxAwaitMs ?? 0);
    const last = records.at(-1);
    if (!last) return;
    const where = `${claim.topic}/${claim.partition}/${last.offset}`;
    const round = async (): Promise<void> => {
      await (bulk ? bulkRound(records, claim, subscription, options) : singleRound(last, claim, subscription, options)).catch((error: unknown) => {
        if (!claim.stop.aborted) log.warn(`${where}: ${(error as Error).message}`);
        throw error;
      });
    };
    try {
      await withPolicy(consumeRetry ? { retry: consumeRetry } : {}, round, { clock, stop: claim.stop });
      claim.mark(last);
    } catch {
      // Ended, not failed: whoever takes the partition over begins with this record.
      if (claim.stop.aborted) return;
      // The next success marks past it, as in the component: it is skipped.
      log.error(`passing over ${where}`);
    }
  }
}
