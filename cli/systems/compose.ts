import type { Platform, Service, Topic } from '../definition/platform.ts';
import { composeDapr } from './compose-dapr.ts';
import { PORTS } from './names.ts';
import type { Artefact, System } from './system.ts';

const KAFKA_PORT = 9092;
/** Where clients of this machine reach Kafka when nothing else is said. */
const KAFKA_OUTSIDE_PORT = 9094;
const ENTRANCE_PORT = 8080;
const TOPICS = '/opt/kafka/bin/kafka-topics.sh';
const OWN = ['kafka', 'postgres', 'redis', 'gateway'] as const;
/** What Compose asks of whoever starts it. */
const POSTGRES_PASSWORD = '${POSTGRES_PASSWORD:?letters and digits, for the database}';
const REDIS_PASSWORD = '${REDIS_PASSWORD:?letters and digits, for Redis}';
const TOKENS = { DAPR_API_TOKEN: '${DAPR_API_TOKEN:?between services and their sidecars}', APP_API_TOKEN: '${APP_API_TOKEN:?between sidecars and their services}' };

type Names = Record<(typeof OWN)[number], string>;

/** The platform under Docker Compose, on one machine: another way to run it, beside the cluster. */
export const compose: System = { id: 'compose', needs: [], parts: (platform) => ({ artefacts: composeArtefacts(platform) }) };

/**
 * Everything that Docker Compose needs, as files below compose/. Kafka, PostgreSQL and Redis are its own, whatever the environment
 * has in a cluster; each service has one replica and its sidecar. Passwords come from the environment of whoever starts it.
 */
export function composeArtefacts(platform: Platform): Artefact[] {
  const { name, environment, services, topics } = platform;
  const names = namesOf(services);
  const view = {
    project: `${name}-${environment.name}`,
    image: `\${IMAGE:-${name}-services}`,
    names: { ...names, topics: topicsJob(names) },
    kafka: kafkaAddresses(names, environment.ports.kafka ?? KAFKA_OUTSIDE_PORT),
    postgresPassword: POSTGRES_PASSWORD,
    redisPassword: REDIS_PASSWORD,
    createTopics: ['bash', '-ec', topics.map((topic) => createTopic(names, topic)).join('\n')],
    services: services.map((service) => serviceView(platform, names, service)),
    gateway: gatewayView(services, environment.ports.entrance ?? ENTRANCE_PORT),
    authKey: hasKey(platform),
  };
  return [{ owner: 'file', file: 'compose/compose.yaml', template: 'compose/compose.yaml.hbs', view }, ...composeDapr(platform, { kafka: `${names.kafka}:${KAFKA_PORT}`, redis: `${names.redis}:6379` })];
}

/** What is not a service of the definition, by a name that none of those has: they have no dots. */
function namesOf(services: readonly Service[]): Names {
  return Object.fromEntries(OWN.map((name) => [name, services.some((service) => service.name === name) ? `${name}.compose` : name])) as Names;
}

/** Where Kafka is within the network and on this machine: a client comes back to the address that it is told. */
function kafkaAddresses({ kafka }: Names, port: number): object {
  const outside = `127.0.0.1:\${KAFKA_PORT:-${port}}`;
  return { advertised: `INSIDE://${kafka}:${KAFKA_PORT},OUTSIDE://${outside}`, publish: `${outside}:${KAFKA_OUTSIDE_PORT}` };
}

/** A line for a shell. A topic's name needs no quotes there: the schema lets letters, digits, dots and dashes through. */
function createTopic({ kafka }: Names, { name, partitions, retentionMs, retentionBytes }: Topic): string {
  const config = [`retention.ms=${retentionMs}`, ...(retentionBytes === undefined ? [] : [`retention.bytes=${retentionBytes}`])];
  const where = `--bootstrap-server ${kafka}:${KAFKA_PORT} --create --if-not-exists`;
  return `${TOPICS} ${where} --topic ${name} --partitions ${partitions} --replication-factor 1 ${config.map((entry) => `--config ${entry}`).join(' ')}`;
}

