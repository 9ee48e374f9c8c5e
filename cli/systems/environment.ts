import type { Platform } from '../definition/platform.ts';
import { namespaceArtefacts } from './namespaces.ts';
import { policyArtefacts } from './network.ts';
import { withChartSources } from './sources.ts';
import type { Parts, System, Tags } from './system.ts';

/** A system as one environment has it. */
export interface Active extends Parts {
  id: string;
}

/**
 * What an environment in a cluster is made of, in an order in which it can be applied: each system after those that it needs.
 * First the namespaces of all, last the network policies: both follow from what the systems say. Errors: TODOCTL_SOURCE_UNKNOWN.
 */
export function systemsOf(platform: Platform, systems: readonly System[], tags: Tags): Active[] {
  const active = inOrder(systems).flatMap((system): Active[] => {
    const found = system.parts(platform, tags);
    return found ? [{ id: system.id, ...found }] : [];
  });
  return withChartSources(platform, [
    { id: 'namespaces', artefacts: namespaceArtefacts(platform, active) },
    ...active,
    { id: 'network', artefacts: policyArtefacts(platform, active) },
  ]);
}

/** Each after its needs, else in the order given. Errors: Error for an unknown need or a circle: mistakes of whoever wrote a system. */
function inOrder(systems: readonly System[]): System[] {
  const done: System[] = [];
  const visit = (system: System, above: readonly string[]): void => {
    if (done.includes(system)) return;
    if (above.includes(system.id)) throw new Error(`systems need each other in a circle: ${[...above, system.id].join(' → ')}`);
    for (const need of system.needs) {
      const needed = systems.find(({ id }) => id === need);
      if (!needed) throw new Error(`system ${system.id} needs ${need}, which is not a system`);
      visit(needed, [...above, system.id]);
    }
    done.push(system);
  };
  for (const system of systems) visit(system, []);
  return done;
}
