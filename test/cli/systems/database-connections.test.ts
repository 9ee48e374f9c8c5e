// How many connections of the database the services may open, and how many it gives.
import { describe, expect, test } from 'vitest';
import { type DatabaseConnections, databaseConnections } from '../../../cli/systems/database-connections.ts';
import { platformIn } from '../../support/rendered.ts';

async function connections(services: string, more = ''): Promise<DatabaseConnections> {
  return databaseConnections(await platformIn('prod', `platform: todo\ntopics: { t: { key: task } }\nservices: ${services}\nenvironments: { prod: { provider: existing, context: c${more} } }\n`));
}
const sum = ({ used }: DatabaseConnections): number => used.reduce((total, one) => total + one.connections, 0);

describe('what is used', () => {
  test('a full pool of each replica that there may be', async () => {
    expect((await connections('{ audit: { database: true, scale: { min: 2, max: 6 } } }')).used).toEqual([{ what: 'audit: 6 × a pool of 10', connections: 60 }]);
    expect(sum(await connections('{ audit: { database: true, replicas: 3 } }'))).toBe(30);
    expect(sum(await connections('{ audit: { database: true, replicas: 3 } }', ', protected: true'))).toBe(60);
  });

  test('and of each that relays an outbox what the relay opens beside it', async () => {
    expect((await connections('{ api: { database: true, publishes: [t], replicas: 2 } }')).used).toEqual([
      { what: 'api: 2 × a pool of 10', connections: 20 },
      { what: 'api: 2 × 4 for its outbox', connections: 8 },
    ]);
  });

  test('a sidecar’s state store, unless that is in Redis', async () => {
    expect((await connections('{ api: { state: true, replicas: 2 } }')).used).toEqual([{ what: 'api: 2 × 2 for its sidecar’s state store', connections: 4 }]);
    expect(sum(await connections('{ api: { state: true, replicas: 2 } }', ', redis: {}'))).toBe(0);
  });

  test('a pool is as big as the environment says', async () => {
    expect(sum(await connections('{ api: { database: true } }', ', postgres: { pool: 3 }'))).toBe(3);
  });

  test('a pooler’s, whoever and however many share it, and the dump’s that goes past it', async () => {
    const postgres = ', postgres: { provider: digitalocean, size: db-s-2vcpu-4gb, pooled: 60 }';
    const shared = { what: 'a pooler of 60 for all services', connections: 60 };
    const services = '{ api: { database: true, publishes: [t], state: true, scale: { min: 3, max: 200 } }, audit: { database: true } }';
    expect(await connections(services, postgres)).toMatchObject({ limit: 97, used: [shared] });
    expect((await connections(services, `${postgres}, backup: { bucket: backups, region: nyc3 }`)).used).toEqual([shared, { what: 'the backup’s dump', connections: 1 }]);
    expect(sum(await connections('{ api: { state: true } }', postgres))).toBe(60);
    expect(sum(await connections('{ api: { state: true } }', `${postgres}, redis: {}`))).toBe(0);
  });

  test('a pooler needs one for each sidecar that may start with a state store, and one more', async () => {
    const poolerOf = async (services: string, more = ''): Promise<unknown> => (await connections(services, `, postgres: { provider: external, pooled: 20 }${more}`)).pooler;
    expect(await poolerOf('{ api: { state: true, scale: { min: 2, max: 9 } }, bills: { state: true }, audit: { database: true, replicas: 7 } }')).toEqual({ size: 20, least: 11 });
    expect(await poolerOf('{ api: { state: true, replicas: 9 } }', ', redis: {}')).toEqual({ size: 20, least: 1 });
    expect((await connections('{ api: { state: true } }')).pooler).toBeUndefined();
  });

  test('a dump’s own without a pooler too, where there is something to dump', async () => {
    const backup = ', backup: { bucket: backups, region: nyc3 }';
    expect(sum(await connections('{ api: { database: true } }', backup))).toBe(11);
    expect(sum(await connections('{ api: { state: true } }', backup))).toBe(2);
  });

  test('nothing where nothing is kept', async () => {
    expect(sum(await connections('{ web: {}, api: { publishes: [t] } }'))).toBe(0);
  });
});

describe('what there is', () => {
  test.each([
    // docs.digitalocean.com: 22 for 1 GiB, 97 for 4 GiB.
    [', postgres: { provider: digitalocean, size: db-s-1vcpu-1gb }', 22],
    [', postgres: { provider: digitalocean, size: db-s-2vcpu-4gb }', 97],
    [', postgres: { provider: digitalocean, size: gd-16vcpu-64gb }', 997],
    [', postgres: { provider: digitalocean, size: db-s-2vcpu-4gb, connections: 50 }', 50],
    [', postgres: { provider: digitalocean, size: something }', undefined],
    [', postgres: { provider: digitalocean }', undefined],
    [', postgres: { provider: external }', undefined],
    [', postgres: { provider: external, connections: 40 }', 40],
    ['', 97],
    [', postgres: { connections: 300 }', 297],
  ])('with%s', async (more, limit) => {
    expect((await connections('{ api: { database: true } }', more)).limit).toBe(limit);
  });
});
