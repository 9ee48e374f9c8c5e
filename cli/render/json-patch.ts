export type PatchOperation = { op: 'add' | 'replace'; path: string; value: unknown } | { op: 'remove'; path: string };

/**
 * The JSON patch (RFC 6902) that makes `to` of `from`: the smallest by keys; lists of one length item by item, others as a whole.
 */
export function jsonPatch(from: unknown, to: unknown, path = ''): PatchOperation[] {
  if (isMap(from) && isMap(to)) {
    const removed = Object.keys(from).filter((key) => !Object.hasOwn(to, key)).map((key): PatchOperation => ({ op: 'remove', path: pointer(path, key) }));
    const others = Object.entries(to).flatMap(([key, value]): PatchOperation[] =>
      Object.hasOwn(from, key) ? jsonPatch(from[key], value, pointer(path, key)) : [{ op: 'add', path: pointer(path, key), value }],
    );
    return [...removed, ...others];
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) return to.flatMap((value, index) => jsonPatch(from[index], value, pointer(path, String(index))));
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ op: 'replace', path, value: to }];
}

function pointer(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
