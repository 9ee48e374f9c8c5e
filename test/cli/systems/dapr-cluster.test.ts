// The Dapr objects of an environment in a cluster: how sidecars reach Kafka, who may call whom, where state is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { configurationOf, dapr, daprArtefacts } from '../../../cli/systems/dapr.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';
import { type KubernetesObject, platformIn } from '../../support/rendered.ts';

const templates = openTemplates();

interface Property {
  name: string;
  value?: string;
  secretKeyRef?: { name: string; key: string };
  envRef?: string;
}
type DaprObject = KubernetesObject & { scopes?: string[]; auth?: { secretStore: string } };

function objectsOf(platform: Platform): DaprObject[] {
  return daprArtefacts(platform).map(({ template, view }) => parse(templates.fill(template, { namespace: platform.name, labels: { 'todoctl.io/system': 'dapr' }, ...view })) as DaprObject);
}
const named = (objects: readonly DaprObject[], kind: string, name: string): DaprObject | undefined => objects.find((object) => object.kind === kind && object.metadata.name === name);
/** A component's properties; where one is not a value it is `secret:name/key` or `variable:NAME`. */
function propertiesOf(component: DaprObject | undefined): Record<string, string> {
  const { metadata } = component?.['spec'] as { metadata: Property[] };
  return Object.fromEntries(metadata.map(({ name, value, secretKeyRef, envRef }) => [name, value ?? (secretKeyRef ? `secret:${secretKeyRef.name}/${secretKeyRef.key}` : `variable:${envRef}`)]));
}

const SERVICES = `platform: todo
topics: { task-events: { key: task }, task-updates: { key: user } }
services:
  task-api: { publishes: [task-events, task-updates], invokes: [audit], state: true, schedule: '@every 1m' }
  audit: { subscribes: { task-events: { attempts: 5 } } }
  realtime: { listens: [task-updates], invokes: [task-api, audit] }
  web: {}
environments:
`;
const cluster = (more = ''): Promise<Platform> => platformIn('prod', `${SERVICES}  prod: { provider: existing, context: c${more} }\n`);

