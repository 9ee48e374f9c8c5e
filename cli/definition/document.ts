import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { Path, PlacedProblem, Problem } from './problems.ts';

/** A parsed definition that knows where each of its parts stands. */
export interface ParsedDocument {
  /** Plain objects, lists and values; undefined when `problems` says why there are none. */
  value: unknown;
  /** Where the text breaks YAML. */
  problems: readonly PlacedProblem[];
  /** Gives a problem the line and column of the part that its path leads to, or of the nearest part that exists. */
  place: (problem: Problem) => PlacedProblem;
}

/** Parses YAML 1.2; never throws, whatever the text. */
export function parseDefinition(text: string): ParsedDocument {
  const lines = new LineCounter();
  const start = { line: 1, column: 1 };
  try {
    // prettyErrors would quote the source line, and with it perhaps a secret.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const at = (offset: number): { line: number; column: number } => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    return {
      value: document.errors.length > 0 ? undefined : (document.toJS({ maxAliasCount: 100 }) as unknown),
      problems: onePerPlace(document.errors.map((error) => ({ ...syntaxProblem(error), ...at(error.pos[0]) }))),
      place: ({ code, message, path, at: part }) => ({ code, message, ...at(offsetOf(document, path, part)) }),
    };
  } catch (error) {
    return { value: undefined, problems: [{ ...collapse(error), ...start }], place: (problem) => ({ ...problem, ...start }) };
  }
}

/** One slip, as an open bracket, makes the library complain several times at one place; its first complaint says it. */
function onePerPlace(problems: readonly PlacedProblem[]): PlacedProblem[] {
  const byPlace = new Map<string, PlacedProblem>();
  for (const problem of problems) {
    const place = `${problem.line}:${problem.column}`;
    if (!byPlace.has(place)) byPlace.set(place, problem);
  }
  return [...byPlace.values()];
}

/** The library's own messages quote the text, so a secret could be in them: these are ours. */
function syntaxProblem(error: YAMLError): Pick<PlacedProblem, 'code' | 'message'> {
  if (error.code === 'DUPLICATE_KEY') return { code: 'TODOCTL_DEFINITION_DUPLICATE_KEY', message: 'this key stands here a second time' };
  return { code: 'TODOCTL_DEFINITION_NOT_YAML', message: `this is not YAML: ${SYNTAX[error.code] ?? 'unexpected text'}` };
}

const SYNTAX: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'an alias without its anchor',
  BAD_DQ_ESCAPE: 'an unknown escape in a quoted text',
  BAD_INDENT: 'a bracket is left open, or the indentation does not fit',
  BAD_SCALAR_START: 'a value cannot begin with this character; quote it',
  BLOCK_AS_IMPLICIT_KEY: 'a key cannot stand here; look at the indentation and at brackets left open',
  BLOCK_IN_FLOW: 'a block cannot stand inside brackets',
  MISSING_CHAR: 'a bracket, quote, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; perhaps its colon is missing',
  MULTIPLE_DOCS: 'a second document begins here; only one is read',
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'a tab indents here; use spaces',
};

function collapse(error: unknown): Pick<PlacedProblem, 'code' | 'message'> {
  if (error instanceof ReferenceError) return { code: 'TODOCTL_DEFINITION_TOO_LARGE', message: 'its aliases grow beyond all measure' };
  if (error instanceof RangeError) return { code: 'TODOCTL_DEFINITION_NOT_YAML', message: 'this is not YAML: it is nested too deeply' };
  throw error;
}

/** Where a part begins: its key or its value, or the innermost part above it that exists. */
function offsetOf(document: Document, path: Path, part: Problem['at']): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step)) : undefined;
    const next: unknown = isSeq(node) ? node.items[Number(step)] : pair?.value;
    // Above the last step the key says more than the brace that its value begins with.
    const shown = pair && (!last || part === 'key') ? pair.key : (next ?? pair?.key);
    if (shown === undefined) return offset;
    offset = begin(shown) ?? offset;
    node = next;
  }
  return offset;
}

function begin(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
