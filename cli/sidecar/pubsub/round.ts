import type { Clock } from '../../io/clock.ts';
import type { Log } from '../../io/json-log.ts';
import type { AppClient } from '../app/app-client.ts';
import type { Policy } from '../resources/resiliency.ts';
import type { Subscription } from '../resources/subscription.ts';
import type { Publisher } from './publisher.ts';

/** What it takes to hand records to an app. */
export interface RoundOptions {
  app: AppClient;
  /** For dead letters. */
  publisher: Publisher;
  inbound: Policy;
  tracing: boolean;
  clock: Clock;
  log: Log;
}

/** Publishes a value as it came to the dead-letter topic, its metadata as headers. False when there is no such topic or it failed. */
export async function deadLetter(
  value: Buffer,
  metadata: Readonly<Record<string, string>>,
  { pubsub, deadLetterTopic }: Subscription,
  { publisher, log }: Pick<RoundOptions, 'publisher' | 'log'>,
): Promise<boolean> {
  if (!deadLetterTopic) return false;
  try {
    await publisher.publish(pubsub, deadLetterTopic, { value, metadata });
    return true;
  } catch (error) {
    log.error(`cannot publish to the dead-letter topic ${deadLetterTopic}: ${(error as Error).message}`);
    return false;
  }
}
