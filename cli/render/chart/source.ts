import { TodoctlError } from '../../errors/todoctl-error.ts';

/** The text of one file of a chart, and its name as Helm has it: `todo/templates/deployment.yaml`. */
export interface Source {
  name: string;
  text: string;
}

/** Lines and columns start with 1; a column counts UTF-16 units. */
export function placeOf({ name, text }: Source, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `charts/${name}:${line}:${offset - before.lastIndexOf('\n')}`;
}

/** What is wrong with a template of a chart, where, and through which includes it was reached, the nearest first. */
export function broken(what: string, places: readonly string[], cause?: unknown): TodoctlError {
  const [place = '', ...through] = places;
  return new TodoctlError('TODOCTL_TEMPLATE_BROKEN', {
    message: `A template of the chart cannot be filled: ${what}`,
    details: [place, ...through.map((at) => `included at ${at}`)],
    ...(cause === undefined ? {} : { cause }),
  });
}
