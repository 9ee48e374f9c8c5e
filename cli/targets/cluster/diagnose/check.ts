import type { ErrorCode } from '../../../errors/catalogue.ts';
import type { KafkaAccess } from '../../../kafka/access.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { Trouble } from '../../../kubernetes/why.ts';
import type { Marks } from '../marks.ts';
import type { Seen } from '../workloads.ts';

/** What the checks of the runbooks look at. */
export interface Around {
  kubernetes: Kubernetes;
  marks: Marks;
  seen: Seen;
  /** Of every pod that is not ready. */
  troubles: readonly Trouble[];
  /** Of whoever may see consumer groups. */
  kafka(): Promise<KafkaAccess>;
}

/** One check of a runbook: its title stands there too, word for word. */
export interface RunbookCheck {
  title: string;
  /** What is wrong, one line each; none when nothing is. `undefined`: the environment has no such thing. */
  look(around: Around): Promise<readonly string[] | undefined> | readonly string[] | undefined;
}

/** A page of docs/runbooks, and what doctor checks of it. */
export interface Runbook {
  page: string;
  code: ErrorCode;
  checks: readonly RunbookCheck[];
}

/** `pod: reason` of the pods with a trouble of these kinds. */
export function podsWith(troubles: readonly Trouble[], ...kinds: Trouble['kind'][]): string[] {
  return troubles.filter(({ kind }) => kinds.includes(kind)).map(({ pod, reason }) => `${pod}: ${reason}`);
}
