// Who runs PostgreSQL for an environment, and what the cluster has of it.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { directPostgresSecret, pooledConnections, postgresSecret } from '../../../cli/systems/names.ts';
import { postgres } from '../../../cli/systems/postgres.ts';
import { platformIn } from '../../support/rendered.ts';

const templates = openTemplates();
const cluster = (more = '', service = '{ database: true }'): Promise<Platform> =>
  platformIn('prod', `platform: todo\ntopics: {}\nservices: { audit: ${service} }\nenvironments: { prod: { provider: existing, context: c${more} } }\n`);
const valuesOf = (platform: Platform): unknown[] => (postgres.parts(platform, {})?.charts ?? []).map(({ values }) => parse(templates.fill(values.template, values.view)) as unknown);

describe('in the cluster, which is so unless the definition says otherwise', () => {
  test('an operator, and one instance where nobody relies on it', async () => {
    const platform = await cluster();
    expect(postgres.parts(platform, {})?.charts).toMatchObject([
      { release: 'cloudnative-pg', namespace: 'cnpg-system', chart: 'cloudnative-pg', repository: 'https://cloudnative-pg.github.io/charts', version: '0.29.0', provides: ['postgresql.cnpg.io'], pods: [{ replicas: 1 }] },
      { release: 'postgres', namespace: 'todo', chart: 'cluster', repository: 'https://cloudnative-pg.github.io/charts', version: '0.8.1', pods: [{ name: 'postgres', replicas: 1, cpu: 250, memory: 512, volumes: [10] }] },
    ]);
    expect(valuesOf(platform)).toEqual([
      { resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '128Mi' } } },
      {
        fullnameOverride: 'postgres',
        version: { postgresql: '18' },
        cluster: {
          instances: 1,
          storage: { size: '10Gi' },
          resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '512Mi' } },
          affinity: { topologyKey: 'kubernetes.io/hostname' },
          enableSuperuserAccess: false,
          enablePDB: false,
          stopDelay: 300,
          postgresql: { parameters: { max_connections: '100' } },
          initdb: { database: 'todoapp', owner: 'todo_user' },
        },
      },
    ]);
  });

  test('three instances where people rely on it, with the disk and the connections that were asked for', async () => {
    const platform = await cluster(', protected: true, postgres: { storage: 1500MiB, connections: 300 }');
    expect(valuesOf(platform)[1]).toMatchObject({ cluster: { instances: 3, enablePDB: true, storage: { size: '2Gi' }, postgresql: { parameters: { max_connections: '300' } } } });
    expect(postgres.parts(platform, {})?.charts?.[1]?.pods).toEqual([{ name: 'postgres', replicas: 3, cpu: 250, memory: 512, volumes: [2] }]);
  });

  test.each([
    ['digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }, protected: true', { size: '10Gi', storageClass: 'do-block-storage-retain' }],
    ['digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }', { size: '10Gi', storageClass: 'do-block-storage' }],
    ['existing, context: c, protected: true', { size: '10Gi' }],
  ])('its disks outlive their claims where people rely on them: %s', async (provider, storage) => {
    const platform = await platformIn('prod', `platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: ${provider} } }\n`);
    expect(valuesOf(platform)[1]).toMatchObject({ cluster: { storage } });
  });

  test('its Secret is the one that the operator makes', async () => {
    expect(postgresSecret(await cluster())).toEqual({ name: 'postgres-app', key: 'uri' });
  });

  test('instances call each other and the API server, the operator calls them', async () => {
    const pods = { namespace: 'todo', labels: { 'cnpg.io/cluster': 'postgres' } };
    const { serves, calls } = postgres.parts(await cluster(), {}) ?? {};
    expect(serves).toEqual([
      { id: 'postgres', pods, ports: [{ port: 5432 }] },
      { id: 'postgres-status', pods, ports: [{ port: 8000 }] },
      { id: 'metrics', pods, ports: [{ port: 9187 }] },
    ]);
    expect(calls).toEqual([
      { from: pods, to: ['postgres', 'postgres-status', 'kubernetes-api'] },
      { from: { namespace: 'cnpg-system', labels: { 'app.kubernetes.io/name': 'cloudnative-pg' } }, to: ['postgres', 'postgres-status'] },
    ]);
  });
});

describe('somebody else’s', () => {
  test.each([
    ['DigitalOcean’s', ', postgres: { provider: digitalocean, size: db-s-1vcpu-1gb }', [25_060]],
    ['any, at the usual port', ', postgres: { provider: external }', [5432]],
    ['any, at a port of its own', ', postgres: { provider: external, port: 6432 }', [6432]],
    ['any, by its address', ', postgres: { url: { env: DATABASE_URL } }', [5432]],
  ])('%s: nothing in the cluster, and its ports may be called', async (_, more, ports) => {
    const platform = await cluster(more);
    expect(postgres.parts(platform, {})).toEqual({ serves: [{ id: 'postgres', pods: 'outside', ports: ports.map((port) => ({ port })) }] });
    expect(postgresSecret(platform)).toEqual({ name: 'postgres', key: 'uri' });
  });
});

describe('behind a pooler', () => {
  test.each([
    ['DigitalOcean’s', 'provider: digitalocean, pooled: 20', 25_061, 25_060],
    ['at a port of its own', 'provider: external, port: 6432, pooled: 20', 6432, 5432],
    ['by its address', 'url: { env: DATABASE_URL }, pooled: 20', 5432, 5432],
  ])('%s: services may call the pooler, and what must may call the database', async (_, given, port, direct) => {
    const platform = await cluster(`, postgres: { ${given} }`);
    expect(postgres.parts(platform, {})).toEqual({ serves: [{ id: 'postgres', pods: 'outside', ports: [{ port }] }, { id: 'postgres-direct', pods: 'outside', ports: [{ port: direct }] }] });
    expect([postgresSecret(platform), directPostgresSecret(platform)]).toEqual([{ name: 'postgres', key: 'uri' }, { name: 'postgres', key: 'direct-uri' }]);
    expect(pooledConnections(platform)).toBe(20);
  });

  test('a laptop has none, whatever is said', async () => {
    const platform = await platformIn('local', 'platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { local: { provider: local, postgres: { pooled: 20 } } }\n');
    expect([pooledConnections(platform), directPostgresSecret(platform)]).toEqual([undefined, { name: 'postgres', key: 'uri' }]);
  });

  test('without one, both ways are one', async () => {
    const platform = await cluster();
    expect(directPostgresSecret(platform)).toEqual(postgresSecret(platform));
  });
});

test('there is none where no service keeps anything; state counts', async () => {
  expect(postgres.parts(await cluster('', '{}'), {})).toBeUndefined();
  expect(postgres.parts(await cluster('', '{ state: true }'), {})?.charts).toHaveLength(2);
});

test('on a laptop its Secret is a key of the file of secrets', async () => {
  expect(postgresSecret(await platformIn('local'))).toEqual({ name: 'postgres', key: 'uri' });
});
