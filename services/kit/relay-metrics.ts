import type { Database } from './database.ts';
import type { Counter, Gauge, Histogram, Metrics } from './metrics.ts';
import { backlog } from './relay-source.ts';

export interface RelayMetrics {
  readonly active: Gauge;
  readonly published: Counter;
  readonly failures: Counter;
  readonly delay: Histogram;
}

/** What a relay says of itself; the backlog is asked for at each scrape, so that it is told even when nobody relays. */
export function relayMetrics(metrics: Metrics, database: Database): RelayMetrics {
  const depth = metrics.gauge('outbox_depth', 'Events waiting in the outbox, counted to 10000.');
  const age = metrics.gauge('outbox_oldest_age_seconds', 'How long the first of them has waited.');
  metrics.onCollect(async () => {
    const { depth: rows, oldestSeconds } = await backlog(database);
    depth.set({}, rows);
    age.set({}, oldestSeconds);
  });
  const active = metrics.gauge('outbox_relay_active', '1 in the one process that relays.');
  active.set({}, 0);
  return {
    active,
    published: metrics.counter('outbox_published_total', 'Events published, by topic.'),
    failures: metrics.counter('outbox_publish_failures_total', 'Tries to publish an event that failed, by topic.'),
    delay: metrics.histogram('outbox_publish_delay_seconds', 'From the start of the transaction to the topic.'),
  };
}
