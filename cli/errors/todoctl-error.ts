import { catalogue, type ErrorCode } from './catalogue.ts';
import type { ExitCode } from './entry.ts';

export interface ErrorDetails {
  /** What exactly happened this time; the catalogue's title when left out. */
  message?: string;
  /** Why, when more is known than the catalogue says. */
  why?: string;
  /** What to do, when more is known than the catalogue says. */
  next?: readonly string[];
  /** Lines that point at the place: a file with line and column, a caret under an expression. */
  details?: readonly string[];
  cause?: unknown;
}

/** The only error that todoctl shows: a code of the catalogue with a message, a reason and next steps. */
export class TodoctlError extends Error {
  readonly code: ErrorCode;
  readonly exit: ExitCode;
  readonly why: string;
  readonly next: readonly string[];
  readonly details: readonly string[];

  constructor(code: ErrorCode, given: ErrorDetails = {}) {
    const entry = catalogue[code];
    super(given.message ?? entry.title, 'cause' in given ? { cause: given.cause } : undefined);
    this.name = 'TodoctlError';
    this.code = code;
    this.exit = entry.exit;
    this.why = given.why ?? entry.why;
    this.next = given.next ?? entry.next;
    this.details = given.details ?? [];
  }

  /** The shape under `error` in every `--json` output. */
  toJSON(): { code: ErrorCode; message: string; why: string; next: readonly string[]; details: readonly string[] } {
    return { code: this.code, message: this.message, why: this.why, next: this.next, details: this.details };
  }
}
