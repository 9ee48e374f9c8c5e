import type { Owner } from '../systems/system.ts';

/** A file of a rendered environment. */
export interface Rendered {
  /** `objects/03-kafka/topic-task-events.yaml`: the folders' names sort in the order of applying. */
  path: string;
  text: string;
  system: string;
  owner: Owner;
}
