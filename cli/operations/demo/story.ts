import type { Browser, Live, Task } from './browser.ts';
import type { Tell } from './moment.ts';
import type { Workspace } from './workspace.ts';

interface Stage {
  browser: Browser;
  workspace: Workspace;
  /** `--env NAME` for every command. */
  local: readonly string[];
  tell: Tell;
  stop: AbortSignal;
  chapter: (number: number, title: string, why: string) => void;
}

/** The real events take milliseconds; the limit is for a machine that is busy with other things. */
const LIVE_MS = 30_000;

/** Chapters two to five: a user works, a task comes back, and what happened is read from the topic and from the store. */
export async function tellStory(stage: Stage): Promise<void> {
  const { chapter, tell, browser, stop } = stage;
  chapter(2, 'A user works, a browser sees it', 'Each change goes API → event store and outbox → Kafka → realtime → WebSocket.');
  const milk = await browser.call<Task>('POST', '/api/tasks', { title: 'Buy milk', priority: 'high', tags: ['home'] });
  await seenLive(stage, milk, 'created');
  await browser.call<Task>('POST', `/api/tasks/${milk.id}/complete`);
  await seenLive(stage, milk, 'completed');
  stop.throwIfAborted();

  chapter(3, 'A recurring task comes back', 'The recurrence service hears task.completed, works out the next date in the task’s zone and asks task-api for it.');
  const due = { at: '2027-01-04T09:00:00', zone: 'Europe/Berlin' };
  const review = await browser.call<Task>('POST', '/api/tasks', { title: 'Weekly review', due, recurrence: 'FREQ=WEEKLY;BYDAY=MO' });
  tell({ is: 'seen', what: `${review.title}, due ${dueText(review)}, repeats ${review.recurrence}` });
  await browser.call<Task>('POST', `/api/tasks/${review.id}/complete`);
  const known = new Set([milk.id, review.id]);
  const born = await browser.live((message) => isChange(message, 'created') && !known.has(message.task_id ?? ''), LIVE_MS);
  const next = await browser.call<Task>('GET', `/api/tasks/${born.task_id}`);
  tell({ is: 'seen', what: `${next.title} is back, due ${dueText(next)}` });
  stop.throwIfAborted();

  chapter(4, 'The same, seen from Kafka', 'events tail reads topics without joining a consumer group: nothing is disturbed by looking.');
  await show(stage, ['events', 'topics']);
  await show(stage, ['events', 'tail', 'task-events', '--no-follow', '--format', '%t/%p@%o  %v{type}  %v{data.title}']);
  stop.throwIfAborted();

  chapter(5, 'The history of one task', 'The event store keeps every change; state is what the events add up to.');
  const { history } = await browser.call<{ history: readonly HistoryItem[] }>('GET', `/api/tasks/${review.id}/history`);
  tell({ is: 'output', lines: history.map(({ at, type, text }) => `${at}  ${type.padEnd(27)}  ${text}`) });
}

interface HistoryItem {
  at: string;
  type: string;
  text: string;
}

async function seenLive({ browser, tell }: Stage, task: Task, action: string): Promise<void> {
  await browser.live((message) => isChange(message, action) && message.task_id === task.id, LIVE_MS);
  tell({ is: 'seen', what: `the browser’s WebSocket says: “${task.title}” ${action}` });
}

async function show({ workspace, local, tell }: Stage, args: readonly string[]): Promise<void> {
  const { exit, stdout } = await workspace.todoctl([...args, ...local]);
  tell({ is: 'output', lines: stdout.trimEnd().split('\n') });
  if (exit !== 0) throw new Error(`todoctl ${args.join(' ')} ended with exit code ${exit}`);
}

function isChange(message: Live, action: string): boolean {
  return message.type === 'change' && message.action === action;
}

function dueText(task: Task): string {
  return task.due ? `${task.due.at.slice(0, 16).replace('T', ' ')} ${task.due.zone}` : 'never';
}
