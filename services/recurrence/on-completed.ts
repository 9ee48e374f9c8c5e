import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { EventData } from '../contracts/events.ts';
import { Poison, type Delivery } from '../kit/consume.ts';
import { advance, type SagaDeps } from './advance.ts';
import { nextOccurrence, type Occurrence } from './next-occurrence.ts';

type Completed = CloudEvent<string, EventData['task.completed.v1']>;

/**
 * Begins the saga of a completed task that repeats, and takes it as far as it goes now; what is left is the sweeper's. A
 * delivery that comes again finds its saga and does nothing. Throws Poison for a rule that is none.
 */
export async function onCompleted(deps: SagaDeps, event: Completed, { origin }: Pick<Delivery, 'origin'>): Promise<void> {
  const { due, recurrence } = event.data.task_data;
  if (due === null || recurrence === null) return;
  const next = compute(event);
  const { task_id: taskId, user_id: userId } = event.data;
  const begun = { eventId: event.id, taskId, userId, due: next?.due ?? due, recurrence: next?.recurrence ?? recurrence, origin, event };
  const saga = await deps.sagas.begin(begun, next ? 'pending' : 'ended');
  if (!saga) return;
  if (next) await advance(deps, saga);
  else deps.settled.inc({ state: 'ended' });
}

function compute({ data }: Completed): Occurrence | undefined {
  const { due, recurrence } = data.task_data;
  if (due === null || recurrence === null) return undefined;
  try {
    return nextOccurrence({ due, recurrence, completedAt: data.timestamp });
  } catch (error) {
    throw new Poison(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
