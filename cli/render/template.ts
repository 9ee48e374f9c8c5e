import Handlebars from 'handlebars/dist/handlebars.js';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { codeText, codeWord } from './code-text.ts';
import { hclBlock, hclText } from './hcl-text.ts';
import { yamlBlock, yamlText } from './yaml-text.ts';

/** The text of a template and its name relative to the templates' folder: `dapr/subscription.yaml.hbs`. */
export interface Template {
  name: string;
  source: string;
}

interface Place {
  line: number;
  column: number;
}

/** Fills a template with a view. Throws TODOCTL_TEMPLATE_BROKEN. */
export type Fill = (view: object) => string;

/** Helpers that write a value so that the file's language reads it back unchanged. */
const QUOTING = {
  yaml: yamlText,
  block: yamlBlock,
  hcl: hclText,
  hclblock: hclBlock,
  code: codeText,
  word: codeWord,
};

/**
 * Reads a template, once for many views. Nothing is passed over: a value that is missing anywhere, an unknown helper, a value
 * that is written without a quoting helper is TODOCTL_TEMPLATE_BROKEN with the template's name and line. Handlebars' own strict
 * mode looks only at bare values, not at what helpers and blocks are handed; so the blocks here look themselves.
 * `{{yaml value}}` writes one line, `{{block value indent=4}}` lines of their own below a key.
 */
export function compileTemplate(template: Template): Fill {
  const handlebars = Handlebars.create();
  const refuse = (what: string, at: Place): never => {
    throw broken(template, what, at);
  };
  const given = <T>(value: T, { loc }: Handlebars.HelperOptions & { loc?: hbs.AST.SourceLocation }): NonNullable<T> | null => {
    const at = loc?.start ?? { line: 1, column: 0 };
    return value ?? (value === null ? null : refuse(`${expressionAt(template.source, at)} has no value`, at));
  };
  const { each, if: when } = handlebars.helpers;
  for (const [name, quote] of Object.entries(QUOTING)) {
    handlebars.registerHelper(name, (value: unknown, options: Handlebars.HelperOptions) => quote(given(value, options), Number(options.hash['indent'] ?? 0)));
  }
  handlebars.registerHelper({
    each(this: unknown, items: unknown, options: Handlebars.HelperOptions) {
      return each?.call(this, given(items, options), options) as string;
    },
    if(this: unknown, condition: unknown, options: Handlebars.HelperOptions) {
      return when?.call(this, given(condition, options), options) as string;
    },
  });
  const knownHelpers = Object.fromEntries(Object.keys(QUOTING).map((name) => [name, true]));
  const attempt = <T>(work: () => T, tree?: hbs.AST.Program): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof TodoctlError) throw error;
      const { what, at } = inOurWords(error as Error, tree);
      throw broken(template, what, at, error);
    }
  };
  return attempt(() => {
    const tree = handlebars.parse(template.source);
    new BareValues(refuse).accept(tree);
    const fill = handlebars.compile(tree, { strict: true, noEscape: true, knownHelpersOnly: true, knownHelpers });
    return (view) => attempt(() => fill(view), tree);
  });
}

/** What Handlebars, or JavaScript where a value's parent is missing, complains of; and where that stands. */
function inOurWords(error: Error & { lineNumber?: number; column?: number }, tree: hbs.AST.Program | undefined): { what: string; at: Place } {
  const { message, lineNumber = 1, column = 0 } = error;
  const at = { line: lineNumber, column };
  const key = /\(reading '(.+)'\)/.exec(message)?.[1];
  const path = key !== undefined && tree ? pathTo(tree, key) : undefined;
  if (path) return { what: `${path.original} has no value`, at: path.loc.start };
  const helper = /unknown helper (\S+)/.exec(message)?.[1];
  if (helper !== undefined) return { what: `there is no helper ${helper}`, at };
  const line = /^Parse error on line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return { what: message.endsWith("got 'EOF'") ? 'a block is not closed' : 'this is not Handlebars', at: { line: Number(line), column: 0 } };
  return { what: message.split('\n')[0] ?? message, at };
}

/** The first path that reads a key of something else. */
function pathTo(tree: hbs.AST.Program, key: string): hbs.AST.PathExpression | undefined {
  const found: hbs.AST.PathExpression[] = [];
  class Paths extends Handlebars.Visitor {
    override PathExpression(path: hbs.AST.PathExpression): void {
      if (path.parts.slice(1).includes(key)) found.push(path);
    }
  }
  new Paths().accept(tree);
  return found[0];
}

/** Refuses `{{name}}`: what reaches a file goes through a helper that quotes it. */
class BareValues extends Handlebars.Visitor {
  readonly #refuse: (what: string, at: Place) => never;

  constructor(refuse: (what: string, at: Place) => never) {
    super();
    this.#refuse = refuse;
  }

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    if (statement.params.length === 0) this.#refuse('a value is written without a quoting helper', statement.loc.start);
  }
}

function expressionAt(source: string, { line, column }: Place): string {
  const text = source.split('\n')[line - 1]?.slice(column) ?? '';
  return /\{\{.*?\}\}/.exec(text)?.[0] ?? text;
}

function broken(template: Template, what: string, { line, column }: Place, cause?: unknown): TodoctlError {
  return new TodoctlError('TODOCTL_TEMPLATE_BROKEN', {
    message: `A template cannot be filled: ${what}`,
    details: [`templates/${template.name}:${line}:${column + 1}`],
    ...(cause === undefined ? {} : { cause }),
  });
}
