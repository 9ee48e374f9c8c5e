import { randomBytes } from 'node:crypto';
import type { Platform, SecretReference } from '../../definition/platform.ts';
import type { Database, ManagedKafka } from '../../providers/provider.ts';
import { USER_SECRET_PREFIX } from '../../systems/kafka-access.ts';
import { labelsOf, namespaceOf, postgresProvider, SECRETS } from '../../systems/names.ts';
import { PULL_SECRET } from '../../systems/app-values.ts';
import { addressInCluster } from '../../systems/postgres.ts';
import { GRAFANA_SECRET, type MonitoringSettings, RECEIVERS_SECRET } from '../../systems/monitoring/settings.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';

/** Keys of a Secret and what they hold, in plain. */
export type Values = Readonly<Record<string, string>>;

/** A Secret that deploy makes. */
export interface WantedSecret {
  namespace: string;
  name: string;
  type?: string;
  system: string;
  /**
   * What it is to hold, by what it holds now: what is made once is taken from there, for data may be locked with it; what the
   * definition refers to is what that says today.
   */
  values(now: Values, read: ReadReference): Promise<Values>;
}

/** What a reference of the definition stands for. Errors: TODOCTL_SECRET_MISSING. */
export type ReadReference = (reference: SecretReference) => Promise<string>;

/** Secrets that need nobody but us and the definition. */
export function ownSecrets(platform: Platform): WantedSecret[] {
  const { environment, services } = platform;
  const namespace = namespaceOf(platform);
  const own = (system: string, name: string, values: WantedSecret['values']): WantedSecret => ({ namespace, name, system, values });
  const { auth, postgres } = environment;
  const database = services.some((service) => service.database || service.state);
  const url = postgres?.url;
  return [
    own('app', SECRETS.daprApiToken.name, made(SECRETS.daprApiToken.key)),
    own('app', SECRETS.appApiToken.name, made(SECRETS.appApiToken.key)),
    ...(auth && 'key' in auth ? [own('app', SECRETS.authKey.name, async (_, read) => ({ [SECRETS.authKey.key]: await read(auth.key) }))] : []),
    ...(database && postgresProvider(platform) === 'cluster' ? [own('postgres', SECRETS.database.name, inCluster(platform))] : []),
    ...(database && url ? [own('postgres', SECRETS.database.name, async (_, read) => addresses(await read(url), await read(url)))] : []),
    ...(environment.systems['redis'] === undefined ? [] : [own('redis', SECRETS.redis.name, made(SECRETS.redis.key))]),
    ...monitoringSecrets(platform),
  ];
}

/** What a database of the provider is reached by. */
export function databaseSecret(platform: Platform, { uri, directUri }: Database): WantedSecret {
  return { namespace: namespaceOf(platform), name: SECRETS.database.name, system: 'postgres', values: async () => addresses(uri, directUri) };
}

/** What rights are granted with where the provider keeps a database's administrator; by the names of libpq's variables, so that no address is in a command. */
export function adminSecrets(platform: Platform, { adminUri }: Database): WantedSecret[] {
  if (adminUri === undefined) return [];
  const { hostname, port, username, password } = new URL(adminUri);
  const values = async (): Promise<Values> => ({ PGHOST: hostname, PGPORT: port, PGUSER: decodeURIComponent(username), PGPASSWORD: decodeURIComponent(password) });
  return [{ namespace: namespaceOf(platform), name: SECRETS.databaseAdmin.name, system: 'postgres', values }];
}

/** What a Kafka of the provider is reached by, and the password of each of its users in a Secret of that user's own. */
export function kafkaSecrets(platform: Platform, { brokers, username, password, users = {}, ca }: ManagedKafka): WantedSecret[] {
  const secret = (name: string, values: Values): WantedSecret => ({ namespace: namespaceOf(platform), name, system: 'kafka', values: async () => values });
  return [
    secret('kafka', { brokers, username, password, ...(ca === undefined ? {} : { 'ca.crt': ca }) }),
    ...Object.entries(users).map(([user, own]) => secret(`${USER_SECRET_PREFIX}${user}`, { password: own })),
  ];
}

/** What nodes pull the images of the app with. `pull`: as Kubernetes wants it. */
export function pullSecret(platform: Platform, pull: string): WantedSecret {
  return { namespace: namespaceOf(platform), name: PULL_SECRET, type: 'kubernetes.io/dockerconfigjson', system: 'app', values: async () => ({ '.dockerconfigjson': pull }) };
}

/** The object of a Secret, with its values in base64. */
export function secretObject(platform: Platform, { namespace, name, type, system }: WantedSecret, values: Values): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: type ?? 'Opaque',
    metadata: { name, namespace, labels: labelsOf(platform, system) },
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}

/** What a Secret holds, in plain. */
export function valuesIn(object: KubernetesObject | undefined): Values {
  const data = (object?.['data'] ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}

/** The keys that would get another value. */
export function changedKeys(now: Values, wanted: Values): string[] {
  return Object.keys(wanted).filter((key) => now[key] !== wanted[key]);
}

function monitoringSecrets(platform: Platform): WantedSecret[] {
  const settings = platform.environment.systems['monitoring'] as MonitoringSettings | undefined;
  if (!settings?.enabled) return [];
  const { slack, discord, email, deadman } = settings;
  const references: [string, SecretReference | undefined][] = [
    [RECEIVERS_SECRET.keys.slack, slack?.webhook], [RECEIVERS_SECRET.keys.discord, discord?.webhook],
    [RECEIVERS_SECRET.keys.email, email?.password], [RECEIVERS_SECRET.keys.deadman, deadman?.url],
  ];
  const given = references.filter((pair): pair is [string, SecretReference] => pair[1] !== undefined);
  const receivers: WantedSecret['values'] = async (_, read) => Object.fromEntries(await Promise.all(given.map(async ([key, reference]) => [key, await read(reference)] as const)));
  return [
    { namespace: GRAFANA_SECRET.namespace, name: GRAFANA_SECRET.name, system: 'monitoring', values: async (now) => ({ [GRAFANA_SECRET.userKey]: now[GRAFANA_SECRET.userKey] ?? 'admin', [GRAFANA_SECRET.passwordKey]: now[GRAFANA_SECRET.passwordKey] ?? random() }) },
    ...(given.length > 0 ? [{ namespace: RECEIVERS_SECRET.namespace, name: RECEIVERS_SECRET.name, system: 'monitoring', values: receivers }] : []),
  ];
}

function made(key: string): WantedSecret['values'] {
  return async (now) => ({ [key]: now[key] ?? random() });
}

/** The password is the database's own: it is made with the disk, and never again. */
function inCluster(platform: Platform): WantedSecret['values'] {
  return async (now) => {
    const password = now[SECRETS.databasePassword.key] ?? random();
    const address = addressInCluster(platform, password);
    return { ...addresses(address, address), [SECRETS.databasePassword.key]: password };
  };
}

function addresses(uri: string, direct: string): Values {
  return { [SECRETS.database.key]: uri, [SECRETS.databaseDirect.key]: direct };
}

const SECRET_BYTES = 24;

function random(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
