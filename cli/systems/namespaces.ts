import type { Platform } from '../definition/platform.ts';
import { byArgoCD } from './delivery.ts';
import { namespaceOf } from './names.ts';
import type { Artefact, Footprint, Namespace, Parts } from './system.ts';

/** For a release that replaces pods while the old ones still run. */
const ROOM = 1.5;
/** For jobs, tests and whatever an operator starts for a moment. */
const SPARE = { pods: 20, cpu: 2000, memory: 4096 };
/** The entrance, and another while it is replaced. */
const LOAD_BALANCERS = 2;

/** The namespaces that the systems live in, each once, with the Pod Security Standard that holds there; bounds for the app's. */
export function namespaceArtefacts(platform: Platform, systems: readonly Parts[]): Artefact[] {
  const own: Namespace = { name: namespaceOf(platform), podSecurity: 'restricted' };
  const all = [own, ...systems.flatMap(({ namespace }) => (namespace ? [namespace] : []))];
  const byName = new Map(all.map((namespace) => [namespace.name, namespace]));
  const namespaces = [...byName.values()].map(
    ({ name, podSecurity }): Artefact => ({
      owner: 'applied',
      file: `namespace-${name}.yaml`,
      template: 'kubernetes/namespace.yaml.hbs',
      view: { name, podSecurity, argocd: byArgoCD(platform) },
    }),
  );
  return [...namespaces, ...bounds(own.name, systems)];
}

/** What may run in the app's namespace: nothing there can take the whole cluster. */
function bounds(name: string, systems: readonly Parts[]): Artefact[] {
  const pods = systems.flatMap(({ pods: made = [], ownPods = [], charts = [] }) => [...made, ...ownPods, ...charts.filter(({ namespace }) => namespace === name).flatMap((chart) => chart.pods)]);
  const sum = (of: (pod: Footprint) => number): number => pods.reduce((total, pod) => total + (pod.most ?? pod.replicas) * of(pod), 0);
  const view = {
    name,
    pods: Math.ceil(sum(() => 1) * ROOM) + SPARE.pods,
    cpu: `${Math.ceil(sum(({ cpu }) => cpu) * ROOM) + SPARE.cpu}m`,
    memory: `${Math.ceil(sum(({ memory }) => memory) * ROOM) + SPARE.memory}Mi`,
    loadBalancers: LOAD_BALANCERS,
  };
  return [
    { owner: 'applied', file: 'quota.yaml', template: 'kubernetes/quota.yaml.hbs', view },
    { owner: 'applied', file: 'limits.yaml', template: 'kubernetes/limits.yaml.hbs', view: { name } },
  ];
}
