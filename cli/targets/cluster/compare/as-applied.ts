import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../kubernetes/object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the API server keeps of who has set which fields: kubernetes.io/docs/reference/using-api/server-side-apply. */
interface Owner {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  subresource?: string;
  fieldsV1?: Fields;
}

/**
 * True where applying `wanted` again as this owner would change nothing: what is there has each of its values, and the API server's own
 * record says that the owner has applied just these fields, so that none would be added and none taken away. This is how server-side
 * apply itself comes to its answer, so nothing needs to be tried. False wherever that is not certain: a value that the server writes in
 * another way, a list that has more than ours.
 */
export function isAsApplied(there: KubernetesObject, wanted: KubernetesObject, manager: string): boolean {
  const { managedFields = [] } = there.metadata as { managedFields?: readonly Owner[] };
  const applied = managedFields.filter((owner) => owner.manager === manager && owner.operation === 'Apply' && owner.subresource === undefined);
  const [own] = applied;
  if (applied.length !== 1 || own?.apiVersion !== wanted.apiVersion || !own.fieldsV1) return false;
  // What names an object belongs to nobody.
  const { apiVersion: _, kind: __, metadata: { name: ___, namespace: ____, ...metadata }, ...rest } = wanted;
  return isSame({ ...rest, ...(Object.keys(metadata).length > 0 ? { metadata } : {}) }, there, own.fieldsV1);
}

/** `owned`: the fields below this value, `f:name` in a map, `k:{"name":"web"}` or `v:"value"` in a list; none where the value is set as a whole. */
function isSame(wanted: unknown, there: unknown, owned: Fields): boolean {
  const keys = Object.keys(owned).filter((key) => key !== '.');
  if (keys.length === 0) return isDeepStrictEqual(wanted, there);
  if (Array.isArray(wanted) && Array.isArray(there)) {
    return wanted.length === there.length && wanted.every((element, index) => isSameElement(element, there[index], owned, keys));
  }
  if (!isMap(wanted) || !isMap(there)) return false;
  const declared = Object.keys(wanted);
  return declared.length === keys.length && declared.every((key) => isMap(owned[`f:${key}`]) && isSame(wanted[key], there[key], owned[`f:${key}`] as Fields));
}

/** An element that is found by some of its fields, or is itself what it is found by. */
function isSameElement(wanted: unknown, there: unknown, owned: Fields, keys: readonly string[]): boolean {
  const found = keys.find((key) => names(key, there));
  return found !== undefined && isSame(wanted, there, owned[found] as Fields);
}

function names(key: string, element: unknown): boolean {
  if (key.startsWith('v:')) return isDeepStrictEqual(JSON.parse(key.slice(2)), element);
  return key.startsWith('k:') && isMap(element) && Object.entries(JSON.parse(key.slice(2)) as Fields).every(([field, value]) => element[field] === value);
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
