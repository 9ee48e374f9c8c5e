import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Platform, Service } from '../../definition/platform.ts';
import type { Bundle } from '../../images/bundle.ts';
import { daprdCommand } from '../../sidecar/daprd.ts';
import type { ProcessScript } from './package-root.ts';
import type { Paths } from './paths.ts';
import { portOf, type Ports, replicasOf } from './ports.ts';
import type { CommandLine } from './postgres/unprivileged.ts';
import { appToken, daprToken } from './secrets.ts';
import type { ProcessSpec } from './supervisor/process-spec.ts';

const HOST = '127.0.0.1';
/** What a service takes at most to finish what it began, in seconds; the supervisor waits a little longer. */
const SHUTDOWN_SECONDS = 10;

// @dapr/dapr's dependencies use punycode and url.parse(); nobody who reads a service's log can mend that.
const QUIET = ['--disable-warning=DEP0040', '--disable-warning=DEP0169'];

export interface FoundationGiven {
  platform: Platform;
  paths: Paths;
  ports: Ports;
  /** Absolute path of the node that runs everything. */
  node: string;
  scripts: Readonly<Record<ProcessScript, string>>;
  /** Hash of each script's content. */
  scriptHashes: Readonly<Record<ProcessScript, string>>;
  /** The embedded server's command line; undefined with a PostgreSQL of one's own. */
  postgres?: CommandLine;
}

export interface ProcessesGiven extends FoundationGiven {
  /** Bundle of each service. */
  code: Readonly<Record<string, Bundle>>;
  /** Hash of everything under `dapr/`, secrets included: the sidecar reads it only when it starts. */
  daprHash: string;
  /** Absolute path of a real daprd; undefined with the embedded sidecar. */
  daprd?: string;
}

/** A configuration file of a process. */
export interface ConfigFile {
  path: string;
  content: string;
}

export interface Processes {
  specs: ProcessSpec[];
  files: ConfigFile[];
}

/** Names of the processes that hold data; everything else needs them. */
export const FOUNDATION: readonly string[] = ['postgres', 'broker'];

/** Everything that runs, as data: same input, same processes, same hashes. */
export function processesOf(given: ProcessesGiven): Processes {
  return together([...postgres(given), ...broker(given), ...sidecars(given), ...services(given), gateway(given)]);
}

/** What can be started before anything is bundled. */
export function foundationOf(given: FoundationGiven): Processes {
  return together([...postgres(given), ...broker(given)]);
}

function together(parts: readonly Part[]): Processes {
  return { specs: parts.map(({ spec }) => spec), files: parts.flatMap(({ file }) => (file ? [file] : [])) };
}

/** The name of the database service user's URL file under `secrets/`. */
export const DATABASE_URL_FILE = 'database-url';

interface Part {
  spec: ProcessSpec;
  file?: ConfigFile;
}

function postgres({ postgres: line, ports }: FoundationGiven): Part[] {
  if (!line) return [];
  const port = portOf(ports, 'postgres');
  return [
    part({
      name: 'postgres',
      kind: 'database',
      command: line.command,
      args: [...line.args],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: '/',
      ready: { tcp: { host: HOST, port } },
      port,
      // SIGINT: a fast shutdown; SIGTERM would wait for every client.
      stop: { signal: 'SIGINT', graceMs: 20_000 },
      after: [],
    }),
  ];
}

function broker(given: FoundationGiven): Part[] {
  const { platform, paths, ports } = given;
  if (platform.environment.kafka?.bootstrap) return [];
  const port = portOf(ports, 'kafka');
  return [
    own(given, 'broker', 'broker', { host: HOST, port, dataDir: paths.broker, clusterId: clusterIdOf(platform) }, {
      ready: { tcp: { host: HOST, port } },
      port,
      stop: { signal: 'SIGTERM', graceMs: 15_000 },
      after: [],
    }),
  ];
}

function sidecars(given: ProcessesGiven): Part[] {
  const { platform, paths, ports, daprd } = given;
  const apps = platform.services.filter(({ sidecar }) => sidecar).flatMap((service) => replicasOf(service).map((replica) => ({ service, replica })));
  const after = needed(platform, apps.some(({ service }) => service.state));
  const healthOf = (port: number): ProcessSpec['ready'] => ({ http: `http://${HOST}:${port}/v1.0/healthz` });
  const stop = { signal: 'SIGTERM', graceMs: 15_000 } as const;
  const configFile = path.join(paths.dapr, 'configuration.yaml');
  if (daprd) {
    return apps.map(({ service, replica }) => {
      const port = portOf(ports, `${replica}.dapr`);
      const line = daprdCommand({
        binary: daprd,
        appId: service.name,
        podName: replica,
        appPort: portOf(ports, replica),
        httpPort: port,
        grpcPort: portOf(ports, `${replica}.dapr-grpc`),
        internalGrpcPort: portOf(ports, `${replica}.dapr-internal-grpc`),
        metricsPort: portOf(ports, `${replica}.dapr-metrics`),
        resourcesPath: paths.dapr,
        configFile,
        apiTokenFile: path.join(paths.secrets, daprToken(service.name)),
        appTokenFile: path.join(paths.secrets, appToken(service.name)),
      });
      return part({ name: `${replica}.dapr`, kind: 'sidecar', ...line, cwd: paths.dapr, ready: healthOf(port), port, stop, after }, given.daprHash);
    });
  }
  const [first] = apps;
  if (!first) return [];
  const config = {
    resourcesPath: paths.dapr,
    configFile,
    apps: apps.map(({ service, replica }) => ({
      appId: service.name,
      podName: replica,
      appPort: portOf(ports, replica),
      httpPort: portOf(ports, `${replica}.dapr`),
      appApiToken: { file: path.join(paths.secrets, appToken(service.name)) },
      daprApiToken: { file: path.join(paths.secrets, daprToken(service.name)) },
    })),
  };
  const port = portOf(ports, `${first.replica}.dapr`);
  return [own(given, 'sidecar', 'sidecar', config, { cwd: paths.dapr, ready: healthOf(port), port, stop, after }, given.daprHash)];
}

