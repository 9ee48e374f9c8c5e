import { imagePlace } from '../definition/image-place.ts';
import type { Platform, Service } from '../definition/platform.ts';
import { appSettings } from './app-settings.ts';
import { issuerOf } from './certificates.ts';
import type { ChartValues, ServiceValues } from './chart-values.ts';
import { KAFKA_PASSWORD } from './dapr-components.ts';
import { configurationOf } from './dapr.ts';
import { gatewayValues } from './gateway.ts';
import { kafkaOf } from './kafka-access.ts';
import { lagOf, scalerValues } from './lag.ts';
import { hasMonitoring } from './monitoring/settings.ts';
import { pooledConnections, PORTS, type SecretKey, SECRETS } from './names.ts';
import type { Tags } from './system.ts';

/** Where deploy puts what the registry asks of a node, as Kubernetes wants it (.dockerconfigjson). */
export const PULL_SECRET = 'registry';

/** What an autoscaler looks at where the definition names only bounds, in percent of what is asked for. */
const USUAL_LOAD = { cpu: 70, memory: 80 } as const;

/** The values of charts/todo for an environment, but for `objects`, which rendering adds. Errors: Error for a service without a tag. */
export function appValues(platform: Platform, tags: Tags): ChartValues {
  const { name, environment, services } = platform;
  const { logLevel, shutdown, drain, sidecar } = appSettings(platform);
  const entrance = gatewayValues(platform);
  const issuer = issuerOf(platform);
  const scaledByLag = services.filter((service) => lagOf(service));
  return {
    platform: name,
    environment: environment.name,
    image: { repository: repositoryOf(platform), pullPolicy: 'IfNotPresent', pullSecrets: asksForCredentials(platform) ? [PULL_SECRET] : [] },
    settings: {
      HOST: '0.0.0.0',
      PORT: String(PORTS.app),
      LOG_LEVEL: logLevel,
      SHUTDOWN_SECONDS: String(shutdown),
      TZ: 'UTC',
      ...(environment.postgres?.pool === undefined ? {} : { DATABASE_CONNECTIONS: String(environment.postgres.pool) }),
      ...(pooledConnections(platform) === undefined ? {} : { DATABASE_POOLED: 'true' }),
      ...authSettings(platform),
    },
    secrets: { database: SECRETS.database, authKey: SECRETS.authKey, daprApiToken: SECRETS.daprApiToken, appApiToken: SECRETS.appApiToken },
    // A service takes `shutdown` for its requests and as much again for what it closes (services/kit/shutdown.ts).
    shutdown: { drainSeconds: drain, sidecarSeconds: SIDECAR_SECONDS, graceSeconds: drain + 2 * shutdown + SIDECAR_SECONDS + SLACK_SECONDS },
    sidecar: { logLevel, resources: resourcesOf(sidecar) },
    scaling: SCALING,
    services: Object.fromEntries(services.map((service) => [service.name, serviceValues(platform, service, tags)])),
    ...(entrance ? { gateway: { ...entrance, ...(issuer === undefined ? {} : { issuer }) } } : {}),
    ...(scaledByLag.length > 0 ? { kafka: scalerValues(kafkaOf(platform)) } : {}),
    ...(hasMonitoring(platform) ? { monitoring: { interval: '30s', timeout: '10s' } } : {}),
    smoke: services.flatMap(({ name: service, route }) => (route === '/api' ? [{ service, path: '/api/health' }] : route === '/' ? [{ service, path: '/' }] : [])),
    objects: [],
  };
}

const SIDECAR_SECONDS = 5;
const SLACK_SECONDS = 5;

/** Up at once and by as much again; down slowly, when five minutes said so. */
const SCALING: ChartValues['scaling'] = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 30 },
      { type: 'Pods', value: 4, periodSeconds: 30 },
    ],
  },
  scaleDown: { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }] },
};

function serviceValues(platform: Platform, service: Service, tags: Tags): ServiceValues {
  const tag = tags[service.name];
  if (tag === undefined) throw new Error(`${service.name} has no image tag`);
  const { auth } = platform.environment;
  const { bootstrap } = kafkaOf(platform);
  const scale = scaleValues(service);
  return {
    tag,
    replicas: service.replicas,
    ...(scale ? { scale } : {}),
    resources: resourcesOf(service.resources),
    database: service.database,
    authKey: auth !== undefined && 'key' in auth,
    ...(service.sidecar ? { sidecar: sidecarValues(platform, service) } : {}),
    // KEDA reads it in the service's environment: Kafka's address stands in a Secret only.
    ...(scale?.lag && typeof bootstrap !== 'string' ? { secretEnv: { KAFKA_BROKERS: bootstrap } } : {}),
  };
}

/** By lag, or by load; with neither named by the usual load. */
function scaleValues(service: Service): ServiceValues['scale'] {
  if (!service.scale) return undefined;
  const { min, max, cpu, memory } = service.scale;
  const lag = lagOf(service);
  const load = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  if (lag) return { min, max, ...load, lag };
  return { min, max, ...(Object.keys(load).length > 0 ? load : USUAL_LOAD) };
}

/** Its password for Kafka reaches a sidecar as a variable: the one pubsub component of all says only where to look. */
function sidecarValues(platform: Platform, service: Service): NonNullable<ServiceValues['sidecar']> {
  const { sasl } = kafkaOf(platform);
  const talksToKafka = service.publishes.length + service.subscriptions.length > 0;
  const password = talksToKafka ? sasl?.password(service.name) : undefined;
  return { configuration: configurationOf(platform, service), ...(password ? { envFromSecret: `${KAFKA_PASSWORD}=${inAnnotation(password)}` } : {}) };
}

function inAnnotation({ name, key }: SecretKey): string {
  return `${name}:${key}`;
}

function resourcesOf({ cpu, memory, cpuLimit, memoryLimit }: Service['resources']): ServiceValues['resources'] {
  return { requests: { cpu: cpuQuantity(cpu), memory: memoryQuantity(memory) }, limits: { cpu: cpuQuantity(cpuLimit), memory: memoryQuantity(memoryLimit) } };
}

/** As Kubernetes itself would write it, so that nobody sees a difference where there is none. */
function cpuQuantity(thousandths: number): string {
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}

function memoryQuantity(mebibytes: number): string {
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}

function repositoryOf(platform: Platform): string {
  const { server, repository } = imagePlace(platform);
  return `${server}/${repository}`;
}

function asksForCredentials(platform: Platform): boolean {
  return imagePlace(platform).by === 'digitalocean' || platform.environment.registry?.credentials !== undefined;
}

function authSettings({ environment: { auth } }: Platform): Record<string, string> {
  if (!auth) return {};
  return {
    AUTH_MODE: 'jwt',
    ...('jwks' in auth ? { AUTH_JWKS_URL: auth.jwks } : {}),
    AUTH_ISSUER: auth.issuer,
    AUTH_AUDIENCE: auth.audience,
  };
}