describe('how a sidecar reaches Kafka', () => {
  const SHARED = {
    clientID: '{appID}', consumerGroup: '{appID}', initialOffset: 'oldest', consumerFetchMin: '1', producerRequiredAcks: 'all', version: '4.0.0', compression: 'lz4',
    protectedTopics: 'task-events,task-events.dlq,task-updates,task-updates.dlq',
    publishingScopes: 'task-api=task-events,task-updates;audit=task-events.dlq;realtime=task-updates.dlq',
    subscriptionScopes: 'audit=task-events',
  };

  test.each([
    ['of Strimzi', '', { brokers: 'todo-kafka-bootstrap.todo.svc:9093', authType: 'password', saslMechanism: 'SHA-512', saslUsername: '{appID}', saslPassword: 'variable:KAFKA_PASSWORD', caCert: 'secret:todo-cluster-ca-cert/ca.crt' }],
    ['of DigitalOcean', 'provider: digitalocean', { brokers: 'secret:kafka/brokers', authType: 'password', saslMechanism: 'SHA-256', saslUsername: '{appID}', saslPassword: 'variable:KAFKA_PASSWORD', caCert: 'secret:kafka/ca.crt' }],
    ['external, open to all', 'bootstrap: "a.example.com:9092,b.example.com:9092"', { brokers: 'a.example.com:9092,b.example.com:9092', authType: 'none' }],
    ['external, TLS alone', 'provider: external, tls: true', { brokers: 'secret:kafka/brokers', authType: 'certificate', caCert: 'secret:kafka/ca.crt' }],
    ['external, PLAIN over a public TLS', 'provider: external, mechanism: plain', { brokers: 'secret:kafka/brokers', authType: 'password', saslMechanism: 'PLAINTEXT', saslUsername: 'secret:kafka/username', saslPassword: 'secret:kafka/password' }],
    ['external, SCRAM without TLS', 'provider: external, mechanism: scram-sha-256, tls: false', { brokers: 'secret:kafka/brokers', authType: 'password', saslMechanism: 'SHA-256', saslUsername: 'secret:kafka/username', saslPassword: 'secret:kafka/password', disableTls: 'true' }],
    ['external, SCRAM-512 and its own authority', 'provider: external, mechanism: scram-sha-512, ca: true', { brokers: 'secret:kafka/brokers', authType: 'password', saslMechanism: 'SHA-512', saslUsername: 'secret:kafka/username', saslPassword: 'secret:kafka/password', caCert: 'secret:kafka/ca.crt' }],
  ])('%s', async (_, kafka, connection) => {
    const objects = objectsOf(await cluster(kafka === '' ? '' : `, kafka: { ${kafka} }`));
    expect(propertiesOf(named(objects, 'Component', 'pubsub'))).toEqual({ ...SHARED, ...connection });
    expect(propertiesOf(named(objects, 'Component', 'pubsub-realtime'))).toMatchObject({ ...connection, consumerGroup: 'realtime-{podName}', initialOffset: 'newest', subscriptionScopes: 'realtime=task-updates' });
  });

  // The fields of KafkaMetadata and what the runtime itself reads, components-contrib 1.18.3: a key that is misspelt is passed over in silence.
  const READ = ['brokers', 'authType', 'saslUsername', 'saslPassword', 'saslMechanism', 'disableTls', 'caCert', 'clientID', 'consumerGroup', 'initialOffset', 'consumerFetchMin', 'producerRequiredAcks', 'compression', 'version', 'protectedTopics', 'publishingScopes', 'subscriptionScopes'];
  test.each(['', ', kafka: { provider: external, mechanism: plain, tls: false }', ', kafka: { provider: digitalocean }'])('by keys that Dapr reads%s', async (kafka) => {
    for (const name of ['pubsub', 'pubsub-realtime']) expect(READ).toEqual(expect.arrayContaining(Object.keys(propertiesOf(named(objectsOf(await cluster(kafka)), 'Component', name)))));
  });
});

describe('who may call whom', () => {
  const access = (objects: readonly DaprObject[], name: string): unknown => (named(objects, 'Configuration', name)?.['spec'] as { accessControl?: unknown } | undefined)?.accessControl;

  test('a service that is invoked has a Configuration that lets exactly its callers in', async () => {
    const platform = await cluster();
    const objects = objectsOf(platform);
    const policy = (appId: string): object => ({ appId, defaultAction: 'allow', trustDomain: 'public', namespace: 'todo' });
    expect(access(objects, 'todo')).toEqual({ defaultAction: 'deny', trustDomain: 'public' });
    expect(access(objects, 'todo-task-api')).toEqual({ defaultAction: 'deny', trustDomain: 'public', policies: [policy('realtime')] });
    expect(access(objects, 'todo-audit')).toEqual({ defaultAction: 'deny', trustDomain: 'public', policies: [policy('task-api'), policy('realtime')] });
    expect(platform.services.map((service) => configurationOf(platform, service))).toEqual(['todo-task-api', 'todo-audit', 'todo', 'todo']);
  });

  test('the rest of a Configuration is the same for all: traces, metrics, no names in a file, no secret by the API', async () => {
    const { accessControl, ...spec } = named(objectsOf(await cluster(', tracing: { endpoint: "https://otel.example.com:4317", sampling: 0.1 }')), 'Configuration', 'todo')?.['spec'] as Record<string, unknown>;
    expect(accessControl).toBeDefined();
    // No feature is turned off: daprd reloads what changes, since no Deployment changes with a Component or a Subscription.
    expect(spec).toEqual({
      tracing: { samplingRate: '0.1', otel: { endpointAddress: 'otel.example.com:4317', isSecure: true, protocol: 'grpc' } },
      metrics: { enabled: true, http: { increasedCardinality: false } },
      secrets: { scopes: [{ storeName: 'kubernetes', defaultAccess: 'deny' }] },
    });
  });

  test.each([
    ['to the Jaeger of the cluster', '', { samplingRate: '1', otel: { endpointAddress: 'jaeger.tracing.svc:4317', isSecure: false, protocol: 'grpc' } }],
    ['to Zipkin', ', tracing: { protocol: zipkin, endpoint: "http://zipkin.example.com:9411/api/v2/spans" }', { samplingRate: '1', zipkin: { endpointAddress: 'http://zipkin.example.com:9411/api/v2/spans' } }],
    // Without sampling daprd would overwrite the trace that every event carries.
    ['nowhere, and are made all the same', ', tracing: { enabled: false }', { samplingRate: '1' }],
  ])('traces go %s', async (_, more, tracing) => {
    expect(named(objectsOf(await cluster(more)), 'Configuration', 'todo')?.['spec']).toMatchObject({ tracing });
  });
});