function services(given: ProcessesGiven): Part[] {
  const { platform, ports, paths, node, code } = given;
  return platform.services.flatMap((service) =>
    replicasOf(service).map((replica) => {
      const bundle = code[service.name];
      if (!bundle) throw new Error(`${service.name} was not bundled`);
      const port = portOf(ports, replica);
      return part(
        {
          name: replica,
          kind: 'service',
          command: node,
          args: [...QUIET, bundle.entry],
          env: { ...serviceEnvironment(given, service, replica), VERSION: bundle.hash.slice(0, 12), NODE_COMPILE_CACHE: compileCache(paths) },
          cwd: path.dirname(bundle.entry),
          ready: { http: `http://${HOST}:${port}/readyz` },
          port,
          stop: { signal: 'SIGTERM', graceMs: (SHUTDOWN_SECONDS + 5) * 1000 },
          after: service.database ? needed(platform, true).filter((name) => name === 'postgres') : [],
        },
        bundle.hash,
      );
    }),
  );
}

function serviceEnvironment({ platform, ports, paths }: ProcessesGiven, service: Service, replica: string): Record<string, string> {
  const secret = (name: string): string => path.join(paths.secrets, name);
  const { auth } = platform.environment;
  return {
    SERVICE: service.name,
    REPLICA: replica,
    HOST,
    PORT: String(portOf(ports, replica)),
    LOG_LEVEL: 'info',
    SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS),
    TZ: 'UTC',
    ...(service.database ? { DATABASE_URL_FILE: secret(DATABASE_URL_FILE) } : {}),
    ...(service.sidecar
      ? {
          DAPR_HTTP_PORT: String(portOf(ports, `${replica}.dapr`)),
          DAPR_API_TOKEN_FILE: secret(daprToken(service.name)),
          APP_API_TOKEN_FILE: secret(appToken(service.name)),
        }
      : {}),
    ...(auth
      ? {
          AUTH_MODE: 'jwt',
          ...('jwks' in auth ? { AUTH_JWKS_URL: auth.jwks } : { AUTH_KEY_FILE: secret(AUTH_KEY_FILE) }),
          AUTH_ISSUER: auth.issuer,
          AUTH_AUDIENCE: auth.audience,
        }
      : { AUTH_MODE: 'local' }),
  };
}

/** The name of the copy of `auth.key` under `secrets/`. */
export const AUTH_KEY_FILE = 'auth-key';

function gateway(given: ProcessesGiven): Part {
  const { platform, ports } = given;
  const port = portOf(ports, 'entrance');
  const routes = platform.services.flatMap((service) =>
    service.route === undefined ? [] : [{ prefix: service.route, upstreams: replicasOf(service).map((replica) => ({ host: HOST, port: portOf(ports, replica) })) }],
  );
  return own(given, 'gateway', 'gateway', { host: HOST, port, routes }, {
    ready: { http: `http://${HOST}:${port}/__gateway/healthz` },
    port,
    stop: { signal: 'SIGTERM', graceMs: 8000 },
    after: [],
  });
}

/** One of the platform's own processes: a built script that reads a configuration file. */
function own(
  { node, scripts, scriptHashes, paths }: FoundationGiven,
  script: Exclude<ProcessScript, 'supervisor'>,
  kind: ProcessSpec['kind'],
  config: object,
  rest: Pick<ProcessSpec, 'ready' | 'stop' | 'after'> & { port: number; cwd?: string },
  reads = '',
): Part {
  const file = { path: path.join(paths.config, `${script}.json`), content: `${JSON.stringify(config, null, 2)}\n` };
  const spec = {
    name: script,
    kind,
    command: node,
    args: [scripts[script], '--config', file.path],
    env: { TZ: 'UTC', NODE_COMPILE_CACHE: compileCache(paths) },
    cwd: paths.state,
    ...rest,
  };
  return { ...part(spec, scriptHashes[script], file.content, reads), file };
}

/** Hashes all that a process runs: its command line, its environment and `reads`, the files that it reads when it starts. */
function part(spec: Omit<ProcessSpec, 'hash'>, ...reads: string[]): Part {
  const { command, args, env, cwd } = spec;
  const hash = createHash('sha256').update(JSON.stringify([command, args, env, cwd, reads])).digest('hex');
  return { spec: { ...spec, hash } };
}

function needed({ environment }: Platform, database: boolean): string[] {
  return [...(environment.postgres?.url || !database ? [] : ['postgres']), ...(environment.kafka?.bootstrap ? [] : ['broker'])];
}

function compileCache({ build }: Paths): string {
  return path.join(build, 'compile-cache');
}

/** 22 characters, as Kafka's own cluster ids have; the same for the same platform. */
function clusterIdOf({ name, environment }: Platform): string {
  return createHash('sha256').update(`${name}/${environment.name}`).digest('base64url').slice(0, 22);
}
