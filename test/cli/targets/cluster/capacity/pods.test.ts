// Each pod is counted once: the sum over whole environments, worked out a second time and in another way.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../../cli/definition/platform.ts';
import { footprintsOf } from '../../../../../cli/targets/cluster/capacity/pods.ts';
import { weigh } from '../../../../../cli/targets/cluster/capacity/room.ts';
import { SYSTEMS } from '../../../../../cli/systems/all.ts';
import { type Active, systemsOf } from '../../../../../cli/systems/environment.ts';
import type { Footprint } from '../../../../../cli/systems/system.ts';
import { objectsIn, platformIn, renderedOf } from '../../../../support/rendered.ts';

const EVERYTHING = readFileSync(path.resolve(import.meta.dirname, '../../../../../docs/everything.todoctl.yaml'), 'utf8');
const ENVIRONMENTS: [name: string, text: string | undefined][] = [['staging', undefined], ['prod', undefined], ['full', EVERYTHING], ['managed', EVERYTHING], ['existing', EVERYTHING]];

const systemsIn = (platform: Platform): Active[] => systemsOf(platform, SYSTEMS, Object.fromEntries(platform.services.map(({ name }) => [name, `tag-of-${name}`])));
const byName = (pods: readonly Footprint[]): Footprint[] => [...pods].sort((a, b) => a.name.localeCompare(b.name));

describe.each(ENVIRONMENTS)('the pods of %s', (name, text) => {
  test('are the replicas of the definition, and what charts, operators and jobs run', async () => {
    const platform = await platformIn(name, text);
    const systems = systemsIn(platform);
    const jobs = systems.some(({ id, ownPods = [] }) => id === 'backup' && ownPods.length > 0) ? [{ replicas: 1, cpu: 100, memory: 256 }] : [];
    const services = platform.services.map(({ replicas, scale, resources, sidecar }) => ({ replicas: scale?.min ?? replicas, cpu: resources.cpu + (sidecar ? 50 : 0), memory: resources.memory + (sidecar ? 96 : 0) }));
    const own = systems.filter(({ id }) => id !== 'app' && id !== 'backup').flatMap(({ ownPods = [] }) => ownPods);
    const others = [...own, ...systems.flatMap(({ pods = [], charts = [] }) => [...pods, ...charts.flatMap((chart) => chart.pods)])];
    const sum = (of: (pod: Pick<Footprint, 'replicas' | 'cpu' | 'memory'>) => number): number => [...services, ...jobs, ...others].reduce((total, pod) => total + of(pod), 0);
    const { least } = weigh(footprintsOf(objectsIn(renderedOf(platform)), systems), undefined);
    expect(least).toMatchObject({
      pods: sum(({ replicas }) => replicas),
      cpu: sum(({ replicas, cpu }) => replicas * cpu),
      memory: sum(({ replicas, memory }) => replicas * memory),
    });
  });

  test('have each a name of its own: none is said twice', async () => {
    const platform = await platformIn(name, text);
    const names = footprintsOf(objectsIn(renderedOf(platform)), systemsIn(platform)).map((pod) => pod.name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('that the bounds of the namespace count are those of the objects', async () => {
    const platform = await platformIn(name, text);
    const systems = systemsIn(platform);
    const inObjects = footprintsOf(objectsIn(renderedOf(platform)), []);
    expect(byName(systems.flatMap(({ ownPods = [] }) => ownPods))).toEqual(byName(inObjects));
  });
});