test('a call is tried again when nobody answers, and a delivery before its event is a dead letter', async () => {
  const objects = objectsOf(await cluster()).filter(({ kind }) => kind === 'Resiliency');
  const CALL = { timeout: 'call', retry: 'call', circuitBreaker: 'call' };
  const call = { policy: 'constant', duration: '500ms', maxRetries: 2, matching: { httpStatusCodes: '503', gRPCStatusCodes: '14' } };
  const deliver = (maxRetries: number): object => ({ policy: 'exponential', duration: '500ms', maxInterval: '10s', maxRetries });
  const calls = { timeouts: { call: '3s' }, circuitBreakers: { call: { maxRequests: 1, timeout: '5s', trip: 'consecutiveFailures > 50' } } };
  expect(objects.map(({ metadata: { name }, spec, scopes }) => ({ name, spec, scopes }))).toEqual([
    {
      name: 'todo',
      spec: { policies: { ...calls, retries: { deliver: deliver(29), call } }, targets: { components: { 'pubsub-realtime': { inbound: { retry: 'deliver' } } }, apps: { audit: CALL, 'task-api': CALL } } },
      scopes: ['task-api', 'realtime'],
    },
    { name: 'todo-audit', spec: { policies: { retries: { deliver: deliver(4) } }, targets: { components: { pubsub: { inbound: { retry: 'deliver' } } } } }, scopes: ['audit'] },
  ]);
});

describe('state', () => {
  test.each([
    ['is in the database of the cluster', '', 'state.postgresql', { connectionString: 'secret:postgres/uri', tablePrefix: 'dapr_', maxConns: '2' }],
    ['is in a managed database', ', postgres: { provider: digitalocean }', 'state.postgresql', { connectionString: 'secret:postgres/uri', tablePrefix: 'dapr_', maxConns: '2' }],
    // Spelled as components-contrib 1.18 reads it (common/authentication/postgresql/metadata.go).
    ['is in one behind a pooler', ', postgres: { provider: digitalocean, pooled: 20 }', 'state.postgresql', { connectionString: 'secret:postgres/uri', tablePrefix: 'dapr_', maxConns: '2', queryExecMode: 'exec' }],
    ['is in Redis where there is one', ', redis: {}', 'state.redis', { redisHost: 'valkey.todo.svc:6379', redisPassword: 'secret:redis/password' }],
  ])('%s', async (_, more, type, properties) => {
    const component = named(objectsOf(await cluster(more)), 'Component', 'state');
    expect(component).toMatchObject({ spec: { type }, auth: { secretStore: 'kubernetes' }, scopes: ['task-api'] });
    expect(propertiesOf(component)).toEqual(properties);
  });
});

