import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import { type DigitalOcean, startDigitalOcean } from './start.ts';

interface Row {
  id: string;
  status: string;
  users: { name: string; password?: string }[];
  private_connection: { uri: string; host: string };
}

async function make(api: DigitalOcean, engine: 'pg' | 'kafka'): Promise<string> {
  const layout = engine === 'pg' ? { num_nodes: 1, size: 'db-s-2vcpu-4gb', version: '18' } : { num_nodes: 3, size: 'db-s-2vcpu-2gb', version: '3.8' };
  const { status, body } = await ask<{ database: Row }>(api, 'POST', '/databases', { name: `todo-${engine}`, engine, region: 'nyc3', tags: ['todoctl:todo:prod'], ...layout });
  expect([status, body.database.status]).toEqual([201, 'creating']);
  return `/databases/${body.database.id}`;
}

test('a database is creating for minutes, and takes no user before', async () => {
  await using api = await startDigitalOcean();
  const path = await make(api, 'pg');
  expect((await ask(api, 'POST', `${path}/users`, { name: 'todo_user' })).status).toBe(422);
  api.clock.advance(420_000);
  expect((await ask(api, 'POST', `${path}/users`, { name: 'todo_user' })).status).toBe(201);
  expect((await ask(api, 'POST', `${path}/users`, { name: 'todo_user' })).status).toBe(409);
  expect((await ask(api, 'POST', `${path}/dbs`, { name: 'todoapp' })).status).toBe(201);
  expect((await ask(api, 'POST', `${path}/pools`, { name: 'todo', mode: 'transaction', size: 60, db: 'todoapp', user: 'todo_user' })).body).toMatchObject({ pool: { private_connection: { port: 25_061, database: 'todo' } } });
  expect((await ask(api, 'POST', `${path}/pools`, { name: 'more', mode: 'transaction', size: 60, db: 'todoapp', user: 'todo_user' })).body).toMatchObject({ message: 'pool size exceeds the available connections' });
});

test('passwords are shown only to tokens that may see them', async () => {
  await using api = await startDigitalOcean({ instant: true });
  const path = await make(api, 'pg').catch(async () => `/databases/${[...api.state.databases.keys()][0]}`);
  const token = api.grant('database:read');
  expect((await ask<{ database: Row }>(api, 'GET', path, undefined, token)).body.database.users).toEqual([{ name: 'doadmin', role: 'primary', settings: {} }]);
  expect((await ask<{ database: Row }>(api, 'GET', path)).body.database.private_connection.uri).toMatch(/^postgresql:\/\/doadmin:AVNS_\w+@private-todo-pg-.+:25060\/defaultdb\?sslmode=require$/);
});

test('the firewall is replaced as a whole, and knows its clusters', async () => {
  await using api = await startDigitalOcean();
  const path = await make(api, 'pg');
  api.clock.advance(420_000);
  expect((await ask(api, 'PUT', `${path}/firewall`, { rules: [{ type: 'k8s', value: '11111111-2222-4333-8444-555555555555' }] })).status).toBe(422);
  await ask(api, 'PUT', `${path}/firewall`, { rules: [{ type: 'ip_addr', value: '192.0.2.1' }] });
  await ask(api, 'PUT', `${path}/firewall`, { rules: [{ type: 'ip_addr', value: '192.0.2.2' }] });
  expect((await ask(api, 'GET', `${path}/firewall`)).body).toMatchObject({ rules: [{ type: 'ip_addr', value: '192.0.2.2' }] });
});

test('a topic is not there at first, then configured, then active; it never loses partitions', async () => {
  await using api = await startDigitalOcean();
  const path = await make(api, 'kafka');
  api.clock.advance(420_000);
  expect(await ask(api, 'POST', `${path}/topics`, { name: 'task-events', partition_count: 6, replication_factor: 3, config: { retention_ms: 604_800_000 } })).toMatchObject({ status: 201, body: {} });
  expect((await ask(api, 'GET', `${path}/topics/task-events`)).status).toBe(404);
  api.clock.advance(5_000);
  expect((await ask(api, 'GET', `${path}/topics/task-events`)).body).toMatchObject({ topic: { state: 'configuring' } });
  api.clock.advance(10_000);
  expect((await ask(api, 'GET', `${path}/topics`)).body).toMatchObject({ topics: [{ name: 'task-events', state: 'active', partition_count: 6, replication_factor: 3 }] });
  expect((await ask(api, 'PUT', `${path}/topics/task-events`, { partition_count: 3 })).status).toBe(422);
  expect((await ask(api, 'PUT', `${path}/topics/task-events`, { partition_count: 9 })).status).toBe(200);
  const user = await ask<{ user: { settings: { acl: object[] } } }>(api, 'POST', `${path}/users`, { name: 'audit', settings: { acl: [{ topic: 'task-events', permission: 'consume' }] } });
  expect(user.body.user.settings.acl).toEqual([{ id: expect.any(String) as unknown, topic: 'task-events', permission: 'consume' }]);
});

test.each([
  [{ size: 'db-s-9vcpu-1gb' }, 'invalid size'],
  [{ size: 'db-s-1vcpu-1gb', num_nodes: 2 }, 'invalid node count'],
  [{ version: '9' }, 'invalid version'],
  [{ name: 'todo-pg' }, 'cluster name is not available'],
])('%j is refused', async (given, message) => {
  await using api = await startDigitalOcean();
  await make(api, 'pg');
  expect(await ask(api, 'POST', '/databases', { name: 'other', engine: 'pg', region: 'nyc3', num_nodes: 1, size: 'db-s-2vcpu-4gb', ...given })).toMatchObject({ status: 422, body: { message } });
});

test('a deleted database is listed until it is gone, and a member of its VPC for longer', async () => {
  await using api = await startDigitalOcean();
  const path = await make(api, 'pg');
  expect((await ask(api, 'DELETE', path)).status).toBe(204);
  expect((await ask(api, 'GET', path)).status).toBe(200);
  api.clock.advance(30_000);
  expect((await ask(api, 'GET', path)).status).toBe(404);
  const [vpc] = [...api.state.vpcs.keys()];
  expect((await ask(api, 'GET', `/vpcs/${vpc}/members?resource_type=dbaas`)).body).toMatchObject({ members: [{ name: 'todo-pg' }] });
});

test('the balance is text', async () => {
  await using api = await startDigitalOcean();
  expect((await ask(api, 'GET', '/customers/my/balance')).body).toMatchObject({ month_to_date_usage: '0.00' });
  expect((await ask(api, 'GET', '/customers/my/invoices')).body).toMatchObject({ invoices: [], invoice_preview: { amount: '0.00' }, meta: { total: 0 } });
});
