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

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);

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