describe('a schedule', () => {
  test('is a clock that calls its service only', async () => {
    const clock = named(objectsOf(await cluster()), 'Component', 'schedule-task-api');
    expect(clock).toMatchObject({ spec: { type: 'bindings.cron', version: 'v1' }, scopes: ['task-api'] });
    expect(propertiesOf(clock)).toEqual({ schedule: '@every 1m', route: '/schedule', direction: 'input' });
  });

  test('is on a laptop only where a real daprd keeps time', async () => {
    const files = async (more: string): Promise<string[]> => daprArtefacts(await platformIn('local', `${SERVICES}  local: { provider: local${more} }\n`)).map(({ file }) => file);
    expect(await files('')).not.toContain('component-schedule-task-api.yaml');
    expect(await files(', dapr: { binary: daprd }')).toContain('component-schedule-task-api.yaml');
  });

  test.each(['@every 1m', '@every 1h30m', '@daily', '*/5 * * * *', '0 30 8-18 * * MON-FRI', '0 0 1,15 * ?'])('may be %s', async (schedule) => {
    await expect(platformIn('prod', SERVICES.replace('@every 1m', schedule) + '  prod: { provider: existing, context: c }\n')).resolves.toMatchObject({ services: [{ schedule }, {}, {}, {}] });
  });

  test.each(['1m', '@every', '@every 1 m', '@sometimes', '* * * *', '* * * * * * *', '; rm'])('may not be %s', async (schedule) => {
    await expect(platformIn('prod', SERVICES.replace('@every 1m', schedule) + '  prod: { provider: existing, context: c }\n')).rejects.toThrow(/schedule/);
  });
});

describe('of any definition, in a cluster', () => {
  const forEvery = (check: (objects: DaprObject[], platform: Platform, drawn: Drawn) => void): void => {
    fc.assert(fc.property(definitions, (drawn) => {
      const platform = platformOf(drawn, { name: 'prod', provider: 'existing' });
      check(objectsOf(platform), platform, drawn);
    }), { numRuns: 50 });
  };

  test('every arrow between services is exactly one policy of who is called, and there is no other', () => {
    forEvery((objects, platform, drawn) => {
      const policies = (name: string): string[] => {
        const { accessControl } = named(objects, 'Configuration', name)?.['spec'] as { accessControl: { defaultAction: string; policies?: { appId: string }[] } };
        expect(accessControl.defaultAction).toBe('deny');
        return (accessControl.policies ?? []).map(({ appId }) => appId);
      };
      const arrows = platform.services.flatMap((service) => policies(configurationOf(platform, service)).map((caller) => `${caller}>${service.name}`));
      const wanted = Object.entries(drawn.services).flatMap(([caller, { invokes }]) => invokes.map((target) => `${caller}>${target}`));
      expect(arrows.sort()).toEqual(wanted.sort());
      expect(policies(platform.name)).toEqual([]);
      const read = new Set([platform.name, ...platform.services.map((service) => configurationOf(platform, service))]);
      expect(objects.filter(({ kind }) => kind === 'Configuration').map(({ metadata }) => metadata.name).sort()).toEqual([...read].sort());
    });
  });

  test('each sidecar that consumes or calls is under exactly one policy, which names all that it calls', () => {
    forEvery((objects, { services }) => {
      for (const { name, subscriptions, invokes } of services) {
        const over = objects.filter(({ kind, scopes }) => kind === 'Resiliency' && scopes?.includes(name));
        expect(over).toHaveLength(subscriptions.length + invokes.length > 0 ? 1 : 0);
        const { targets } = (over[0]?.['spec'] ?? { targets: {} }) as { targets: { apps?: object; components?: object } };
        expect(Object.keys(targets.apps ?? {})).toEqual(expect.arrayContaining([...invokes]));
        expect(Object.keys(targets.components ?? {})).toEqual(expect.arrayContaining(subscriptions.map(({ component }) => component)));
      }
    });
  });

  test('each object is in the namespace, labelled, and scoped to services that are there; secrets are the cluster’s', () => {
    forEvery((objects, { name, services }) => {
      for (const object of objects) {
        expect(object.metadata).toMatchObject({ namespace: name, labels: { 'todoctl.io/system': 'dapr' } });
        if (object.kind !== 'Configuration') expect(object.scopes?.length).toBeGreaterThan(0);
        for (const scope of object.scopes ?? []) expect(services.map((service) => service.name)).toContain(scope);
        if (object.auth) expect(object.auth).toEqual({ secretStore: 'kubernetes' });
        expect((object['spec'] as { type?: string }).type ?? '').not.toMatch(/^secretstores/);
      }
    });
  });
});

