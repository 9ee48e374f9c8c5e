import type { ProcessSpec } from './process-spec.ts';

/** Why these specs contradict themselves; undefined when they do not. */
export function contradiction(specs: readonly ProcessSpec[]): string | undefined {
  const byName = new Map<string, ProcessSpec>();
  for (const spec of specs) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(spec.name)) return `${JSON.stringify(spec.name)} is no name for a process`;
    if (byName.has(spec.name)) return `two processes are called ${spec.name}`;
    byName.set(spec.name, spec);
  }
  for (const spec of specs) {
    const unknown = spec.after.find((name) => !byName.has(name));
    if (unknown !== undefined) return `${spec.name} is to start after ${unknown}, which is not among them`;
  }
  return circle(byName);
}

function circle(byName: ReadonlyMap<string, ProcessSpec>): string | undefined {
  const fine = new Set<string>();
  const follow = (name: string, path: readonly string[]): string | undefined => {
    if (path.includes(name)) return `each waits for the next: ${[...path.slice(path.indexOf(name)), name].join(', ')}`;
    if (fine.has(name)) return undefined;
    const found = byName.get(name)?.after.map((before) => follow(before, [...path, name])).find((text) => text !== undefined);
    fine.add(name);
    return found;
  };
  return [...byName.keys()].map((name) => follow(name, [])).find((text) => text !== undefined);
}
