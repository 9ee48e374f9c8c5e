// The services as they run on a laptop: two replicas of each, a PostgreSQL, the embedded broker and the embedded sidecar.
// Without the supervisor and the gateway, so that a test can reach every replica and see into every schema.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startBroker } from '../../../cli/broker/broker.ts';
import { jsonLog } from '../../../cli/io/json-log.ts';
import { connectAdmin } from '../../../cli/kafka/admin.ts';
import { migrations as auditMigrations } from '../../../services/audit/migrations.ts';
import { audit } from '../../../services/audit/service.ts';
import { deadLetterTopic, TOPICS } from '../../../services/contracts/names.ts';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { silentLogger } from '../../../services/kit/log.ts';
import { openService, type RunningService, type StartOptions } from '../../../services/kit/service.ts';
import { realtime } from '../../../services/realtime/service.ts';
import { migrations as recurrenceMigrations } from '../../../services/recurrence/migrations.ts';
import { recurrence } from '../../../services/recurrence/service.ts';
import { migrations as taskMigrations } from '../../../services/task-api/migrations.ts';
import { taskApi } from '../../../services/task-api/service.ts';
import { tcpAccess } from '../../contract/kafka/client.ts';
import { pubsub, render, subscription } from '../../contract/dapr/resources.ts';
import { startEmbeddedSidecar } from '../../contract/dapr/sidecars.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { freePorts } from '../../support/free-ports.ts';
import { APP_TOKEN } from './running.ts';

const SIDECAR_TOKEN = 'sidecar-token-of-the-tests';
const REPLICAS = 2;

const SERVICES: Record<string, StartOptions> = {
  'task-api': { migrations: taskMigrations, setup: taskApi },
  recurrence: { migrations: recurrenceMigrations, setup: (parts) => recurrence(parts) },
  audit: { migrations: auditMigrations, setup: audit },
  realtime: { setup: (parts) => realtime(parts) },
};

// What templates/dapr renders of todoctl.yaml for these services.
const subscribed = (service: string, topic: string, component = 'pubsub') => subscription(service, topic, { component, deadLetter: deadLetterTopic(topic) });
const OBJECTS = [
  pubsub('pubsub'),
  pubsub('pubsub-realtime', { consumerGroup: 'realtime-{podName}', initialOffset: 'newest' }, ['realtime']),
  subscribed('recurrence', 'task-events'),
  subscribed('audit', 'task-events'),
  subscribed('audit', 'reminders'),
  subscribed('realtime', 'task-updates', 'pubsub-realtime'),
  {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Resiliency',
    metadata: { name: 'todo' },
    spec: {
      policies: { retries: { deliver: { policy: 'exponential', duration: '100ms', maxInterval: '1s', maxRetries: 30 } } },
      targets: { components: Object.fromEntries(['pubsub', 'pubsub-realtime'].map((name) => [name, { inbound: { retry: 'deliver' } }])) },
    },
  },
];

export interface Chain {
  /** The address of a replica, `task-api-1`. */
  url(replica: string): string;
  /** A service's schema, to see into. */
  database(service: string): Database;
  /** Ends one replica as SIGTERM does, and starts it again. */
  restart(replica: string): Promise<void>;
  stop(): Promise<void>;
}

/** Stands between services and database: an address for theirs. */
type StartPooler = (url: string) => Promise<{ url: string; stop(): Promise<void> }>;

export async function startChain(startPooler?: StartPooler): Promise<Chain> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const postgres = await startTestPostgres();
    ends.push(() => postgres.stop());
    const url = await postgres.createDatabase('todoapp');
    const pooler = await startPooler?.(url);
    if (pooler) ends.push(() => pooler.stop());

    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'todo-chain-'));
    ends.push(() => rm(dataDir, { recursive: true, force: true }));
    const broker = await startBroker({ host: '127.0.0.1', port: 0, dataDir: path.join(dataDir, 'broker'), clusterId: 'chain' }, { log: jsonLog({ name: 'broker', level: 'error', write: (line) => process.stderr.write(line) }) });
    ends.push(() => broker.stop());
    const bootstrap = `127.0.0.1:${broker.port}`;
    await makeTopics(bootstrap);

    const rendered = await render(OBJECTS, { kafka: { brokers: bootstrap } });
    ends.push(() => rendered.remove());
    const names = Object.keys(SERVICES).flatMap((service) => Array.from({ length: REPLICAS }, (_, index) => ({ service, replica: `${service}-${index}` })));
    const appPorts = await freePorts(names.length);
    const apps = names.map(({ service, replica }, index) => ({ appId: service, podName: replica, appPort: appPorts[index] ?? 0, appToken: APP_TOKEN, apiToken: SIDECAR_TOKEN }));
    const sidecars = await startEmbeddedSidecar(apps, rendered);
    ends.push(() => sidecars.stop());

    const running = new Map<string, RunningService>();
    const startReplica = async (replica: string): Promise<void> => {
      const index = names.findIndex((name) => name.replica === replica);
      const { service } = names[index] ?? { service: '' };
      const options = SERVICES[service];
      if (!options) throw new Error(`there is no ${replica}`);
      const env = {
        ...{ SERVICE: service, REPLICA: replica, PORT: String(appPorts[index]), AUTH_MODE: 'local', SHUTDOWN_SECONDS: '3' },
        ...{ DATABASE_URL: pooler?.url ?? url, DATABASE_POOLED: String(pooler !== undefined) },
        ...{ DAPR_HTTP_PORT: String(sidecars.ports[index]), DAPR_API_TOKEN: SIDECAR_TOKEN, APP_API_TOKEN: APP_TOKEN },
      };
      running.set(replica, await openService(options, env, silentLogger));
    };
    ends.push(() => Promise.all([...running.values()].map((service) => service.stop())));
    for (const { replica } of names) await startReplica(replica);

    const databases = new Map<string, Database>();
    ends.push(() => Promise.all([...databases.values()].map((database) => database.close())));
    return {
      url: (replica) => running.get(replica)?.server.url ?? '',
      database(service) {
        const known = databases.get(service) ?? openDatabase({ url, schema: service.replaceAll('-', '_'), connections: 2 });
        databases.set(service, known);
        return known;
      },
      async restart(replica) {
        await running.get(replica)?.stop();
        await startReplica(replica);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTopics(bootstrap: string): Promise<void> {
  await using access = tcpAccess(bootstrap);
  const admin = connectAdmin(access);
  const names = Object.keys(TOPICS);
  await admin.createTopics([...names.map((name) => ({ name, partitions: 3 })), ...names.map((name) => ({ name: deadLetterTopic(name), partitions: 1 }))]);
  await admin.close();
}