function serviceView(platform: Platform, names: Names, service: Service): object {
  const { name, sidecar, database, state, publishes, subscriptions } = service;
  const tokens = sidecar ? TOKENS : {};
  return {
    name,
    environment: {
      SERVICE: name,
      REPLICA: replicaOf(service),
      HOST: '0.0.0.0',
      PORT: String(PORTS.app),
      LOG_LEVEL: 'info',
      SHUTDOWN_SECONDS: '10',
      TZ: 'UTC',
      ...authOf(platform),
      ...(database ? { DATABASE_URL: `postgres://todo:${POSTGRES_PASSWORD}@${names.postgres}:5432/todo` } : {}),
      ...(sidecar ? { DAPR_HTTP_PORT: String(PORTS.daprHttp) } : {}),
      ...tokens,
    },
    authKey: hasKey(platform),
    after: database ? [names.postgres] : [],
    // The sidecar's image holds nothing that could ask it; its service, which shares its network, does.
    probes: [`http://127.0.0.1:${PORTS.app}/readyz`, ...(sidecar ? [`http://127.0.0.1:${PORTS.daprHttp}/v1.0/healthz`] : [])],
    sidecar: sidecar
      ? {
          name: `${name}.dapr`,
          network: `service:${name}`,
          command: daprd(name),
          environment: { POD_NAME: replicaOf(service), ...tokens, ...(state ? { REDIS_PASSWORD } : {}) },
          after: {
            [name]: 'service_started',
            ...(publishes.length + subscriptions.length > 0 ? { [topicsJob(names)]: 'service_completed_successfully' } : {}),
            ...(state ? { [names.redis]: 'service_healthy' } : {}),
          },
        }
      : null,
  };
}

function replicaOf({ name }: Service): string {
  return `${name}-0`;
}

/** The job that ends when every topic is there. */
function topicsJob({ kafka }: Names): string {
  return `${kafka}.topics`;
}

function hasKey({ environment: { auth } }: Platform): boolean {
  return auth !== undefined && 'key' in auth;
}

function daprd(service: string): string[] {
  const flags = {
    mode: 'standalone',
    'app-id': service,
    'app-port': PORTS.app,
    'app-protocol': 'http',
    'dapr-http-port': PORTS.daprHttp,
    'dapr-internal-grpc-port': PORTS.daprInvoke,
    'metrics-port': PORTS.daprMetrics,
    'resources-path': '/dapr',
    config: '/dapr/configuration.yaml',
    // Without a value daprd looks for a control plane. No service has actors or jobs.
    'placement-host-address': '',
    'scheduler-host-address': '',
    'disable-init-endpoints': 'config',
  };
  return ['./daprd', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), '--log-as-json'];
}

/** As on a laptop: who a request is of is believed only where no token is asked for. */
function authOf({ environment: { auth } }: Platform): Record<string, string> {
  if (!auth) return { AUTH_MODE: 'local' };
  return {
    AUTH_MODE: 'jwt',
    ...('jwks' in auth ? { AUTH_JWKS_URL: literal(auth.jwks) } : { AUTH_KEY_FILE: '/run/secrets/auth-key' }),
    AUTH_ISSUER: literal(auth.issuer),
    AUTH_AUDIENCE: literal(auth.audience),
  };
}

/** Compose would put a variable in the place of what begins with a dollar. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function gatewayView(services: readonly Service[], port: number): object | null {
  const open = services.filter(({ route }) => route !== undefined);
  if (open.length === 0) return null;
  const routes = open.map(({ name, route }) => ({ prefix: route, upstreams: [{ host: name, port: PORTS.app }] }));
  const config = `${JSON.stringify({ host: '0.0.0.0', port: ENTRANCE_PORT, routes }, null, 2)}\n`;
  return { publish: `127.0.0.1:\${ENTRANCE_PORT:-${port}}:${ENTRANCE_PORT}`, config: { content: config }, after: open.map(({ name }) => name), probe: `http://127.0.0.1:${ENTRANCE_PORT}/__gateway/healthz` };
}
