import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Metadata } from '../../../../cli/sidecar/resources/component.ts';
import { openPostgres, postgresPlace, type PostgresPlace } from '../../../../cli/sidecar/state/postgres.ts';
import { EtagMismatch, type SetRequest, type StateStore } from '../../../../cli/sidecar/state/store.ts';
import { startTestPostgres, type TestPostgres } from '../../../support/postgres.ts';
import { until } from '../../../support/until.ts';

let postgres: TestPostgres;
let place: PostgresPlace;
let store: StateStore;

const told: Error[] = [];
const tell = (error: Error): void => void told.push(error);

beforeAll(async () => {
  postgres = await startTestPostgres();
  place = { url: await postgres.createDatabase('state'), table: 'dapr_state', metadataTable: 'dapr_metadata', cleanupMs: 1000 };
  store = await openPostgres(place, tell);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

const set = (key: string, value: string, rest: Partial<SetRequest> = {}): SetRequest => ({ kind: 'set', key, value, etag: undefined, firstWrite: false, ttlSeconds: undefined, ...rest });
const read = async (key: string): Promise<string | undefined> => (await store.get([key]))[0]?.value.toString();

async function rows<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the place of a state.postgresql component', () => {
  const component = (properties: Record<string, string>): ReturnType<typeof postgresPlace> =>
    postgresPlace({ file: 'state.yaml', name: 'state', type: 'state.postgresql', version: 'v2', metadata: new Metadata(new Map(Object.entries({ connectionString: 'postgres://x', ...properties }))) });

  it('has daprd\'s defaults', () => {
    expect(component({})).toEqual({ url: 'postgres://x', table: 'state', metadataTable: 'dapr_metadata', cleanupMs: 3_600_000 });
    expect(component({ tablePrefix: 'dapr_', metadataTableName: 'own', cleanupInterval: '5m' })).toMatchObject({ table: 'dapr_state', metadataTable: 'own', cleanupMs: 300_000 });
  });

  it.each([[{ connectionString: '' }, 'missing connection string'], [{ tablePrefix: 'x"; drop' }, 'invalid identifier'], [{ cleanupInterval: 'often' }, 'cleanupInterval is not a duration']])('refuses %j', (properties, message) => {
    expect(() => component(properties as Record<string, string>)).toThrow(`state.yaml: Component state: ${message}`);
  });
});

describe('the state store', () => {
  it('may be opened by many at the same moment', async () => {
    const url = await postgres.createDatabase('race');
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgres({ ...place, url }, tell)));
    await Promise.all(stores.map((one) => one.close()));
  });

  it('lets one of many writers with the same ETag win', async () => {
    await store.apply(set('shared', '0'));
    const etag = (await store.get(['shared']))[0]?.etag;
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => store.apply(set('shared', String(n + 1), { etag }))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(EtagMismatch);
  });

  it('lets one of many first writers win', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => store.apply(set('first', String(n), { firstWrite: true }))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('undoes a transaction that fails half-way, and can go on', async () => {
    await store.apply(set('kept', '1'));
    await expect(store.transact([{ kind: 'delete', key: 'kept', etag: undefined }, set('kept2', '1', { etag: '00000000-0000-4000-8000-000000000000' })])).rejects.toBeInstanceOf(EtagMismatch);
    expect(await read('kept')).toBe('1');
    await store.transact([set('kept', '2'), set('kept2', '2')]);
    expect(await Promise.all(['kept', 'kept2'].map(read))).toEqual(['2', '2']);
  });

  it('sweeps out what has expired', async () => {
    await store.apply(set('brief', '1', { ttlSeconds: 1 }));
    await store.apply(set('long', '1', { ttlSeconds: 1000 }));
    await until('the row goes', async () => (await rows(`SELECT 1 FROM dapr_state WHERE key = 'brief'`)).length === 0);
    expect(await read('long')).toBe('1');
  });

  it('takes every text for a key and a value', async () => {
    const odd = `quote' "double" 🙂 ${'x'.repeat(2000)}`;
    await store.apply(set(odd, JSON.stringify(odd)));
    expect(JSON.parse((await read(odd)) ?? '')).toBe(odd);
  });

  it('lives through the loss of its connections', async () => {
    await store.apply(set('before', '1'));
    expect(told).toEqual([]);
    const ended = await rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'state' AND pid <> pg_backend_pid()`);
    await until('each is told', () => told.length >= ended.length);
    await store.apply(set('after', '1'));
    expect(await read('after')).toBe('1');
  });
});
