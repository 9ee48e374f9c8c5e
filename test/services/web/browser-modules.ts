// The page's own modules, which run in a browser without a build and so without types. What the tests use of them, typed.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EventData } from '../../../services/contracts/events.ts';
import type { Task } from '../../../services/contracts/task.ts';

export interface TasksModule {
  createTasks: () => { put(task: Task): boolean; remove(id: string): boolean; open(): Task[]; done(): Task[] };
  dueTime: (task: Task) => { time: Date; elsewhere: boolean } | undefined;
}
export interface LiveModule {
  follow: (options: {
    position: string;
    address(position: string): string;
    onChange(change: EventData['task.changed.v1']): void;
    onState(state: 'connecting' | 'live' | 'refused'): void;
  }) => () => void;
}

async function load(name: string): Promise<unknown> {
  const file = path.resolve('services/web/public', name);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as unknown;
}
export const loadTasks = async () => (await load('tasks.js')) as TasksModule;
export const loadLive = async () => (await load('live.js')) as LiveModule;
