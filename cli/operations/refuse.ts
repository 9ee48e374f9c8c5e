import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Check } from '../providers/provider.ts';

/** All that is wrong, in one error: the first one's code, the others as details. */
export function refuse(checks: readonly Check[]): void {
  const [first, ...others] = checks.flatMap(({ error }) => (error ? [error] : []));
  if (!first) return;
  if (others.length === 0) throw first;
  throw new TodoctlError(first.code, {
    message: first.message,
    why: first.why,
    next: first.next,
    details: [...first.details, ...others.flatMap(({ code, message, details }) => [`also: ${message} (${code})`, ...details])],
    cause: first,
  });
}
