import type { Source } from './source.ts';

/** What a template is made of. `at` is an offset in its source. */
export type Node =
  | { is: 'text'; text: string }
  | { is: 'output'; pipe: Pipe }
  | { is: 'if'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { is: 'with'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { is: 'range'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { is: 'template'; name: string; pipe: Pipe | undefined; at: number };

/** `$a, $b := command | command`. */
export interface Pipe {
  variables: string[];
  /** `=` gives a variable that is there another value; `:=` makes one. */
  assigns: boolean;
  commands: Command[];
  at: number;
}

export interface Command {
  first: Operand;
  args: Operand[];
  at: number;
}

export type Operand =
  | { is: 'literal'; value: string | number | bigint | boolean | null }
  | { is: 'function'; name: string; at: number }
  /** `.a.b`; no path is the dot itself. */
  | { is: 'dot'; path: string[]; at: number }
  | { is: 'variable'; name: string; path: string[]; at: number }
  | { is: 'pipe'; pipe: Pipe; path: string[]; at: number };

/** A template by name: a file of the chart, or what stands between `define` and `end`. */
export interface Definition {
  name: string;
  source: Source;
  body: Node[];
}
