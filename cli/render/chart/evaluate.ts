import type { Command, Definition, Node, Operand, Pipe } from './ast.ts';
import { FUNCTIONS } from './functions/all.ts';
import { call } from './functions/signature.ts';
import { broken, placeOf, type Source } from './source.ts';
import { aKind, entriesOf, isTrue, Mistake, Struct, textOf, type Value } from './value.ts';

/** All templates of a chart by name. */
export type Definitions = ReadonlyMap<string, Definition>;

/** Helm's own limit of `include` within itself is 1000 for a name; a chart that is right stays far below. */
const DEEPEST = 200;

/**
 * Fills one template of a chart. Pure: the same dot, the same text.
 * Errors: TODOCTL_TEMPLATE_BROKEN with the place, and the places of the includes that led to it.
 */
export function fill(definitions: Definitions, name: string, dot: Value): string {
  return new Evaluator(definitions).template(name, dot);
}

interface Frame {
  source: Source;
  /** Those of an inner block come last and go with it. */
  variables: [name: string, value: Value][];
  /** Who called the template, and where. */
  caller: { frame: Frame; at: number } | undefined;
  depth: number;
}

class Evaluator {
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  template(name: string, dot: Value, caller?: { frame: Frame; at: number }): string {
    const definition = this.#definitions.get(name);
    const depth = caller ? caller.frame.depth + 1 : 0;
    if (!definition) throw broken(`there is no template "${name}"`, caller ? placesOf(caller.frame, caller.at) : [name]);
    if (depth > DEEPEST) throw broken(`"${name}" calls itself without an end`, caller ? placesOf(caller.frame, caller.at).slice(0, 3) : []);
    return this.#nodes(definition.body, dot, { source: definition.source, variables: [['$', dot]], caller, depth });
  }

