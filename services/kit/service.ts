import { readConfig, ConfigError, type Environment, type ServiceConfig } from './config.ts';
import { createDapr, type Dapr } from './dapr.ts';
import type { Database } from './database.ts';
import { isDatabaseAway } from './database-errors.ts';
import { Health } from './health.ts';
import type { Route, SocketRoute } from './http/route.ts';
import { serve, type HttpServer } from './http/server.ts';
import { checkAuth, createIdentify } from './identity.ts';
import { createLogger, type Logger } from './log.ts';
import { Metrics } from './metrics.ts';
import { migrate, type Migration } from './migrate.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { shutDown, type StopHook } from './shutdown.ts';

/** What a service is built from. */
export interface Parts {
  readonly config: ServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The database (where there is one) and the sidecar are checked already; add what else readiness depends on. */
  readonly health: Health;
  /** Without a sidecar (no DAPR_HTTP_PORT) every call is a DaprError. */
  readonly dapr: Dapr;
}
export interface DatabaseParts extends Parts {
  /** Migrated, in the schema named after the service (`task-api` → task_api). */
  readonly database: Database;
}

/** What a service adds. */
export interface Duties {
  readonly routes: readonly Route[];
  readonly sockets?: readonly SocketRoute[];
  /** Run in order at the end, before the database closes. */
  readonly stop?: readonly StopHook[];
}

export interface RunningService {
  readonly server: HttpServer;
  /** What SIGTERM does, without the exit. */
  stop(): Promise<void>;
}

export interface WithDatabase {
  /** May be empty; their presence says that there is a database. */
  readonly migrations: readonly Migration[];
  setup(parts: DatabaseParts): Promise<Duties> | Duties;
}
export interface WithoutDatabase {
  readonly migrations?: undefined;
  setup(parts: Parts): Promise<Duties> | Duties;
}

export type StartOptions = WithDatabase | WithoutDatabase;

const DATABASE_PATIENCE_MS = 60_000;

/** Builds the service from its environment and serves. Throws ConfigError, and whatever setup throws. */
export async function openService(options: WithDatabase, env: Environment, log?: Logger): Promise<RunningService>;
export async function openService(options: WithoutDatabase, env: Environment, log?: Logger): Promise<RunningService>;
export async function openService(options: StartOptions, env: Environment, log?: Logger): Promise<RunningService>;
export async function openService(options: StartOptions, env: Environment, log?: Logger): Promise<RunningService> {
  const config = readConfig(env);
  const { service, replica, logLevel, shutdownMs } = config;
  if (config.auth) await checkAuth(config.auth);
  const logger = log ?? createLogger({ service, replica, level: logLevel });
  const metrics = new Metrics();
  const health = new Health();
  const dapr = createDapr({ port: config.dapr?.port, apiToken: config.dapr?.apiToken });
  addProcessMetrics(metrics);
  if (config.dapr) health.add('sidecar', () => dapr.ping());
  const parts: Parts = { config, log: logger, metrics, health, dapr };
  const last: StopHook[] = [{ name: 'dapr', stop: () => dapr.close() }];

  let duties: Duties;
  if (options.migrations) {
    const database = await prepareDatabase(config, logger, options.migrations);
    last.push({ name: 'database', stop: () => database.close() });
    health.add('database', () => database.ping());
    duties = await options.setup({ ...parts, database });
  } else {
    duties = await options.setup(parts);
  }
  const server = await serve({
    ...config,
    routes: duties.routes,
    ...(duties.sockets ? { sockets: duties.sockets } : {}),
    log: logger,
    metrics,
    health,
    ...(config.auth ? { identify: createIdentify(config.auth) } : {}),
  });
  logger.info({ host: config.host, port: server.port }, 'listening');
  const hooks = [...(duties.stop ?? []), ...last];
  let stopped: Promise<void> | undefined;
  return { server, stop: () => (stopped ??= shutDown({ log: logger, health, server, hooks, deadlineMs: shutdownMs })) };
}

/** What a main.ts calls: starts from this process's environment, stops on SIGTERM or SIGINT, exits 0 then and 1 when it cannot start. */
export async function startService(options: WithDatabase): Promise<void>;
export async function startService(options: WithoutDatabase): Promise<void>;
export async function startService(options: StartOptions): Promise<void> {
  let running: RunningService;
  try {
    running = await openService(options, process.env);
  } catch (error) {
    const { SERVICE: service = 'service', REPLICA: replica = service } = process.env;
    createLogger({ service, replica }).fatal({ err: error }, error instanceof ConfigError ? error.message : 'could not start');
    process.exitCode = 1;
    // Whatever setup left open must not keep a process alive that cannot serve.
    setTimeout(() => process.exit(1), 100).unref();
    return;
  }
  const end = (): void => {
    void running.stop().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

async function prepareDatabase(config: ServiceConfig, log: Logger, migrations: readonly Migration[]): Promise<Database> {
  if (!config.database) throw new ConfigError('the environment is not complete:\n  DATABASE_URL or DATABASE_URL_FILE is missing');
  // Loaded here: a service without a database starts without pg.
  const { openDatabase } = await import('./database.ts');
  const schema = config.service.replaceAll('-', '_');
  const database = openDatabase({ ...config.database, schema, onIdleError: (error) => log.warn({ err: error }, 'a database connection broke') });
  const deadline = performance.now() + DATABASE_PATIENCE_MS;
  for (;;) {
    try {
      const applied = await migrate(database, migrations);
      if (applied.length > 0) log.info({ applied }, 'migrated');
      return database;
    } catch (error) {
      if (!isDatabaseAway(error) || performance.now() > deadline) {
        await database.close();
        throw error;
      }
      log.warn({ err: error }, 'the database is away; asking again');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
