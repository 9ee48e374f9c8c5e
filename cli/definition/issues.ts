import type * as z from 'zod';
import { isErrorCode } from '../errors/catalogue.ts';
import { nearest } from '../errors/nearest.ts';
import { describedAt, keysAt } from './keys.ts';
import { offer, type Path, type Problem } from './problems.ts';

type Issue = z.core.$ZodIssue;

/** The schema's complaints in the house's words. `value` is the whole definition as it was written. */
export function problemsOf(issues: readonly Issue[], value: unknown, schema: z.ZodType): Problem[] {
  return issues.flatMap((issue) => problems(issue, [], value, schema));
}

function problems(issue: Issue, above: Path, value: unknown, schema: z.ZodType): Problem[] {
  const path: Path = [...above, ...(issue.path as Path)];
  const found = valueAt(value, path);
  const wrong = (code: Problem['code'], message: string): Problem[] => [{ code, message, path, at: 'value' }];

  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      code: 'TODOCTL_DEFINITION_UNKNOWN_KEY',
      message: key === '<<' ? 'a merge (<<) is not read: it is not of YAML 1.2; write the keys themselves' : `${WORD.test(key) ? key : 'what stands here'} is not a key of ${spell(path)}${offer(nearest(key, known)) || `; it takes ${known.join(', ')}`}`,
      path: [...path, key],
      at: 'key',
    }));
  }
  if (issue.code === 'invalid_key') return [{ ...named(issue.issues[0]?.message, String(path.at(-1))), path, at: 'key' }];
  if (issue.message === 'TODOCTL_SECRET_LITERAL') {
    if (isMap(found)) return wrong('TODOCTL_DEFINITION_WRONG_TYPE', `${spell(path)} wants { env: NAME } or { file: PATH }`);
    const wants = issue.code === 'custom' ? String(issue.params?.['wants']) : '{ env: NAME } or { file: PATH }';
    return wrong('TODOCTL_SECRET_LITERAL', `${spell(path)} holds a secret itself; write ${wants}`);
  }
  if (issue.code === 'invalid_union') {
    if (found === undefined) return wrong('TODOCTL_DEFINITION_MISSING_KEY', missing([String(path.at(-1))], path.slice(0, -1)));
    if (issue.errors.flat().every(isPlain)) return [{ ...noneOf(issue.errors, path, found, keysAt(schema, path)), path, at: 'value' }];
    const [best = [], ...others] = likeliest(issue.errors);
    return best.flatMap((inner) => {
      const keys = eitherKey(inner, best, others, found);
      return keys.length > 1 ? [{ code: 'TODOCTL_DEFINITION_MISSING_KEY', message: missing(keys, path), path: [...path, ...(inner.path as Path)], at: 'value' }] : problems(inner, path, value, schema);
    });
  }
  if (issue.code === 'invalid_type') {
    if (found === undefined) return wrong('TODOCTL_DEFINITION_MISSING_KEY', missing([String(path.at(-1))], path.slice(0, -1)));
    return wrong('TODOCTL_DEFINITION_WRONG_TYPE', `${spell(path)} wants ${KINDS[issue.expected] ?? issue.expected}, not ${kind(found)}`);
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    if (found === undefined) return wrong('TODOCTL_DEFINITION_MISSING_KEY', missing([String(path.at(-1))], path.slice(0, -1)));
    const close = typeof found === 'string' ? nearest(found, values) : undefined;
    return wrong('TODOCTL_DEFINITION_BAD_VALUE', `${spell(path)} takes ${values.join(', ')}, not ${quote(found)}${offer(close)}`);
  }
  // Where single values are taken beside a range, its least is not all there is to say: the schema says it.
  if (issue.code === 'too_small') return wrong('TODOCTL_DEFINITION_BAD_VALUE', `${spell(path)} ${/^takes /.test(issue.message) ? issue.message : `is at least ${issue.minimum}`}, not ${quote(found)}`);
  if (issue.code === 'too_big') return wrong('TODOCTL_DEFINITION_BAD_VALUE', `${spell(path)} is at most ${issue.maximum}, not ${quote(found)}`);
  // An address may hold a user and a password: it is not repeated.
  if (issue.message === 'TODOCTL_DEFINITION_BAD_ADDRESS') return wrong(issue.message, `${spell(path)} wants host:port, several separated by commas`);
  if (issue.code === 'invalid_format' && issue.format === 'url') return wrong('TODOCTL_DEFINITION_BAD_VALUE', `${spell(path)} wants a URL like https://id.example.com/keys`);
  if (isErrorCode(issue.message)) return [{ ...named(issue.message, found), path, at: 'value' }];
  const description = describedAt(schema, path);
  return wrong('TODOCTL_DEFINITION_BAD_VALUE', `${spell(path)} cannot be this${description === undefined ? '' : `; it says: ${description}`}`);
}

