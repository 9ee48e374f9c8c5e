import { taskCompletedSchema } from '../contracts/events.ts';
import { tableAttempts } from '../kit/attempts.ts';
import { systemClock } from '../kit/clock.ts';
import { consume, consumeMetrics } from '../kit/consume.ts';
import { createInbox } from '../kit/inbox.ts';
import { DELIVERIES_KEPT_MS, startPruning } from '../kit/pruning.ts';
import type { DatabaseParts, Duties } from '../kit/service.ts';
import { PATIENCE, type Patience, type SagaDeps } from './advance.ts';
import { onCompleted } from './on-completed.ts';
import { sagasIn } from './saga.ts';
import { startSweeper } from './sweeper.ts';

/** Everything that recurrence does: begin a saga for each completed task that repeats, and see it through. */
export function recurrence({ config, database, dapr, log, metrics }: DatabaseParts, patience: Patience = PATIENCE): Duties {
  const sagas = sagasIn(database);
  const settled = metrics.counter('recurrence_sagas_total', 'Sagas that came to their end, by state.');
  const deps: SagaDeps = { sagas, dapr, log, service: config.service, settled, patience };
  const pending = metrics.gauge('recurrence_sagas_pending', 'Sagas that are not at their end.');
  metrics.onCollect(async () => {
    const { rows } = await database.query<{ pending: number }>(`SELECT count(*) AS pending FROM sagas WHERE state = 'pending'`);
    pending.set({}, rows[0]?.pending ?? 0);
  });
  const sweeper = startSweeper(deps, { clock: systemClock, everyMs: 1000 });
  const inbox = createInbox(database, config.service);
  const pruning = startPruning({
    log,
    forget: { 'old sagas': () => sagas.prune(DELIVERIES_KEPT_MS), 'old deliveries': () => inbox.prune(DELIVERIES_KEPT_MS) },
  });
  const route = consume({
    topic: 'task-events',
    consumer: config.service,
    types: { 'task.completed.v1': taskCompletedSchema },
    handle: (event, delivery) => onCompleted(deps, event, delivery),
    attempts: tableAttempts(database, config.service),
    dapr,
    measures: consumeMetrics(metrics),
  });
  return {
    routes: [route],
    stop: [
      pruning,
      { name: 'sweeper', stop: () => sweeper.stop() },
    ],
  };
}
