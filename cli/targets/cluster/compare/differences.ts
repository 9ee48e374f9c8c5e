import type { FieldChange } from './change.ts';
import { holdsVariable, isSecret } from './secrets.ts';

/** What the API server itself keeps in an object, and nobody declares. */
const KEPT_BY_SERVER = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'deletionGracePeriodSeconds', 'selfLink']);

type Fields = Readonly<Record<string, unknown>>;
type Walk = (path: string, from: unknown, to: unknown) => void;

/**
 * The fields in which an object would be different, each by its path; what the server keeps and the status are passed over.
 * Elements of a list are paired by their `name` where all have one, else by their place.
 */
export function differences(live: Fields, next: Fields): FieldChange[] {
  return collect(live, next, (from, to, path, found) => compare(from, to, path, found));
}

/**
 * The fields that are declared and different in what is there: what can be said without trying. Where the server writes a value
 * in its own way (`1000m` as `1`), or drops an empty one, that is no difference.
 */
export function declaredDifferences(live: Fields, declared: Fields): FieldChange[] {
  return collect(live, declared, (from, to, path, found) => compareDeclared(from, to, path, found));
}

function collect(from: Fields, to: Fields, walk: (from: unknown, to: unknown, path: string, found: Walk) => void): FieldChange[] {
  const [old, now] = [declaredPart(from), declaredPart(to)];
  const changes: FieldChange[] = [];
  walk(old, now, '', (path, was, is) => {
    const masked = isSecret(now, path, was) || isSecret(now, path, is) || (is === undefined && holdsVariable(path, was));
    changes.push(masked ? { path, masked } : { path, ...(was === undefined ? {} : { from: was }), ...(is === undefined ? {} : { to: is }) });
  });
  return changes;
}

/** The object without status and without what the server keeps. */
function declaredPart({ status: _status, metadata, ...rest }: Fields): Fields {
  const kept = Object.entries((metadata ?? {}) as Fields).filter(([key]) => !KEPT_BY_SERVER.has(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

function compare(from: unknown, to: unknown, path: string, found: Walk): void {
  if (from === to) return;
  if (isMap(from) && isMap(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) compare(from[key], to[key], below(path, key), found);
  } else if (Array.isArray(from) && Array.isArray(to)) {
    for (const [place, was, is] of paired(from, to)) compare(was, is, `${path}[${place}]`, found);
  } else found(path, from, to);
}

function compareDeclared(from: unknown, to: unknown, path: string, found: Walk): void {
  if (sameValue(from, to)) return;
  if (isMap(to) && (isMap(from) || from === undefined)) {
    for (const key of Object.keys(to)) compareDeclared(from?.[key], to[key], below(path, key), found);
  } else if (Array.isArray(from) && Array.isArray(to)) {
    // A list is declared as a whole, so what is only there is a difference too.
    for (const [place, was, is] of paired(from, to)) {
      if (is === undefined) found(`${path}[${place}]`, was, is);
      else compareDeclared(was, is, `${path}[${place}]`, found);
    }
  } else found(path, from, to);
}

/** The elements of two lists as pairs, with what names the pair in a path. */
function paired(from: readonly unknown[], to: readonly unknown[]): [place: string, from: unknown, to: unknown][] {
  const [old, now] = [namesOf(from), namesOf(to)];
  if (!old || !now) return Array.from({ length: Math.max(from.length, to.length) }, (_, index) => [String(index), from[index], to[index]]);
  return [...new Set([...old, ...now])].map((name) => [`name=${name}`, from[old.indexOf(name)], to[now.indexOf(name)]]);
}

/** The names of the elements, where each has one of its own. */
function namesOf(list: readonly unknown[]): string[] | undefined {
  const names = list.map((element) => (isMap(element) && typeof element['name'] === 'string' ? element['name'] : undefined));
  return names.every((name) => name !== undefined) && new Set(names).size === names.length ? names : undefined;
}

function below(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}["${key}"]`;
  return path === '' ? key : `${path}.${key}`;
}

function sameValue(from: unknown, to: unknown): boolean {
  if (from === to) return true;
  if (from === undefined) return to === null || to === '' || to === false || to === 0 || (typeof to === 'object' && Object.keys(to).length === 0);
  const [was, is] = [quantityOf(from), quantityOf(to)];
  return was !== undefined && was === is;
}

const UNITS: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** A quantity of Kubernetes as a number: `500m` is 0.5, `1Ki` is 1024; undefined for what is none. */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const [, digits, unit = ''] = typeof value === 'string' ? (/^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([numkMGT]|[KMGT]i)?$/.exec(value) ?? []) : [];
  const factor = UNITS[unit];
  return digits === undefined || factor === undefined || Number.isNaN(Number(digits)) ? undefined : Number(digits) * factor;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
