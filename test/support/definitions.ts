import fc from 'fast-check';

/** What a random definition declares, before it becomes text; every reference in it exists. */
export interface Drawn {
  platform: string;
  topics: Record<string, { key: 'task' | 'user'; partitions?: number; retention?: string }>;
  services: Record<string, DrawnService>;
  environments: { local: { provider: 'local' } };
}

export interface DrawnService {
  publishes: string[];
  subscribes: Record<string, { attempts?: number; bulk?: number }>;
  listens: string[];
  invokes: string[];
  database: boolean;
  state: boolean;
  replicas?: number;
}

/** Names that somebody else has in a cluster (cli/definition/{reserved,kubernetes}-names.ts) are drawn too, if seldom. */
const TAKEN = ['admin', 'connect', 'default', 'kafka', 'keda', 'lag', 'mirror', 'postgres', 'tail', 'valkey', 'argocd', 'monitoring', 'tracing', 'velero'];
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter((drawn) => !TAKEN.includes(drawn));

/** Random definitions that are right: up to five topics and five services with any arrows between them. */
export const definitions: fc.Arbitrary<Drawn> = fc
  .record({ topics: names(), services: names() })
  .chain(({ topics, services }) =>
    fc.record({
      platform: name,
      topics: entries(topics, () =>
        fc.record({ key: fc.constantFrom('task', 'user'), partitions: fc.integer({ min: 1, max: 9 }), retention: fc.constantFrom('1d', '90m') }, { requiredKeys: ['key'] }),
      ),
      services: entries(services, () => service(topics, services)),
      environments: fc.constant({ local: { provider: 'local' as const } }),
    }),
  );

function names(): fc.Arbitrary<string[]> {
  return fc.uniqueArray(name, { maxLength: 5 });
}

function service(topics: readonly string[], services: readonly string[]): fc.Arbitrary<DrawnService> {
  return fc
    .record(
      {
        publishes: fc.subarray([...topics]),
        consumed: fc.subarray([...topics]),
        listening: fc.boolean(),
        how: fc.record({ attempts: fc.integer({ min: 1, max: 50 }), bulk: fc.integer({ min: 1, max: 500 }) }, { requiredKeys: [] }),
        invokes: fc.subarray([...services]),
        database: fc.boolean(),
        state: fc.boolean(),
        replicas: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: ['publishes', 'consumed', 'listening', 'how', 'invokes', 'database', 'state'] },
    )
    .map(({ consumed, listening, how, ...rest }) => {
      const half = listening ? Math.ceil(consumed.length / 2) : 0;
      return { ...rest, listens: consumed.slice(0, half), subscribes: Object.fromEntries(consumed.slice(half).map((topic) => [topic, how])) };
    });
}

function entries<T>(keys: readonly string[], value: () => fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.tuple(...keys.map(value)).map((values) => Object.fromEntries(keys.map((key, index) => [key, values[index] as T])));
}

/** A definition with one environment, `far`, in a cluster, as it is written: keys of services and of environments as JSON has them. */
export interface DrawnForCluster extends Omit<Drawn, 'services' | 'environments'> {
  services: Record<string, DrawnService & { route?: string; scale?: object }>;
  environments: { far: Record<string, unknown> };
}

/** Random definitions that are right, for clusters of all kinds: who runs Kafka and PostgreSQL, what else there is, how services scale. */
export const clusterDefinitions: fc.Arbitrary<DrawnForCluster> = definitions.chain((drawn) => {
  const services = Object.keys(drawn.services);
  return fc.record({
    ...fields(drawn),
    services: fc.tuple(...services.map((service) => publicService(service))).map((more) => Object.fromEntries(services.map((service, index) => [service, { ...(drawn.services[service] as DrawnService), ...more[index] }]))),
    environments: fc.record({ far: environment(Object.keys(drawn.topics)) }),
  });
});

function fields({ platform, topics }: Drawn): { platform: fc.Arbitrary<string>; topics: fc.Arbitrary<Drawn['topics']> } {
  return { platform: fc.constant(platform), topics: fc.constant(topics) };
}

function publicService(service: string): fc.Arbitrary<{ route?: string; scale?: object }> {
  const bounds = fc.record({ min: fc.integer({ min: 1, max: 3 }), max: fc.integer({ min: 3, max: 9 }), cpu: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: ['min', 'max'] });
  return fc.record({ route: fc.constant(`/${service}`), scale: bounds }, { requiredKeys: [] });
}

function environment(topics: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const provider = fc.constantFrom({ provider: 'existing', context: 'mine' }, { provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-4vcpu-8gb', count: 3 } });
  const strimzi = fc.record({ brokers: fc.constantFrom(1, 3, 5), storage: fc.constantFrom('10GiB', '1TB') });
  const elsewhere = fc.constantFrom({ provider: 'digitalocean' }, { bootstrap: 'kafka.example.com:9094', mechanism: 'scram-sha-512', ca: true }, { bootstrap: 'one:9092,two:9093', mechanism: 'none' });
  const always = {
    auth: fc.constantFrom({ jwks: 'https://id.example.com/keys', issuer: 'id', audience: 'todo' }, { key: { env: 'AUTH_KEY' }, issuer: 'id', audience: 'todo' }),
    protected: fc.boolean(),
  };
  const sometimes = {
    host: fc.constant('todo.example.com'),
    postgres: fc.constantFrom({ provider: 'digitalocean', size: 'db-s-2vcpu-4gb' }, { provider: 'cluster', storage: '20GiB' }, { url: { env: 'DATABASE_URL' } }),
    redis: fc.constant({}),
    backup: fc.constant({ bucket: 'backups', region: 'nyc3' }),
    chaos: fc.constant({}),
    delivery: fc.constant({ argocd: { repository: 'https://git.example.com/deploy.git' } }),
    tracing: fc.constantFrom({ enabled: false }, { endpoint: 'otlp.example.com:4317' }, { protocol: 'zipkin' }),
    monitoring: fc.constantFrom({ enabled: false }, { slack: { webhook: { env: 'SLACK' } }, email: { to: ['a@example.com'], from: 'b@example.com', smarthost: 'mail.example.com:587' } }),
    gateway: fc.constantFrom({ kind: 'ingress', class: 'traefik' }, { class: 'traefik' }),
  };
  const connectors = { connectors: fc.constant({ files: { class: 'org.apache.kafka.connect.file.FileStreamSinkConnector', reads: topics.slice(0, 1), calls: ['internet'], config: { file: '/tmp/x' } } }) };
  const mirror = { mirror: fc.constantFrom({ from: 'west', bootstrap: 'west.example.com:9093' }, { to: 'east', bootstrap: 'east.example.com:9093' }) };
  const inside = fc.record({ ...always, ...sometimes, ...connectors, ...(topics.length > 0 ? mirror : {}), kafka: strimzi }, { requiredKeys: ['auth', 'protected'] });
  const outside = fc.record({ ...always, ...sometimes, kafka: elsewhere }, { requiredKeys: ['auth', 'protected', 'kafka'] });
  return fc.tuple(provider, fc.oneof(inside, outside)).map(([where, rest]) => ({ ...where, ...rest }));
}
