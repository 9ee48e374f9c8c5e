/** A parsed --where expression. */
export type Expression =
  | { is: 'and' | 'or'; parts: readonly Expression[] }
  | { is: 'not'; part: Expression }
  | { is: 'present'; path: Path }
  | { is: 'compare'; path: Path; operator: Operator; value: Literal };

export const OPERATORS = ['=', '!=', '~', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];

/** What is looked at: a field of the JSON value, or something of the record itself. */
export type Path =
  | { of: 'value'; names: readonly string[] }
  | { of: 'key' | 'topic' | 'partition' | 'offset' }
  | { of: 'header'; name: string };

/** What was written; `quoted` keeps "5" and "true" from being read as a number or a boolean. */
export interface Literal {
  text: string;
  quoted: boolean;
}
