import { catalogue, isErrorCode } from '../errors/catalogue.ts';
import { type ExitCode, exitMeaning } from '../errors/entry.ts';
import { nearest } from '../errors/nearest.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';

const PREFIX = /^TODOCTL_/;

/** One error of the catalogue, as `explain CODE --json` prints it. */
export interface Explanation {
  code: string;
  title: string;
  why: string;
  next: readonly string[];
  exit: ExitCode;
  exitMeaning: string;
}

/** All errors, as `explain --json` prints them. */
export interface ErrorList {
  errors: Pick<Explanation, 'code' | 'title' | 'exit'>[];
}

/** Looks a code up; capitals and the TODOCTL_ in front may be left out. Errors: TODOCTL_UNKNOWN_CODE with the nearest one. */
export function explain(wanted: string): Explanation {
  const name = wanted.toUpperCase().replaceAll('-', '_').replace(PREFIX, '');
  const code = `TODOCTL_${name}`;
  if (!isErrorCode(code)) {
    // Compared without what all codes share, or any short word would come close to some code.
    const close = nearest(name, Object.keys(catalogue).map((known) => known.replace(PREFIX, '')));
    throw new TodoctlError('TODOCTL_UNKNOWN_CODE', {
      message: `No error has the code ${wanted}`,
      ...(close === undefined ? {} : { next: [`Did you mean todoctl explain TODOCTL_${close}?`] }),
    });
  }
  const { title, why, next, exit } = catalogue[code];
  return { code, title, why, next, exit, exitMeaning: exitMeaning[exit] };
}

/** Every error of the catalogue, by code. */
export function listErrors(): ErrorList {
  const errors = Object.entries(catalogue).map(([code, { title, exit }]) => ({ code, title, exit }));
  return { errors: errors.sort((a, b) => (a.code < b.code ? -1 : 1)) };
}
