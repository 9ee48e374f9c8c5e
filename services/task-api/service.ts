import type { Duties, DatabaseParts } from '../kit/service.ts';
import { createOutbox } from '../kit/outbox.ts';
import { startPruning } from '../kit/pruning.ts';
import { startRelay } from '../kit/relay.ts';
import type { TaskDeps } from './act.ts';
import { changeFeedRoute } from './change-feed.ts';
import { healthRoute } from './health-route.ts';
import { forgetAnswers } from './idempotency.ts';
import { occurrenceRoute } from './occurrences.ts';
import { sheltered } from './sheltered.ts';
import { taskRoutes } from './task-routes.ts';

const ANSWERS_KEPT_MS = 24 * 3_600_000;

/** Everything that task-api does: its routes, the relay of its outbox, the pruning of kept answers. */
export function taskApi({ config, database, dapr, health, log, metrics }: DatabaseParts): Duties {
  const deps: TaskDeps = {
    database,
    outbox: createOutbox(database),
    counted: {
      created: metrics.counter('tasks_created_total', 'Tasks created, next occurrences included.'),
      completed: metrics.counter('tasks_completed_total', 'Tasks completed.'),
    },
  };
  const relay = startRelay({ database, dapr, log, metrics, source: `todo/${config.service}`, replica: config.replica });
  const pruning = startPruning({ log, forget: { 'old answers': () => forgetAnswers(database, ANSWERS_KEPT_MS) } });
  const routes = [...taskRoutes(deps), changeFeedRoute(database), occurrenceRoute(deps)];
  return {
    routes: [...sheltered(routes), healthRoute(health, config.setting('VERSION') ?? 'development')],
    stop: [
      pruning,
      { name: 'relay', stop: () => relay.stop() },
    ],
  };
}
