import type { Platform } from '../definition/platform.ts';
import { namespaceOf } from './names.ts';
import type { Artefact, Namespace, Parts } from './system.ts';

/** The namespaces that the systems live in, each once, with the Pod Security Standard that holds there. */
export function namespaceArtefacts(platform: Platform, systems: readonly Parts[]): Artefact[] {
  const own: Namespace = { name: namespaceOf(platform), podSecurity: 'restricted' };
  const all = [own, ...systems.flatMap(({ namespace }) => (namespace ? [namespace] : []))];
  const byName = new Map(all.map((namespace) => [namespace.name, namespace]));
  return [...byName.values()].map(({ name, podSecurity }) => ({
    owner: 'applied',
    file: `namespace-${name}.yaml`,
    template: 'kubernetes/namespace.yaml.hbs',
    view: { name, podSecurity },
  }));
}
