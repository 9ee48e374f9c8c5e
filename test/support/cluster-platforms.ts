import fc from 'fast-check';
import type { Environment, Platform } from '../../cli/definition/platform.ts';
import { definitions } from './definitions.ts';
import { platformOf } from './drawn-platform.ts';

const percent = fc.integer({ min: 1, max: 100 });
const scale = fc
  .record({ min: fc.integer({ min: 1, max: 4 }), more: fc.nat(6), cpu: percent, memory: percent, lag: fc.integer({ min: 1, max: 2_000_000 }) }, { requiredKeys: ['min', 'more'] })
  .map(({ min, more, ...by }) => ({ min, max: min + more, ...by }));
/** What a service says beyond its arrows; the route is made of its name, so that no two have the same. */
const extras = fc.record({ routed: fc.boolean(), scale, resources: fc.record({ cpu: fc.integer({ min: 1, max: 4000 }), memory: fc.constantFrom('64MiB', '1GiB', '100MB') }) }, { requiredKeys: ['routed'] });

const kafka: fc.Arbitrary<NonNullable<Environment['kafka']>> = fc
  .record(
    {
      provider: fc.constantFrom('strimzi', 'digitalocean', 'external'),
      mechanism: fc.constantFrom('none', 'plain', 'scram-sha-256', 'scram-sha-512'),
      ca: fc.boolean(),
      bootstrap: fc.constant('broker.example.com:9093'),
    },
    { requiredKeys: ['provider'] },
  )
  .map((given) => ({ brokers: 1, storage: '10GiB', ...given }));

const environment = fc.record(
  {
    protected: fc.boolean(),
    host: fc.constant('todo.example.com'),
    kafka,
    registry: fc.constantFrom({ server: 'ghcr.io', repository: 'example/todo' }, { server: 'ghcr.io', repository: 'example/todo', credentials: { env: 'TOKEN' } }),
    auth: fc.constantFrom({ jwks: 'https://id.example.com/keys', issuer: 'id', audience: 'todo' }, { key: { env: 'KEY' }, issuer: 'id', audience: 'todo' }),
    systems: fc.constantFrom({}, { gateway: { kind: 'ingress', class: 'traefik' }, monitoring: { enabled: true } }),
  },
  { requiredKeys: ['protected', 'auth', 'systems'] },
);

/** Random platforms in a cluster, with any arrows, scales, routes and providers. */
export const clusterPlatforms: fc.Arbitrary<Platform> = definitions.chain((drawn) =>
  fc.tuple(environment, ...Object.keys(drawn.services).map(() => extras)).map(([given, ...more]): Platform => {
    const services = Object.fromEntries(
      Object.entries(drawn.services).map(([name, service], index) => {
        const { routed = false, ...rest } = more[index] ?? {};
        return [name, { ...service, ...rest, ...(routed ? { route: index === 0 ? '/' : `/${name}` } : {}) }];
      }),
    );
    return platformOf({ ...drawn, services }, { name: 'prod', provider: 'digitalocean', ...given });
  }),
);