/** Keys that the schema library passes over in silence, for what they do in JavaScript. */
export function hiddenKeys(value: unknown, path: Path = []): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key): Problem[] => {
    const here = [...path, key];
    if (key === '__proto__') return [{ code: 'TODOCTL_DEFINITION_BAD_NAME', message: `${key} cannot be a name`, path: here, at: 'key' }];
    return hiddenKeys((value as Record<string, unknown>)[key], here);
  });
}

/** What a person would write as a key. Anything else may be a value that lost its key or its colon, and so a secret: it is not repeated. */
const WORD = /^[A-Za-z_][\w.-]{0,62}$/;

/** A complaint that carries its own code; the value is a name, duration, size or route, never a secret. */
function named(code: string | undefined, found: unknown): Pick<Problem, 'code' | 'message'> {
  const words = WORDS[code ?? ''];
  if (code === 'TODOCTL_DEFINITION_BAD_NAME' && typeof found === 'string' && found.length > LONGEST_NAME && NAME.test(found)) return { code, message: `${quote(found)} is too long for a name: ${found.length} characters` };
  if (!code || !isErrorCode(code) || !words) return { code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${quote(found)} cannot stand here` };
  return { code, message: `${quote(found)} is no ${words}` };
}

/** Of a service; a topic may have more. Longer ones in the right letters are refused for their length. */
const LONGEST_NAME = 63;
const NAME = /^[a-z](?:[a-z0-9.-]*[a-z0-9])?(?<!\.dlq)$/;

const WORDS: Readonly<Record<string, string>> = {
  TODOCTL_DEFINITION_BAD_NAME: 'usable name: lower-case letters, digits and dashes',
  TODOCTL_DEFINITION_BAD_DURATION: 'duration like 7d, 90m or 1h30m',
  TODOCTL_DEFINITION_BAD_SIZE: 'size like 512MiB or 10GB',
  TODOCTL_DEFINITION_BAD_ROUTE: 'route like /api or /',
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** A complaint about a value as a whole, not about something in it. */
function isPlain({ code, path }: Issue): boolean {
  return path.length === 0 && ['invalid_type', 'invalid_value', 'too_small', 'too_big'].includes(code);
}

/** A value that no branch of a union takes, with what each would: `direct or a map with argocd`. */
function noneOf(branches: readonly (readonly Issue[])[], path: Path, found: unknown, keys: readonly string[]): Pick<Problem, 'code' | 'message'> {
  const wants = [...new Set(branches.map(([first]) => (first ? wanted(first, keys) : 'another value')))].join(' or ');
  if (branches.flat().every(({ code }) => code === 'invalid_type')) return { code: 'TODOCTL_DEFINITION_WRONG_TYPE', message: `${spell(path)} wants ${wants}, not ${kind(found)}` };
  return { code: 'TODOCTL_DEFINITION_BAD_VALUE', message: `${spell(path)} takes ${wants}, not ${typeof found === 'object' ? kind(found) : quote(found)}` };
}

/** Of a union's complaints those of the branches that were entered, the one first that the value was meant for. */
function likeliest(branches: readonly (readonly Issue[])[]): (readonly Issue[])[] {
  return branches.filter((issues) => !issues.some(isPlain)).sort((a, b) => strangers(a) - strangers(b) || a.length - b.length);
}

/** The key that is missing and those that would do as well, in branches that lack no more; empty where nothing is missing. */
function eitherKey(issue: Issue, best: readonly Issue[], others: readonly (readonly Issue[])[], found: unknown): string[] {
  const lacks = (issues: readonly Issue[]): string[] => issues.filter(({ code, path }) => code !== 'unrecognized_keys' && path.length === 1 && valueAt(found, path as Path) === undefined).map(({ path }) => String(path[0]));
  const key = lacks([issue])[0];
  if (key === undefined) return [];
  const rivals = others.filter((other) => other.length === best.length && strangers(other) === strangers(best) && !lacks(other).includes(key));
  return [...new Set([key, ...rivals.flatMap(lacks).filter((other) => !lacks(best).includes(other))])];
}

/** How many keys a branch does not know, and how many it misses. */
function strangers(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

function wanted(issue: Issue, keys: readonly string[]): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code !== 'invalid_type') return 'another value';
  return issue.expected === 'object' && keys.length > 0 ? `a map with ${keys.join(', ')}` : (KINDS[issue.expected] ?? issue.expected);
}

function missing(keys: readonly string[], path: Path): string {
  return `${keys.join(' or ')} is missing in ${spell(path)}`;
}

function kind(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? 'a number' : 'a text';
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 50 ? `${text.slice(0, 49)}…` : text;
}

/** `services.task-api.replicas`, or what the top of the file is called. */
function spell(path: Path): string {
  return path.length === 0 ? 'the definition' : path.join('.');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[step] : undefined), value);
}