describe('the control plane', () => {
  const valuesOf = (platform: Platform): Record<string, unknown> => {
    const [chart] = dapr.parts(platform, {})?.charts ?? [];
    return parse(templates.fill(chart?.values.template ?? '', chart?.values.view ?? {})) as Record<string, unknown>;
  };

  test('is Dapr’s own chart, in the version that the tests run', async () => {
    expect(dapr.parts(await cluster(), {})).toMatchObject({
      namespace: { name: 'dapr-system', podSecurity: 'restricted' },
      charts: [{ release: 'dapr', namespace: 'dapr-system', chart: 'dapr', repository: 'https://dapr.github.io/helm-charts/', version: '1.18.2', provides: ['dapr.io'] }],
      serves: [
        { id: 'dapr', pods: { namespace: 'dapr-system', labels: { 'app.kubernetes.io/part-of': 'dapr' } }, ports: [{ port: 6500 }, { port: 50_001 }, { port: 50_005 }, { port: 50_006 }] },
        { id: 'metrics', ports: [{ port: 9090 }] },
      ],
    });
  });

  test('asks for what it is counted with', async () => {
    const request = (cpu: string, memory: string): object => ({ resources: { requests: { cpu, memory } } });
    expect(valuesOf(await cluster())).toEqual({
      global: { logAsJson: true, seccompProfile: 'RuntimeDefault', mtls: { enabled: true }, prometheus: { enabled: true, port: 9090 }, ha: { enabled: false, topologyKey: 'kubernetes.io/hostname' } },
      dapr_operator: request('50m', '96Mi'),
      dapr_sentry: request('50m', '64Mi'),
      dapr_placement: { cluster: { forceInMemoryLog: true }, ...request('50m', '64Mi') },
      dapr_sidecar_injector: {
        sidecarDropALLCapabilities: true,
        // Only pods of services wait for the injector: Kafka's in the same namespace come up without it.
        webhookFailurePolicy: 'Fail',
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'todo' } },
        objectSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'todo' } },
        ...request('50m', '64Mi'),
      },
      dapr_scheduler: { cluster: { storageSize: '1Gi' }, ...request('50m', '128Mi') },
    });
  });

  test('has three of each where people rely on it, and three schedulers with a disk each anywhere', async () => {
    const replicas = async (more: string): Promise<unknown> => dapr.parts(await cluster(more), {})?.charts?.[0]?.pods.map((pod) => [pod.name, pod.replicas, pod.volumes ?? []]);
    const pods = (count: number): unknown => [['dapr-operator', count, []], ['dapr-sentry', count, []], ['dapr-placement-server', count, []], ['dapr-sidecar-injector', count, []], ['dapr-scheduler-server', 3, [1]]];
    expect(await replicas('')).toEqual(pods(1));
    expect(await replicas(', protected: true')).toEqual(pods(3));
    expect(valuesOf(await cluster(', protected: true'))).toMatchObject({ global: { ha: { enabled: true } } });
  });

  test('is not there for services that need no sidecar', async () => {
    expect(dapr.parts(await platformIn('prod', 'platform: x\ntopics: {}\nservices: { web: {} }\nenvironments: { prod: { provider: existing, context: c } }\n'), {})).toBeUndefined();
  });
});
