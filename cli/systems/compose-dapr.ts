import type { Platform } from '../definition/platform.ts';
import { daprArtefacts } from './dapr.ts';
import { labelsOf } from './names.ts';
import type { Artefact } from './system.ts';

/** Addresses within the network of Compose. */
export interface ComposeAddresses {
  kafka: string;
  redis: string;
}

/**
 * What the sidecars under Compose read: the objects of a laptop with a real daprd, but for where things are. Kafka asks nobody who
 * they are, state is in Redis, the secret store is the sidecar's environment, and sidecars find each other by multicast.
 */
export function composeDapr(platform: Platform, addresses: ComposeAddresses): Artefact[] {
  const { kafka, redis, ...environment } = { redis: undefined, ...platform.environment };
  const laptop: Platform = { ...platform, environment: { ...environment, provider: 'local', dapr: { binary: 'daprd' }, systems: {} } };
  // One machine has no namespaces.
  const everywhere = { namespace: null, labels: labelsOf(platform, 'compose') };
  return daprArtefacts(laptop).map(({ file, template, view }) => ({
    owner: 'file',
    file: `compose/dapr/${file}`,
    ...differently({ template, view: { ...everywhere, ...view } }, addresses),
  }));
}

type Filled = Pick<Artefact, 'template' | 'view'>;

/** The template and the view, or what takes their place here. */
function differently({ template, view }: Filled, { kafka, redis }: ComposeAddresses): Filled {
  const plain = (name: string, value: string): object => ({ name, value, secret: null, variable: null });
  const others: Readonly<Record<string, Filled>> = {
    'dapr/configuration.yaml.hbs': { template, view: { ...view, nameResolution: null, restarted: false } },
    'dapr/component-pubsub.yaml.hbs': { template, view: { ...view, connection: [plain('brokers', kafka), plain('authType', 'none')] } },
    'dapr/component-secrets.yaml.hbs': { template: 'compose/component-secrets.yaml.hbs', view },
    'dapr/component-state.yaml.hbs': { template: 'dapr/component-state-redis.yaml.hbs', view: { ...view, host: redis, password: { name: 'REDIS_PASSWORD', key: 'REDIS_PASSWORD' } } },
  };
  return others[template] ?? { template, view };
}
