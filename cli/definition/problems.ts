import type { ErrorCode } from '../errors/catalogue.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';

/** Keys and indexes from the top of the file to a place in it. */
export type Path = readonly (string | number)[];

/** One mistake in todoctl.yaml, at a place. */
export interface Problem {
  code: ErrorCode;
  /** What is wrong there, in one line; never holds a value that could be a secret. */
  message: string;
  path: Path;
  /** Whether the key at the end of `path` is wrong, or its value. */
  at: 'key' | 'value';
}

/** A mistake whose line and column (both from 1) are known. */
export interface PlacedProblem extends Pick<Problem, 'code' | 'message'> {
  line: number;
  column: number;
}

/** So many that whoever mends a file sees all of them; what is no definition at all does not fill the screen for ever. */
const MOST_SHOWN = 100;

/**
 * All mistakes of a file as one error, in the order of the file. One mistake keeps its own code; several share
 * TODOCTL_DEFINITION_INVALID and carry theirs in their lines. Each begins `file:line:column`, which terminals make clickable.
 */
export function definitionError(file: string, problems: readonly PlacedProblem[]): TodoctlError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const [first, ...others] = sorted;
  if (first && others.length === 0) return new TodoctlError(first.code, { message: first.message, details: [place(file, first)] });
  const shown = sorted.slice(0, MOST_SHOWN).flatMap((problem) => [`${place(file, problem)} ${problem.code}`, `  ${problem.message}`]);
  const more = sorted.length > MOST_SHOWN ? [`and ${sorted.length - MOST_SHOWN} more`] : [];
  return new TodoctlError('TODOCTL_DEFINITION_INVALID', { message: `${file} has ${sorted.length} mistakes`, details: [...shown, ...more] });
}

/** `; did you mean X?` for an offered name, nothing for none. */
export function offer(name: string | undefined): string {
  return name === undefined ? '' : `; did you mean ${name}?`;
}

function place(file: string, { line, column }: PlacedProblem): string {
  return `${file}:${line}:${column}`;
}