  #nodes(nodes: readonly Node[], dot: Value, frame: Frame): string {
    let text = '';
    for (const node of nodes) text += node.is === 'text' ? node.text : this.#node(node, dot, frame);
    return text;
  }

  #node(node: Exclude<Node, { is: 'text' }>, dot: Value, frame: Frame): string {
    switch (node.is) {
      case 'output': {
        const value = this.#pipe(node.pipe, dot, frame);
        return node.pipe.variables.length > 0 ? '' : this.#at(node.pipe.at, frame, () => textOf(value));
      }
      case 'template':
        return this.template(node.name, node.pipe ? this.#pipe(node.pipe, dot, frame) : null, { frame, at: node.at });
      case 'range':
        return this.#range(node, dot, frame);
      default:
        return this.#branch(node, dot, frame);
    }
  }

  #branch({ is, pipe, body, otherwise }: Extract<Node, { is: 'if' | 'with' }>, dot: Value, frame: Frame): string {
    const mark = frame.variables.length;
    const value = this.#pipe(pipe, dot, frame);
    const text = isTrue(value) ? this.#nodes(body, is === 'with' ? value : dot, frame) : this.#nodes(otherwise, dot, frame);
    frame.variables.length = mark;
    return text;
  }

  #range({ pipe, body, otherwise }: Extract<Node, { is: 'range' }>, dot: Value, frame: Frame): string {
    const { variables } = frame;
    const mark = variables.length;
    const over = this.#pipe({ ...pipe, variables: [] }, dot, frame);
    const items = this.#at(pipe.at, frame, () => itemsOf(over));
    let text = '';
    for (const [key, item] of items) {
      const given: Value[] = pipe.variables.length === 2 ? [key, item] : [item];
      pipe.variables.forEach((name, index) => this.#give(name, given[index] ?? null, pipe.assigns, frame));
      text += this.#nodes(body, item, frame);
      variables.length = mark;
    }
    return items.length > 0 ? text : this.#nodes(otherwise, dot, frame);
  }

  #pipe({ variables, assigns, commands }: Pipe, dot: Value, frame: Frame): Value {
    let value: Value | undefined;
    for (const command of commands) value = this.#command(command, value, dot, frame);
    for (const name of variables) this.#give(name, value ?? null, assigns, frame);
    return value ?? null;
  }

  #give(name: string, value: Value, assigns: boolean, { variables }: Frame): void {
    const there = assigns ? variables.findLast(([known]) => known === name) : undefined;
    if (there) there[1] = value;
    else variables.push([name, value]);
  }

  /** `final` is what came through the pipe: the last argument. */
  #command({ first, args, at }: Command, final: Value | undefined, dot: Value, frame: Frame): Value {
    if (first.is === 'function') return this.#call(first.name, at, args, final, dot, frame);
    if (args.length === 0 && final === undefined) return this.#operand(first, dot, frame);
    const given = args.map((arg) => this.#operand(arg, dot, frame));
    return this.#operand(first, dot, frame, final === undefined ? given : [...given, final]);
  }

  #call(name: string, at: number, args: readonly Operand[], final: Value | undefined, dot: Value, frame: Frame): Value {
    if (name === 'and' || name === 'or') return this.#either(name, at, args, final, dot, frame);
    const given = args.map((arg) => this.#operand(arg, dot, frame));
    if (final !== undefined) given.push(final);
    if (name === 'include') {
      const [called, inner = null] = given;
      if (given.length !== 2 || typeof called !== 'string') throw this.#broken('include wants the name of a template and a value', at, frame);
      return this.template(called, inner, { frame, at });
    }
    const known = FUNCTIONS.get(name);
    if (!known) throw this.#broken(`${name} is not a function that is known here`, at, frame);
    return this.#at(at, frame, () => call(name, known, given));
  }

  /** `and` and `or` answer one of their arguments, and look no further than they must. */
  #either(name: 'and' | 'or', at: number, args: readonly Operand[], final: Value | undefined, dot: Value, frame: Frame): Value {
    if (args.length === 0 && final === undefined) throw this.#broken(`${name} wants a value`, at, frame);
    let value: Value = null;
    for (const arg of args) {
      value = this.#operand(arg, dot, frame);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === undefined ? value : final;
  }

  #operand(operand: Operand, dot: Value, frame: Frame, args: readonly Value[] = []): Value {
    switch (operand.is) {
      case 'literal':
        return operand.value;
      case 'function':
        return this.#call(operand.name, operand.at, [], undefined, dot, frame);
      case 'dot':
        return this.#path(dot, operand, frame, args);
      case 'variable':
        return this.#path(frame.variables.findLast(([name]) => name === operand.name)?.[1] ?? null, operand, frame, args);
      case 'pipe': {
        const mark = frame.variables.length;
        const value = this.#pipe(operand.pipe, dot, frame);
        frame.variables.length = mark;
        return this.#path(value, operand, frame, args);
      }
    }
  }

  #path(from: Value, { path, at }: { path: readonly string[]; at: number }, frame: Frame, args: readonly Value[]): Value {
    if (path.length === 0) return from;
    return this.#at(at, frame, () => {
      let value = from;
      for (const [index, name] of path.entries()) value = fieldOf(value, name, index === path.length - 1 ? args : []);
      return value;
    });
  }

  #at<T>(at: number, frame: Frame, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Mistake) throw this.#broken(error.message, at, frame);
      throw error;
    }
  }

  #broken(what: string, at: number, frame: Frame): Error {
    const line = frame.source.text.slice(at).split(/\n|-?\}\}/, 1)[0]?.trim() ?? '';
    return broken(`${what}: ${line}`, placesOf(frame, at));
  }
}

/** A place in a template, and those of the calls that led to it, the nearest first. */
function placesOf(frame: Frame, at: number): string[] {
  const places = [placeOf(frame.source, at)];
  for (let { caller } = frame; caller; caller = caller.frame.caller) places.push(placeOf(caller.frame.source, caller.at));
  return places;
}

/** A key that a map lacks is nothing; a field of nothing is a mistake. */
function fieldOf(of: Value, name: string, args: readonly Value[]): Value {
  const field = of instanceof Struct ? of.of.get(name) : of instanceof Map ? (of.get(name) ?? null) : undefined;
  if (field === undefined) throw new Mistake(of instanceof Struct ? `.${name} is not known here` : `${aKind(of)} has no field ${name}`);
  if (typeof field === 'function') return field(...args);
  if (args.length > 0) throw new Mistake(`.${name} is not a function`);
  return field;
}

function itemsOf(over: Value): (readonly [Value, Value])[] {
  if (over === null) return [];
  if (Array.isArray(over)) return over.map((item, index) => [BigInt(index), item]);
  if (over instanceof Map) return entriesOf(over);
  throw new Mistake(`range cannot walk through ${aKind(over)}`);
}
