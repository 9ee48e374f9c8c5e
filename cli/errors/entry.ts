/** What the process exits with; the table stands in docs/errors.md. */
export const ExitCode = {
  fine: 0,
  bug: 1,
  usage: 2,
  precondition: 3,
  remoteRefused: 4,
  timedOut: 5,
  difference: 6,
  leftovers: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** One line of the catalogue: what `todoctl explain CODE` prints and docs/errors.md is made from. */
export interface ErrorEntry {
  readonly exit: ExitCode;
  /** What happened, in one line without a full stop. */
  readonly title: string;
  /** Why it happens. */
  readonly why: string;
  /** What to do, each a sentence or a command. */
  readonly next: readonly string[];
}
