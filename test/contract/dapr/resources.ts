import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';

/** Properties of a component; a pair is a secretKeyRef: [secret, key]. */
type Properties = Record<string, string | readonly [secret: string, key: string]>;

export function component(name: string, type: string, version: string, properties: Properties, scopes: string[] = []): object {
  const metadata = Object.entries(properties).map(([key, value]) =>
    typeof value === 'string' ? { name: key, value } : { name: key, secretKeyRef: { name: value[0], key: value[1] } },
  );
  const secret = Object.values(properties).some((value) => typeof value !== 'string');
  return {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name },
    spec: { type, version, metadata },
    ...(secret && { auth: { secretStore: 'secrets' } }),
    ...(scopes.length > 0 && { scopes }),
  };
}

/** A pub/sub component as the templates render it; its brokers are a secret `kafka`/`brokers`. */
export function pubsub(name: string, properties: Properties = {}, scopes: string[] = []): object {
  const base: Properties = { brokers: ['kafka', 'brokers'], authType: 'none', consumerGroup: '{appID}', initialOffset: 'oldest', version: '4.0.0' };
  return component(name, 'pubsub.kafka', 'v1', { ...base, ...properties }, scopes);
}

interface SubscriptionSpec {
  component?: string;
  deadLetter?: string;
  bulk?: { count: number; awaitMs: number };
  raw?: boolean;
}

/** A subscription of a topic that delivers to /events/TOPIC. */
export function subscription(app: string, topic: string, { component: pubsubname = 'pubsub', deadLetter, bulk, raw }: SubscriptionSpec = {}): object {
  return {
    apiVersion: 'dapr.io/v2alpha1',
    kind: 'Subscription',
    metadata: { name: `${app}-${pubsubname}-${topic}` },
    spec: {
      pubsubname,
      topic,
      routes: { default: `/events/${topic}` },
      ...(deadLetter && { deadLetterTopic: deadLetter }),
      ...(raw && { metadata: { rawPayload: 'true' } }),
      ...(bulk && { bulkSubscribe: { enabled: true, maxMessagesCount: bulk.count, maxAwaitDurationMs: bulk.awaitMs } }),
    },
    scopes: [app],
  };
}

/** Three retries, 100 ms apart, for the named components and apps. */
export function resiliency(components: readonly string[], apps: readonly string[] = []): object {
  const targets = {
    components: Object.fromEntries(components.map((name) => [name, { inbound: { retry: 'quick' } }])),
    apps: Object.fromEntries(apps.map((name) => [name, { retry: 'quick' }])),
  };
  const policies = { retries: { quick: { policy: 'constant', duration: '100ms', maxRetries: 3 } } };
  return { apiVersion: 'dapr.io/v1alpha1', kind: 'Resiliency', metadata: { name: 'todo' }, spec: { policies, targets } };
}

function configuration(folder: string): object {
  return {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Configuration',
    metadata: { name: 'todo' },
    spec: {
      tracing: { samplingRate: '1' },
      features: [{ name: 'HotReload', enabled: false }],
      secrets: { scopes: [{ storeName: 'secrets', deniedSecrets: ['forbidden'] }] },
      // daprd finds apps by multicast DNS; a table in a file keeps that on loopback. Ours has all apps in one process.
      nameResolution: { component: 'sqlite', version: 'v1', configuration: { connectionString: path.join(folder, 'names.db') } },
    },
  };
}

/** A folder as the local target renders it. */
export interface Rendered {
  folder: string;
  resourcesPath: string;
  configFile: string;
  remove(): Promise<void>;
}

export async function render(documents: readonly object[], secrets: object): Promise<Rendered> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'dapr-contract-'));
  const resourcesPath = path.join(folder, 'resources');
  const configFile = path.join(folder, 'configuration.yaml');
  const secretsFile = path.join(folder, 'secrets.json');
  await mkdir(resourcesPath);
  const all = [component('secrets', 'secretstores.local.file', 'v1', { secretsFile, multiValued: 'true' }), ...documents];
  // One object per file: of a file with several, daprd reads all Components and Subscriptions, but only the first Resiliency.
  await Promise.all(all.map((document, index) => writeFile(path.join(resourcesPath, `${index}.yaml`), stringify(document))));
  await writeFile(configFile, stringify(configuration(folder)));
  await writeFile(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  return { folder, resourcesPath, configFile, remove: () => rm(folder, { recursive: true, force: true }) };
}
