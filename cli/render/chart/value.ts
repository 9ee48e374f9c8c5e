/**
 * What a Go template computes with. As in Go, a number of a values file is a float64 (number here), one that a template
 * says or counts is an int (bigint here), and the two are never equal.
 */
export type Value = null | string | boolean | number | bigint | Value[] | ValueMap | Struct;
export type ValueMap = Map<string, Value>;

/** A thing of Helm's with fields and methods of its own, as `.Chart` and `.Capabilities`; any other field is a mistake. */
export class Struct {
  readonly of: ReadonlyMap<string, Value | Method>;

  constructor(of: Readonly<Record<string, Value | Method>>) {
    this.of = new Map(Object.entries(of));
  }
}
export type Method = (...args: Value[]) => Value;

/** What is wrong with a value; whoever knows the place in the template makes an error for a user of it. */
export class Mistake extends Error {}

/** What JSON or YAML gave as a value of templates: maps without a prototype's keys, `undefined` left out. Errors: Mistake. */
export function valueOf(given: unknown): Value {
  if (given === null || given === undefined) return null;
  if (Array.isArray(given)) return given.map(valueOf);
  if (given instanceof Map) return mapOf([...(given as Map<unknown, unknown>)].map(([key, inner]) => [String(key), inner]));
  if (typeof given === 'object') return mapOf(Object.entries(given));
  if (typeof given === 'string' || typeof given === 'boolean') return given;
  if (typeof given === 'bigint') return Number(given);
  // No file has a zero below zero.
  if (typeof given === 'number' && Number.isFinite(given)) return given === 0 ? 0 : given;
  throw new Mistake(`a template cannot compute with ${typeof given === 'number' ? given : typeof given}`);
}

function mapOf(entries: readonly (readonly [string, unknown])[]): ValueMap {
  const map: ValueMap = new Map();
  for (const [key, inner] of entries) if (inner !== undefined) map.set(key, valueOf(inner));
  return map;
}

/** What `if` asks: false, zero, nothing and all that is empty are not true. */
export function isTrue(value: Value): boolean {
  if (value === null) return false;
  if (typeof value === 'object') return sizeOf(value) !== 0;
  return Boolean(value);
}

function sizeOf(value: Value[] | ValueMap | Struct): number {
  return Array.isArray(value) ? value.length : value instanceof Map ? value.size : 1;
}

/** What kind of thing a value is, in Go's word. */
export function kindOf(value: Value): 'invalid' | 'string' | 'bool' | 'float64' | 'int' | 'slice' | 'map' | 'struct' {
  if (value === null) return 'invalid';
  if (Array.isArray(value)) return 'slice';
  if (value instanceof Map) return 'map';
  return value instanceof Struct ? 'struct' : KINDS[typeof value as keyof typeof KINDS];
}

const KINDS = { string: 'string', boolean: 'bool', number: 'float64', bigint: 'int' } as const;

/** The same for a person: `an int`, `nothing`. */
export function aKind(value: Value): string {
  const kind = kindOf(value);
  return kind === 'invalid' ? 'nothing' : `${kind === 'int' ? 'an' : 'a'} ${kind}`;
}

/** A value as a template writes it. Errors: Mistake for what has no value, and for lists and maps: these have `toYaml`. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) throw new Mistake('it has no value');
  if (typeof value === 'object') throw new Mistake(`${aKind(value)} cannot be written as text`);
  return typeof value === 'number' ? floatText(value) : String(value);
}

/** A float64 as Go's `%v` writes it: the shortest digits, with an exponent below 0.0001 and from a million on. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Orders texts as Go does, by their bytes. */
export function byBytes(a: string, b: string): number {
  if (a === b) return 0;
  // The order of UTF-16 units is another one only where a pair of surrogates meets what stands behind them.
  return SURROGATE.test(a) || SURROGATE.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

const SURROGATE = /[\ud800-\udfff]/;

/** A map's entries in the order in which Go's templates walk through them. */
export function entriesOf(map: ValueMap): [string, Value][] {
  return [...map].sort(([a], [b]) => byBytes(a, b));
}

/** A map as it is; an empty one for anything else. */
export function asMap(value: Value): ValueMap {
  return value instanceof Map ? value : new Map<string, Value>();
}
