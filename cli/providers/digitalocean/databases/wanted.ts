import type { Platform } from '../../../definition/platform.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Owner } from '../marks.ts';
import { SMALLEST_KAFKA } from '../prices.ts';
import type { ApiAcl } from './api.ts';
import type { WantedKafka } from './kafka.ts';
import { postgresVersion, type WantedPostgres } from './postgres.ts';
import type { WantedServer } from './server.ts';

/** Names that services know; cli/systems/postgres.ts has the same for a database in the cluster. */
const NAMES = { database: 'todoapp', user: 'todo_user' } as const;
const SMALLEST_POSTGRES = 'db-s-1vcpu-1gb';
/** Three brokers are the fewest. */
const KAFKA_NODES = 3;

/** The managed PostgreSQL that an environment asks for; undefined where somebody else runs it or nobody needs one. Errors: TODOCTL_DIGITALOCEAN_INCOMPLETE. */
export function wantedPostgres(platform: Platform): { server: WantedServer; access: WantedPostgres } | undefined {
  const { environment: { postgres }, services } = platform;
  if (postgres?.provider !== 'digitalocean' || !services.some(({ database, state }) => database || state)) return undefined;
  const { size = SMALLEST_POSTGRES, pooled } = postgres;
  return {
    server: { ...placeOf(platform), engine: 'pg', title: 'PostgreSQL', size, nodes: 1, version: postgresVersion },
    access: { ...NAMES, ...(pooled === undefined ? {} : { pooled }) },
  };
}

/** The managed Kafka that an environment asks for. Errors: TODOCTL_DIGITALOCEAN_INCOMPLETE. */
export function wantedKafka(platform: Platform): { server: WantedServer; access: WantedKafka } | undefined {
  const { environment: { kafka }, topics } = platform;
  if (kafka?.provider !== 'digitalocean') return undefined;
  return {
    server: { ...placeOf(platform), engine: 'kafka', title: 'Kafka', size: kafka.size ?? SMALLEST_KAFKA, nodes: KAFKA_NODES, version: (offered) => offered.toSorted(byVersion).at(-1) },
    access: {
      topics: topics.map(({ name, partitions, retentionMs, retentionBytes }) => ({ name, partitions, retentionMs, ...(retentionBytes === undefined ? {} : { retentionBytes }) })),
      users: usersOf(platform),
    },
  };
}

/** A user for each service, and those that look from outside. Who may only describe a topic must be allowed to read it here: there is no lesser right. */
function usersOf({ services, topics }: Platform): Record<string, ApiAcl[]> {
  const all = topics.map(({ name }): ApiAcl => ({ topic: name, permission: 'consume' }));
  const own = services.map(({ name, acls }) => {
    const rights = acls.filter(({ resource }) => resource === 'topic').map(({ name: topic, operations }): ApiAcl => ({ topic, permission: permissionOf(operations) }));
    return [name, rights] as const;
  });
  return Object.fromEntries([...own.filter(([, rights]) => rights.length > 0), ['tail', all], ['lag', all], ['keda', all]]);
}

function permissionOf(operations: readonly string[]): ApiAcl['permission'] {
  const [reads, writes] = [operations.includes('Read'), operations.includes('Write')];
  if (reads && writes) return 'produceconsume';
  return writes ? 'produce' : 'consume';
}

function placeOf({ name, environment }: Platform): { owner: Owner; region: string } {
  const { region } = environment;
  if (region === undefined) throw new TodoctlError('TODOCTL_DIGITALOCEAN_INCOMPLETE', { message: `The environment ${environment.name} has no region` });
  return { owner: { platform: name, environment: environment.name }, region };
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
