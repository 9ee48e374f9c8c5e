import type { Change, Step } from '../../../engine/step.ts';
import type { Redactor } from '../../../io/redactor.ts';
import type { Cluster, ManagedKafka } from '../../provider.ts';
import type { DigitalOcean } from '../client.ts';
import type { ApiAcl, ApiDatabase, ApiRule, ApiTopic, ApiUser } from './api.ts';
import { passwordOf, rulesWith } from './server.ts';

export interface WantedTopic {
  name: string;
  partitions: number;
  retentionMs: number;
  /** Bytes per partition; unlimited when undefined. */
  retentionBytes?: number;
}

export interface WantedKafka {
  topics: readonly WantedTopic[];
  /** Rights by the name of the user. */
  users: Readonly<Record<string, readonly ApiAcl[]>>;
}

/** Managed Kafka has three brokers at least: all of them hold each record, and two must have it before it counts as written. */
const REPLICAS = 3;
const IN_SYNC = 2;
/** The fewest partitions that DigitalOcean gives a topic. */
const FEWEST_PARTITIONS = 3;
const QUICK_MS = 10 * 60_000;

interface Seen {
  topics: ReadonlyMap<string, ApiTopic>;
  users: ReadonlyMap<string, ApiUser>;
  rules?: readonly ApiRule[];
}

/** Topics, users and firewall of a managed Kafka. Topics are only ever made and grown: what the definition no longer has stays, with its data. */
export function kafkaStep({ api, redactor }: { api: DigitalOcean; redactor: Redactor }, wanted: WantedKafka, server: Step<ApiDatabase>, cluster: Step<Cluster>): Step<ManagedKafka> {
  const topicsOf = async (id: string): Promise<ApiTopic[]> => api.list<ApiTopic>(`/v2/databases/${id}/topics`, 'topics');
  const usersOf = async (id: string): Promise<ApiUser[]> => api.list<ApiUser>(`/v2/databases/${id}/users`, 'users');
  /** Topics that this process asked for: DigitalOcean lists them some seconds later. */
  const asked = new Set<string>();
  const look = async (id: string, clusterId: string): Promise<Seen> => {
    const [topics, users, rules] = await Promise.all([topicsOf(id), usersOf(id), rulesWith(api, id, clusterId)]);
    for (const { password } of users) if (password) redactor.register(password);
    return { topics: new Map(topics.map((one) => [one.name, one])), users: new Map(users.map((one) => [one.name, one])), ...(rules ? { rules } : {}) };
  };
  return {
    id: 'kafka-access',
    title: 'Topics and users of Kafka',
    needs: [server, cluster],
    timeout: QUICK_MS,
    makes: [...wanted.topics.map(({ name }) => `topic ${name}`), ...Object.keys(wanted.users).map((name) => `Kafka user ${name}`)],
    async check(run) {
      const there = run.of(server);
      const seen = await look(there.id, run.of(cluster).id ?? '');
      const missing = wanted.topics.filter(({ name }) => !seen.topics.has(name) && !asked.has(name));
      if (missing.length > 0 || Object.keys(wanted.users).some((name) => !seen.users.has(name))) return { is: 'absent' };
      const waiting = wanted.topics.filter(({ name }) => seen.topics.get(name)?.state !== 'active');
      if (waiting.length > 0) return { is: 'busy', reason: `DigitalOcean makes topics: ${waiting.map(({ name }) => name).join(', ')}` };
      const value = await accessOf(api, there, seen, wanted);
      const changes = changesOf(wanted, seen);
      return changes.length === 0 ? { is: 'done', value } : { is: 'drifted', value, changes };
    },
    async apply(run) {
      const { id } = run.of(server);
      const path = `/v2/databases/${id}`;
      const seen = await look(id, run.of(cluster).id ?? '');
      for (const topic of wanted.topics) {
        const there = seen.topics.get(topic.name);
        if (there === undefined && !asked.has(topic.name)) {
          // The answer does not say what was made, and for some seconds the list does not either.
          await api.make<object>(`${path}/topics`, { name: topic.name, ...settingsOf(topic) }, async () => (await topicsOf(id)).find(({ name }) => name === topic.name));
          asked.add(topic.name);
        } else if (there && there.partition_count < partitionsOf(topic)) await api.put(`${path}/topics/${topic.name}`, settingsOf(topic));
      }
      for (const [name, acl] of Object.entries(wanted.users)) {
        const there = seen.users.get(name);
        if (!there) await api.make<object>(`${path}/users`, { name, settings: { acl } }, async () => (await usersOf(id)).find((one) => one.name === name));
        else if (!sameRights(there, acl)) await api.put(`${path}/users/${name}`, { settings: { acl } });
      }
      if (seen.rules) await api.put(`${path}/firewall`, { rules: seen.rules });
    },
  };
}

async function accessOf(api: DigitalOcean, server: ApiDatabase, { users }: Seen, wanted: WantedKafka): Promise<ManagedKafka> {
  const { ca } = await api.get<{ ca: { certificate: string } }>(`/v2/databases/${server.id}/ca`);
  const { host = '', port = 0 } = server.private_connection ?? {};
  const passwords = Object.fromEntries(Object.keys(wanted.users).map((name) => [name, passwordOf(users.get(name) ?? { name })]));
  const [username = '', password = ''] = Object.entries(passwords)[0] ?? [];
  return { brokers: `${host}:${port}`, username, password, users: passwords, ca: Buffer.from(ca.certificate, 'base64').toString('utf8') };
}

function changesOf({ topics, users }: WantedKafka, seen: Seen): Change[] {
  const small = topics.flatMap((topic) => {
    const { partition_count: from = 0 } = seen.topics.get(topic.name) ?? {};
    return from < partitionsOf(topic) ? [{ what: `topic ${topic.name}`, from: `${from} partitions`, to: `${partitionsOf(topic)} partitions` }] : [];
  });
  const rights = Object.entries(users).flatMap(([name, acl]) => {
    const there = seen.users.get(name);
    return there && !sameRights(there, acl) ? [{ what: `rights of the Kafka user ${name}` }] : [];
  });
  return [...small, ...rights, ...(seen.rules ? [{ what: 'firewall of Kafka', to: 'the cluster may connect' }] : [])];
}

function partitionsOf({ partitions }: WantedTopic): number {
  return Math.max(FEWEST_PARTITIONS, partitions);
}

function settingsOf(topic: WantedTopic): object {
  const { retentionMs, retentionBytes } = topic;
  return {
    partition_count: partitionsOf(topic),
    replication_factor: REPLICAS,
    config: { cleanup_policy: 'delete', retention_ms: retentionMs, ...(retentionBytes === undefined ? {} : { retention_bytes: retentionBytes }), min_insync_replicas: IN_SYNC },
  };
}

function sameRights({ settings }: ApiUser, wanted: readonly ApiAcl[]): boolean {
  const text = (acl: readonly ApiAcl[]): string => acl.map(({ topic, permission }) => `${topic} ${permission}`).toSorted().join('\n');
  return text(settings?.acl ?? []) === text(wanted);
}
