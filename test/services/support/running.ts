// Services over real sockets and a real database. Dapr alone is stood in for, by its port: what would be published is kept,
// what would be invoked is answered by the test. The whole way through sidecar and broker is for the platform's own test.
import { createIdentify } from '../../../services/kit/identity.ts';
import type { CloudEvent } from '../../../services/contracts/cloud-event.ts';
import { readConfig, type AuthConfig } from '../../../services/kit/config.ts';
import type { Dapr, InvokeOptions } from '../../../services/kit/dapr.ts';
import { openDatabase, type Database } from '../../../services/kit/database.ts';
import { Health } from '../../../services/kit/health.ts';
import { serve, type HttpServer } from '../../../services/kit/http/server.ts';
import { silentLogger, type Logger } from '../../../services/kit/log.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { migrate, type Migration } from '../../../services/kit/migrate.ts';
import type { DatabaseParts, Duties, Parts } from '../../../services/kit/service.ts';
import { shutDown } from '../../../services/kit/shutdown.ts';
import { nextRelease, ON_NEXT_RELEASE } from './next-release.ts';

export const APP_TOKEN = 'app-token-of-the-tests';

export interface Published {
  readonly topic: string;
  readonly key: string;
  readonly event: CloudEvent;
}

/** The Dapr port: `published` in order, `invoke` as the test says. */
export interface FakeDapr extends Dapr {
  readonly published: Published[];
}

export function fakeDapr(invoke: (appId: string, path: string, options: InvokeOptions) => Promise<unknown> = () => Promise.reject(new Error('nobody is there'))): FakeDapr {
  const published: Published[] = [];
  const refuse = () => Promise.reject(new Error('not in these tests'));
  return {
    published,
    async publish(topic, event, { key }) {
      published.push({ topic, key, event });
    },
    async publishBulk(topic, entries) {
      published.push(...entries.map(({ event, key }) => ({ topic, key, event })));
      return [];
    },
    invoke: (appId, path, options = {}) => invoke(appId, path, options),
    getState: refuse,
    setState: refuse,
    deleteState: refuse,
    secret: refuse,
    ping: async () => undefined,
    close: async () => undefined,
  };
}

export interface Running {
  readonly url: string;
  readonly server: HttpServer;
  readonly metrics: Metrics;
  readonly health: Health;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly service: string;
  readonly replica?: string;
  readonly dapr?: Dapr;
  /** Who a user is; by header unless told. */
  readonly auth?: AuthConfig;
  readonly log?: Logger;
}

/** Runs a service without a database on a free port. */
export async function run({ service, replica = `${service}-0`, dapr = fakeDapr(), auth = { mode: 'local' }, log = silentLogger }: RunOptions, setup: (parts: Parts) => Promise<Duties> | Duties): Promise<Running> {
  const config = { ...readConfig({ SERVICE: service, REPLICA: replica, PORT: '0', APP_API_TOKEN: APP_TOKEN }), auth };
  const health = new Health();
  const metrics = new Metrics();
  const duties = await setup({ config, log, metrics, health, dapr });
  const identify = createIdentify(auth);
  const { routes, sockets = [], stop: hooks = [] } = duties;
  const server = await serve({ host: '127.0.0.1', port: 0, routes, sockets, log, metrics, health, identify, appToken: APP_TOKEN });
  return { url: server.url, server, metrics, health, stop: () => shutDown({ log, health, server, hooks, deadlineMs: 2000 }) };
}

export interface RunningWithDatabase extends Running {
  readonly database: Database;
}

/** Runs a service with its schema in the database at `url`, migrated. */
export async function runWithDatabase(
  options: RunOptions & { readonly url: string; readonly migrations: readonly Migration[] },
  setup: (parts: DatabaseParts) => Promise<Duties> | Duties,
): Promise<RunningWithDatabase> {
  const database = openDatabase({ url: options.url, schema: options.service.replaceAll('-', '_'), connections: 10 });
  if (process.env[ON_NEXT_RELEASE]) await migrate(database, [...options.migrations, nextRelease]);
  await migrate(database, options.migrations);
  const running = await run(options, (parts) => setup({ ...parts, database }));
  return {
    ...running,
    database,
    async stop() {
      await running.stop();
      await database.close();
    },
  };
}
