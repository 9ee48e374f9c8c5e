import { expect, test } from 'vitest';
import type { Database, Provider } from '../../../../../cli/providers/provider.ts';
import { type Stage, stage } from '../stage.ts';

const POSTGRES = { postgres: { provider: 'digitalocean', size: 'db-s-2vcpu-4gb', pooled: 60 } };
const SERVICES = { 'task-api': { database: true } };

async function deploy(there: Stage, environment: object = POSTGRES): Promise<Database> {
  const provider = await there.provider({ environment, services: SERVICES });
  return run(there, provider);
}

async function run(there: Stage, provider: Provider): Promise<Database> {
  const { database } = await provider.steps();
  if (!database) throw new Error('there is no database to make');
  const outcome = await there.run([database]);
  if (outcome.error) throw outcome.error;
  const value = outcome.of(database);
  if (!value) throw new Error('the database was left out');
  return value;
}

/** What was made of databases. */
function changes({ account }: Stage): string[] {
  return account.changes().filter((one) => one.includes('databases')).map((one) => one.replace(/[0-9a-f-]{36}/, 'ID'));
}

test('a managed PostgreSQL is made with its database, user, pooler and firewall, each once', async () => {
  await using there = await stage();
  const value = await deploy(there);
  expect(changes(there)).toEqual(['POST /v2/databases', 'POST /v2/databases/ID/users', 'POST /v2/databases/ID/dbs', 'POST /v2/databases/ID/pools', 'PUT /v2/databases/ID/firewall']);
  const [row] = [...there.account.state.databases.values()];
  const [cluster] = [...there.account.state.clusters.values()];
  expect(row).toMatchObject({ name: 'todo-prod-postgres', engine: 'pg', version: '18', size: 'db-s-2vcpu-4gb', num_nodes: 1, tags: ['todoctl', 'todoctl:todo:prod'], vpc: cluster?.vpc, dbs: ['defaultdb', 'todoapp'], rules: [{ type: 'k8s', value: cluster?.id }] });
  const passwordOf = (user: string): string => row?.users.find(({ name }) => name === user)?.password ?? '';
  const [password, adminPassword] = [passwordOf('todo_user'), passwordOf('doadmin')];
  expect(value).toEqual({
    uri: `postgresql://todo_user:${password}@private-todo-prod-postgres-do-user-1234-0.c.db.ondigitalocean.com:25061/app?sslmode=require`,
    directUri: `postgresql://todo_user:${password}@private-todo-prod-postgres-do-user-1234-0.c.db.ondigitalocean.com:25060/todoapp?sslmode=require`,
    adminUri: `postgresql://doadmin:${adminPassword}@private-todo-prod-postgres-do-user-1234-0.c.db.ondigitalocean.com:25060/todoapp?sslmode=require`,
  });
  await deploy(there);
  expect(changes(there)).toHaveLength(5);
});

test('answers that are lost make nothing twice', async () => {
  await using there = await stage();
  for (const path of [/databases$/, /users$/, /dbs$/, /pools$/]) there.account.fail({ method: 'POST', path, drop: 'answer' });
  await deploy(there);
  const [row] = [...there.account.state.databases.values()];
  expect(there.account.state.databases.size).toBe(1);
  expect([row?.users.length, row?.dbs.length, row?.pools.length]).toEqual([2, 2, 1]);
});

test('trusted sources of other people stay', async () => {
  await using there = await stage();
  await deploy(there);
  const row = [...there.account.state.databases.values()][0]!;
  const [ours] = row.rules;
  row.rules = [{ uuid: '11111111-2222-4333-8444-555555555555', type: 'ip_addr', value: '192.0.2.7', description: 'office' }];
  await deploy(there);
  expect(row.rules).toEqual([{ uuid: '11111111-2222-4333-8444-555555555555', type: 'ip_addr', value: '192.0.2.7', description: 'office' }, { uuid: expect.any(String) as unknown, type: 'k8s', value: ours?.value }]);
});

test('another size and another number of pooled connections are changed, not made anew', async () => {
  await using there = await stage();
  await deploy(there);
  await deploy(there, { postgres: { provider: 'digitalocean', size: 'db-s-4vcpu-8gb', pooled: 80 } });
  expect(changes(there).slice(5)).toEqual(['PUT /v2/databases/ID/resize', 'PUT /v2/databases/ID/pools/app']);
  expect([...there.account.state.databases.values()][0]).toMatchObject({ size: 'db-s-4vcpu-8gb', pools: [{ size: 80 }] });
});

test('without a pooler both addresses are the same', async () => {
  await using there = await stage();
  const value = await deploy(there, { postgres: { provider: 'digitalocean', size: 'db-s-2vcpu-4gb' } });
  expect(value.uri).toBe(value.directUri);
  expect(changes(there)).not.toContain('POST /v2/databases/ID/pools');
});

test('a database of the name that is not ours is refused, and left alone', async () => {
  await using there = await stage();
  await deploy(there);
  const row = [...there.account.state.databases.values()][0]!;
  row.tags = ['theirs'];
  const before = there.account.changes().length;
  await expect(deploy(there)).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_NAME_TAKEN' });
  expect(there.account.changes()).toHaveLength(before);
});

test('a size that there is not is refused with those that there are', async () => {
  await using there = await stage();
  await expect(deploy(there, { postgres: { provider: 'digitalocean', size: 'db-s-9vcpu-9gb' } })).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN', details: [expect.stringContaining('db-s-1vcpu-1gb')] });
  expect(there.account.state.databases.size).toBe(0);
});

test('a token that may not see passwords is told so', async () => {
  await using there = await stage();
  await deploy(there);
  const token = there.account.grant('kubernetes:read', 'kubernetes:access_cluster', 'vpc:read', 'database:read', 'sizes:read', 'regions:read', 'account:read', 'registry:read');
  const provider = await there.provider({ environment: POSTGRES, services: SERVICES, token });
  await expect(run(there, provider)).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', details: ['it needs the scope database:view_credentials'] });
});
