import type { Service } from '../definition/platform.ts';
import { appBlock } from './app-settings.ts';
import { appValues } from './app-values.ts';
import { namespaceOf } from './names.ts';
import { defineSystem, type Footprint } from './system.ts';

/** The services: the one Helm release that is made and rolled back as a whole. */
export const app = defineSystem({
  id: 'app',
  needs: ['dapr', 'certificates', 'gateway', 'keda', 'monitoring'],
  settings: appBlock,
  parts: (platform, { sidecar }, tags) => ({
    own: { release: platform.name, chart: 'todo', template: 'helm/todo.values.yaml.hbs', values: appValues(platform, tags) },
    ownPods: platform.services.map((service) => footprint(service, sidecar)),
    // What `helm test` runs.
    calls: [{ from: { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/name': `${platform.name}-smoke` } }, to: ['entrance'] }],
  }),
});

/** A pod asks for its service and for its sidecar. */
function footprint({ name, replicas, scale, resources, sidecar }: Service, { cpu, memory }: { cpu: number; memory: number }): Footprint {
  return {
    name,
    replicas: scale?.min ?? replicas,
    ...(scale ? { most: scale.max } : {}),
    cpu: resources.cpu + (sidecar ? cpu : 0),
    memory: resources.memory + (sidecar ? memory : 0),
  };
}
