import { expect, test } from 'vitest';
import type { ManagedKafka } from '../../../../../cli/providers/provider.ts';
import { type Stage, stage } from '../stage.ts';

const KAFKA = { kafka: { provider: 'digitalocean' } };
const TOPICS = { 'task-events': { key: 'task', partitions: 6, retention: '7d' }, 'task-updates': { key: 'user', partitions: 1, retention: '1d' } };
const SERVICES = { 'task-api': { publishes: ['task-events'] }, audit: { subscribes: ['task-events'] }, realtime: { listens: ['task-updates'] } };

async function deploy(there: Stage, topics: object = TOPICS, services: object = SERVICES, size?: string): Promise<ManagedKafka> {
  const { kafka } = await (await there.provider({ environment: { kafka: { ...KAFKA.kafka, ...(size === undefined ? {} : { size }) } }, services, topics })).steps();
  if (!kafka) throw new Error('there is no Kafka to make');
  const outcome = await there.run([kafka]);
  if (outcome.error) throw outcome.error;
  const value = outcome.of(kafka);
  if (!value) throw new Error('Kafka was left out');
  return value;
}

/** What was made of databases. */
function changes({ account }: Stage): string[] {
  return account.changes().filter((one) => one.includes('databases')).map((one) => one.replace(/[0-9a-f-]{36}/, 'ID'));
}

test('a managed Kafka is made with topics, users with their rights, and a firewall', async () => {
  await using there = await stage();
  const value = await deploy(there);
  const [row] = [...there.account.state.databases.values()];
  expect(row).toMatchObject({ name: 'todo-prod-kafka', engine: 'kafka', version: '3.8', num_nodes: 3, size: 'db-s-2vcpu-2gb', rules: [{ type: 'k8s' }] });
  expect(row?.topics.map(({ name, partition_count, replication_factor, config }) => ({ name, partition_count, replication_factor, config }))).toEqual(expect.arrayContaining([
    { name: 'task-events', partition_count: 6, replication_factor: 3, config: { cleanup_policy: 'delete', retention_ms: 604_800_000, min_insync_replicas: 2 } },
    // DigitalOcean gives no topic fewer than three.
    { name: 'task-updates', partition_count: 3, replication_factor: 3, config: { cleanup_policy: 'delete', retention_ms: 86_400_000, min_insync_replicas: 2 } },
  ]));
  const rights = Object.fromEntries((row?.users ?? []).map(({ name, acl }) => [name, acl.map(({ topic, permission }) => `${permission} ${topic}`)]));
  expect(rights['task-api']).toContain('produce task-events');
  expect(rights['audit']).toContain('consume task-events');
  expect(rights['tail']).toEqual(expect.arrayContaining(['consume task-events', 'consume task-updates']));
  expect(value.brokers).toMatch(/^private-todo-prod-kafka-.+:25073$/);
  expect(value.users?.['tail']).toBe(row?.users.find(({ name }) => name === 'tail')?.password);
  expect(value.ca).toContain('BEGIN CERTIFICATE');
  const before = changes(there).length;
  await deploy(there);
  expect(changes(there)).toHaveLength(before);
});

test('its machines are of the size that is asked for, and become another one when that changes', async () => {
  await using there = await stage();
  await deploy(there);
  await deploy(there, TOPICS, SERVICES, 'db-s-2vcpu-4gb');
  expect([...there.account.state.databases.values()].map(({ size, num_nodes }) => `${num_nodes} × ${size}`)).toEqual(['3 × db-s-2vcpu-4gb']);
  const checks = await (await there.provider({ topics: TOPICS, services: SERVICES, environment: { kafka: { ...KAFKA.kafka, size: 'db-s-1vcpu-1gb' } } })).preflight();
  expect(checks.find(({ title }) => title === 'Managed Kafka')?.error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN', message: 'DigitalOcean has no Kafka of 3 × db-s-1vcpu-1gb' });
});

test('a topic grows and never shrinks; one that the definition no longer has stays', async () => {
  await using there = await stage();
  await deploy(there);
  const before = changes(there).length;
  await deploy(there, { 'task-events': { key: 'task', partitions: 9 }, 'task-updates': { key: 'user', partitions: 1 } });
  expect(changes(there).slice(before)).toContain('PUT /v2/databases/ID/topics/task-events');
  await deploy(there, { 'task-events': { key: 'task', partitions: 3 } }, { 'task-api': { publishes: ['task-events'] } });
  expect([...there.account.state.databases.values()][0]?.topics.map(({ name, partition_count }) => `${name} ${partition_count}`)).toEqual(expect.arrayContaining([expect.stringMatching(/^task-events 9$/), expect.stringMatching(/^task-updates 3$/)]));
});

test('rights follow the definition', async () => {
  await using there = await stage();
  await deploy(there);
  await deploy(there, TOPICS, { ...SERVICES, audit: { subscribes: ['task-events'], publishes: ['task-events'] } });
  const audit = [...there.account.state.databases.values()][0]?.users.find(({ name }) => name === 'audit');
  expect(audit?.acl.find(({ topic }) => topic === 'task-events')?.permission).toBe('produceconsume');
});

test('a run that was killed while topics were made goes on, and asks for none twice', async () => {
  await using there = await stage();
  // What the first run asked for is lost on it: it ends, and the topic is there all the same.
  there.account.fail({ method: 'POST', path: /topics$/, drop: 'answer' });
  await deploy(there).catch(() => undefined);
  await deploy(there);
  const names = [...there.account.state.databases.values()][0]?.topics.map(({ name }) => name) ?? [];
  expect(new Set(names).size).toBe(names.length);
});
