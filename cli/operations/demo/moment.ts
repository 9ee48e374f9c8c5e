/** What the demo shows, in order; the view decides how it looks. */
export type Moment =
  | { is: 'chapter'; number: number; of: number; title: string; why: string }
  /** A command line as the reader could type it. */
  | { is: 'command'; line: string }
  /** Lines that a command or a request answered with. */
  | { is: 'output'; lines: readonly string[] }
  | { is: 'seen'; what: string };

export type Tell = (moment: Moment) => void;
