import { nearest } from '../errors/nearest.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Step } from './step.ts';

/** `steps` and all that they need, each once, needs first. Two steps with one id are a mistake in the caller. */
export function withNeeds(steps: readonly Step[]): Step[] {
  const ordered = new Set<Step>();
  const add = (step: Step): void => {
    if (ordered.has(step)) return;
    step.needs.forEach(add);
    ordered.add(step);
  };
  steps.forEach(add);
  const ids = new Set<string>();
  for (const step of ordered) {
    if (ids.has(step.id)) throw new Error(`two steps have the id ${step.id}`);
    ids.add(step.id);
  }
  return [...ordered];
}

/** True when `step` needs `need`, at once or through others: then it is sure to have ended before. */
export function isNeeded(step: Step, need: Step): boolean {
  return withNeeds(step.needs).includes(need);
}

/** The steps with these ids; throws TODOCTL_STEP_UNKNOWN with the nearest name for one that does not exist. */
export function select(steps: readonly Step[], ids: readonly string[]): Step[] {
  const all = withNeeds(steps);
  return ids.map((id) => all.find((step) => step.id === id) ?? refuse(id, all.map((step) => step.id)));
}

function refuse(id: string, names: readonly string[]): never {
  const meant = nearest(id, names);
  throw new TodoctlError('TODOCTL_STEP_UNKNOWN', {
    message: `No step is called ${id}${meant ? `; did you mean ${meant}?` : ''}`,
    next: [`Choose among: ${names.join(', ')}.`],
  });
}
