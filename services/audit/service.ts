import { z } from 'zod';
import { EVENT_TYPES, type TOPICS, type TopicName } from '../contracts/names.ts';
import { tableAttempts } from '../kit/attempts.ts';
import { consume, consumeMetrics } from '../kit/consume.ts';
import { createInbox } from '../kit/inbox.ts';
import { DELIVERIES_KEPT_MS, startPruning } from '../kit/pruning.ts';
import type { DatabaseParts, Duties } from '../kit/service.ts';
import { readRoute } from './read-route.ts';
import { keep } from './records.ts';

/** Which topics audit keeps; todoctl.yaml says the same to Dapr. */
export const KEPT_TOPICS = ['task-events', 'reminders'] as const satisfies readonly (keyof typeof TOPICS)[];

// Any type, any data: what it is worth is for whoever reads it. The known ones by name, so that logs and metrics say which.
const ANYTHING = Object.fromEntries([...EVENT_TYPES, '*'].map((type) => [type, z.unknown()]));

/** Everything that audit does: keep each event once, whatever its type, and let the platform read them. */
export function audit({ config, database, dapr, log: serviceLog, metrics }: DatabaseParts): Duties {
  const kept = metrics.counter('audit_records_total', 'Events kept, by topic.');
  const repeated = metrics.counter('audit_duplicates_total', 'Deliveries of events that were kept already, by topic.');
  const attempts = tableAttempts(database, config.service);
  const measures = consumeMetrics(metrics);
  const keepTopic = (topic: TopicName) =>
    consume<unknown>({
      topic,
      consumer: config.service,
      types: ANYTHING,
      async handle(event, { origin, log }) {
        const isNew = await keep(database, event, origin);
        (isNew ? kept : repeated).inc({ topic });
        // That something happened to a task, never what a person wrote.
        if (isNew) log.info({ topic, task_id: event.subject }, 'kept');
      },
      attempts,
      dapr,
      measures,
    });
  const inbox = createInbox(database, config.service);
  const pruning = startPruning({ log: serviceLog, forget: { 'old deliveries': () => inbox.prune(DELIVERIES_KEPT_MS) } });
  return { routes: [...KEPT_TOPICS.map(keepTopic), readRoute(database)], stop: [pruning] };
}
