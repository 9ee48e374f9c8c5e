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

/** What an exit code says, in a few words. */
export const exitMeaning: Readonly<Record<ExitCode, string>> = {
  0: 'fine',
  1: 'a mistake in todoctl',
  2: 'a mistake in what was typed or written',
  3: 'something must be there first',
  4: 'the other side refused',
  5: 'it took too long',
  6: 'a difference was found',
  7: 'something is left over',
  130: 'interrupted',
};

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
