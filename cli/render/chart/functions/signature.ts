import { aKind, Mistake, type Value, type ValueMap } from '../value.ts';

/** What a parameter takes. An `int` is one of Go's: a number of the values must go through `int` first, as in Helm. */
interface Kinds {
  any: Value;
  string: string;
  int: number;
  bool: boolean;
  list: readonly Value[];
  map: ValueMap;
}
export type Param = keyof Kinds;
type Args<P extends readonly Param[]> = { -readonly [K in keyof P]: Kinds[P[K]] };

/** A function that templates may call. */
export interface Callable {
  params: readonly Param[];
  /** Whether any number of values may follow. */
  more: boolean;
  run: (args: never[]) => Value;
}

/** A function of so many values of these kinds. */
export function takes<const P extends readonly Param[]>(params: P, run: (...args: Args<P>) => Value): Callable {
  return { params, more: false, run: (args) => run(...(args as unknown as Args<P>)) };
}

/** A function of these values and any number more. */
export function takesMore<const P extends readonly Param[]>(params: P, run: (args: Args<P>, more: Value[]) => Value): Callable {
  return { params, more: true, run: (args) => run(args.slice(0, params.length) as unknown as Args<P>, args.slice(params.length)) };
}

/** Calls a function with what a template gives it. Errors: Mistake for a wrong number or kind of values. */
export function call(name: string, { params, more, run }: Callable, args: readonly Value[]): Value {
  if (args.length < params.length || (!more && args.length > params.length)) throw new Mistake(`${name} wants ${params.length} values${more ? ' or more' : ''}, not ${args.length}`);
  const given = args.map((arg, index) => {
    const param = params[index] ?? 'any';
    const taken = take(param, arg);
    if (taken === undefined) throw new Mistake(`${name} wants ${WORDS[param]}, not ${aKind(arg)}`);
    return taken;
  });
  return run(given as never[]);
}

const WORDS: Readonly<Record<Param, string>> = { any: 'a value', string: 'a string', int: 'an int', bool: 'a bool', list: 'a list', map: 'a map' };

function take(param: Param, arg: Value): Kinds[Param] | undefined {
  switch (param) {
    case 'any':
      return arg;
    case 'string':
      return typeof arg === 'string' ? arg : undefined;
    case 'int':
      return typeof arg === 'bigint' ? Number(arg) : undefined;
    case 'bool':
      return typeof arg === 'boolean' ? arg : undefined;
    case 'list':
      return Array.isArray(arg) ? arg : undefined;
    case 'map':
      // Go takes nothing for a map that is empty.
      return arg === null ? new Map<string, Value>() : arg instanceof Map ? arg : undefined;
  }
}
