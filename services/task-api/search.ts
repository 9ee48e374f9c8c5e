import type { Task } from '../contracts/task.ts';

/** One spelling for a text and for what is looked for in it: compatible forms made one (NFKC), case taken away. Not left to PostgreSQL, whose ILIKE depends on the server's locale. */
export function searchForm(text: string): string {
  // By way of capitals, so that ß is ss; and one small sigma, since which of the two it is hangs on what follows.
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** What a text search looks in. The parts are lines, so that no match spans two of them. */
export function searchText(task: Pick<Task, 'title' | 'description' | 'tags'>): string {
  return searchForm([task.title, task.description, ...task.tags].join('\n'));
}
