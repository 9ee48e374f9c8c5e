// Kafka by Strimzi: what an environment has of it, and that one whose Kafka others run has none of it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { kafka } from '../../../cli/systems/kafka.ts';
import { kafkaOf } from '../../../cli/systems/kafka-access.ts';
import type { Parts } from '../../../cli/systems/system.ts';
import { type Spec, kafkaFiles, kafkaObjects, kafkaPlatform, strimziPlatforms } from '../../support/kafka.ts';
import { platformIn } from '../../support/rendered.ts';

const partsOf = (platform: Platform): Parts => kafka.parts(platform, {}) ?? {};
const spec = (platform: Platform, kind: string, name = 'todo'): Spec | undefined => kafkaObjects(platform, kind).find(({ metadata }) => metadata.name === name)?.spec;

describe('one broker', () => {
  test('is its own controller, on a volume that goes with it, small enough for a node of 4 GB', async () => {
    const staging = await platformIn('staging');
    expect(kafkaObjects(staging, 'KafkaNodePool').map(({ metadata }) => metadata.name)).toEqual(['kafka']);
    expect(spec(staging, 'KafkaNodePool', 'kafka')).toMatchObject({
      replicas: 1,
      roles: ['controller', 'broker'],
      storage: { type: 'jbod', volumes: [{ id: 0, type: 'persistent-claim', size: '10Gi', class: 'do-block-storage', deleteClaim: true, kraftMetadata: 'shared' }] },
      resources: { requests: { cpu: '250m', memory: '1024Mi' }, limits: { memory: '1024Mi' } },
      jvmOptions: { '-Xms': '512m', '-Xmx': '512m' },
    });
  });

  test('copies nothing, has nothing to balance and no rack', async () => {
    const staging = await platformIn('staging');
    expect(spec(staging, 'Kafka')).toMatchObject({ kafka: { config: { 'default.replication.factor': 1, 'min.insync.replicas': 1, 'offsets.topic.replication.factor': 1, 'transaction.state.log.min.isr': 1 } } });
    expect(Object.keys(spec(staging, 'Kafka') ?? {})).toEqual(['kafka', 'entityOperator', 'kafkaExporter']);
    expect(spec(staging, 'Kafka')).not.toHaveProperty('kafka.rack');
    expect(spec(staging, 'KafkaTopic', 'task-events')).toEqual({ partitions: 3, replicas: 1, config: { 'cleanup.policy': 'delete', 'min.insync.replicas': 1, 'retention.ms': 604_800_000 } });
  });
});

describe('three brokers', () => {
  test('have three controllers beside them; volumes of a protected environment stay', async () => {
    const prod = await platformIn('prod');
    const pools = kafkaObjects(prod, 'KafkaNodePool').map(({ metadata: { name, labels }, spec: { roles, replicas } }) => ({ name, cluster: labels?.['strimzi.io/cluster'], roles: roles, replicas: replicas }));
    expect(pools).toEqual([
      { name: 'controller', cluster: 'todo', roles: ['controller'], replicas: 3 },
      { name: 'kafka', cluster: 'todo', roles: ['broker'], replicas: 3 },
    ]);
    for (const { spec: pool, metadata } of kafkaObjects(prod, 'KafkaNodePool')) {
      expect(pool).toMatchObject({ storage: { volumes: [{ class: 'do-block-storage-retain', deleteClaim: false }] } });
      expect(pool).toMatchObject({ template: { pod: { topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'strimzi.io/cluster': 'todo', 'strimzi.io/pool-name': metadata.name } } }] } } });
    }
  });

  test('keep three copies of which two must have an event, on different nodes, and are balanced', async () => {
    const prod = await platformIn('prod');
    expect(spec(prod, 'Kafka')).toMatchObject({
      kafka: {
        version: '4.3.1',
        metadataVersion: '4.3-IV0',
        rack: { topologyKey: 'kubernetes.io/hostname' },
        authorization: { type: 'simple' },
        config: { 'auto.create.topics.enable': false, 'default.replication.factor': 3, 'min.insync.replicas': 2 },
        metricsConfig: { type: 'jmxPrometheusExporter', valueFrom: { configMapKeyRef: { name: 'todo-kafka-metrics', key: 'metrics.yaml' } } },
        template: { podDisruptionBudget: { maxUnavailable: 1 } },
      },
      entityOperator: { userOperator: { secretPrefix: 'kafka-' } },
      kafkaExporter: { groupRegex: '.*' },
      cruiseControl: { autoRebalance: [{ mode: 'add-brokers' }, { mode: 'remove-brokers' }] },
    });
    expect(spec(prod, 'KafkaTopic', 'task-events.dlq')).toEqual({ partitions: 1, replicas: 3, config: { 'cleanup.policy': 'delete', 'min.insync.replicas': 2, 'retention.ms': 2_592_000_000 } });
  });
});

describe('the listener', () => {
  const listener = async (platform: Promise<Platform>): Promise<Record<string, unknown>> => (spec(await platform, 'Kafka') as unknown as { kafka: { listeners: [Record<string, unknown>] } }).kafka.listeners[0];
  const own = (values: string[]): object => ({ podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'todo' }, matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values }] } });

  test('is the one that clients are told of: TLS, name and password', async () => {
    const { networkPolicyPeers, ...rest } = await listener(platformIn('prod'));
    expect(rest).toEqual({ name: 'tls', port: 9093, type: 'internal', tls: true, authentication: { type: 'scram-sha-512' } });
    expect(kafkaOf(await platformIn('prod'))).toMatchObject({ bootstrap: 'todo-kafka-bootstrap.todo.svc:9093', tls: true, sasl: { mechanism: 'SHA-512', username: 'own' } });
    expect(networkPolicyPeers).toEqual([
      own(['task-api', 'recurrence', 'audit', 'realtime']),
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'keda' } }, podSelector: { matchLabels: { app: 'keda-operator' } } },
    ]);
  });

  test('is open for the services that have an arrow, and for no other', async () => {
    expect((await listener(kafkaPlatform('')))['networkPolicyPeers']).toEqual([own(['task-api', 'audit', 'realtime'])]);
  });

  test('is open for Connect and MirrorMaker where there are any', async () => {
    const more = "connectors: { s: { class: S, reads: [task-events] } }, mirror: { from: east, bootstrap: 'k:9092' }";
    expect((await listener(kafkaPlatform(more)))['networkPolicyPeers']).toEqual([
      own(['task-api', 'audit', 'realtime']),
      { podSelector: { matchLabels: { 'strimzi.io/cluster': 'todo', 'strimzi.io/name': 'todo-connect' } } },
      { podSelector: { matchLabels: { 'strimzi.io/cluster': 'todo', 'strimzi.io/name': 'todo-mirrormaker2' } } },
    ]);
  });

  test('is never open for all: a list without peers would mean that', () => {
    fc.assert(
      fc.property(strimziPlatforms, (platform) => {
        const { kafka: found } = spec(platform, 'Kafka', platform.name) as unknown as { kafka: { listeners: { networkPolicyPeers: { podSelector: object }[] }[] } };
        for (const { networkPolicyPeers } of found.listeners) {
          expect(networkPolicyPeers.length).toBeGreaterThan(0);
          for (const { podSelector } of networkPolicyPeers) expect(Object.keys(podSelector)).not.toHaveLength(0);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('of any definition', () => {
  test('each topic and each dead-letter topic is an object, with no more copies than brokers', () => {
    fc.assert(
      fc.property(strimziPlatforms, (platform) => {
        const brokers = platform.environment.kafka?.brokers ?? 0;
        const topics = kafkaObjects(platform, 'KafkaTopic').map(({ metadata: { name }, spec: { partitions, replicas } }) => ({ name, partitions: partitions, replicas: replicas }));
        expect(topics).toEqual(platform.topics.map(({ name, partitions }) => ({ name, partitions, replicas: Math.min(3, brokers) })));
      }),
      { numRuns: 15 },
    );
  });

  test('an object is applied for itself, and outlives the release of the app', () => {
    fc.assert(fc.property(strimziPlatforms, (platform) => kafkaFiles(platform).every(({ owner, path }) => owner === 'applied' || path.startsWith('helm/'))), { numRuns: 15 });
  });
});

describe('settings', () => {
  test('retention by size, partitions and storage reach their objects', async () => {
    const platform = await kafkaPlatform('kafka: { storage: 500MB, storageClass: fast }');
    expect(spec(platform, 'KafkaTopic', 'reminders')).toEqual({ partitions: 6, replicas: 1, config: { 'cleanup.policy': 'delete', 'min.insync.replicas': 1, 'retention.ms': 86_400_000, 'retention.bytes': 2 ** 30 } });
    expect(spec(platform, 'KafkaNodePool', 'kafka')).toMatchObject({ storage: { volumes: [{ size: '500M', class: 'fast' }] } });
    expect(partsOf(platform).pods?.[0]).toMatchObject({ name: 'todo-kafka', volumes: [1] });
  });

  test('a cluster that is there already has its own default class', async () => {
    const { storage } = spec(await kafkaPlatform('kafka: { brokers: 1 }'), 'KafkaNodePool', 'kafka') as unknown as { storage: { volumes: [object] } };
    expect(Object.keys(storage.volumes[0])).toEqual(['id', 'type', 'size', 'deleteClaim', 'kraftMetadata']);
  });
});

describe('beside the objects', () => {
  test('the operator is pinned, in a namespace of its own, watches the services’ and makes pods that are restricted', async () => {
    const prod = await platformIn('prod');
    expect(partsOf(prod)).toMatchObject({
      namespace: { name: 'strimzi-system', podSecurity: 'restricted' },
      charts: [{ release: 'strimzi', namespace: 'strimzi-system', chart: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator', version: '1.2.0', provides: ['kafka.strimzi.io', 'core.strimzi.io'] }],
    });
    const values = kafkaFiles(prod).find(({ path }) => path.endsWith('strimzi.values.yaml'))?.text;
    expect(values).toContain('watchNamespaces: [todo]');
    const { labelsExclusionPattern } = parse(values ?? '') as { labelsExclusionPattern: string };
    const own = kafkaObjects(prod, 'Kafka').flatMap(({ metadata }) => Object.keys(metadata.labels ?? {}));
    expect(own.filter((label) => !new RegExp(labelsExclusionPattern).test(label)), 'labels that Strimzi would copy onto pods and Secrets').toEqual([]);
    expect(values).toMatch(/STRIMZI_POD_SECURITY_PROVIDER_CLASS\n\s+value: restricted/);
  });

  test('what its pods ask of the nodes is what the objects ask', async () => {
    expect(partsOf(await platformIn('prod')).pods).toEqual([
      { name: 'todo-controller', replicas: 3, cpu: 100, memory: 768, volumes: [5] },
      { name: 'todo-kafka', replicas: 3, cpu: 250, memory: 2048, volumes: [10] },
      { name: 'todo-entity-operator', replicas: 1, cpu: 100, memory: 512 },
      { name: 'todo-kafka-exporter', replicas: 1, cpu: 20, memory: 96 },
      { name: 'todo-cruise-control', replicas: 1, cpu: 100, memory: 768 },
    ]);
  });

  test('brokers call each other, the operators and Cruise Control call brokers, and a client reaches 9093 alone', async () => {
    const { serves = [], calls = [] } = partsOf(await platformIn('prod'));
    expect(serves.filter(({ id }) => id === 'kafka').map(({ ports }) => ports)).toEqual([[{ port: 9093 }]]);
    expect(Object.fromEntries(serves.filter(({ id }) => id !== 'metrics').map(({ id, ports }) => [id, ports.map(({ port }) => port)]))).toEqual({
      kafka: [9093],
      'kafka-control': [9090],
      'kafka-replication': [9091],
      'kafka-agent': [8443],
      'cruise-control': [9090],
    });
    const who = (from: unknown): string => Object.values((from as { labels: Record<string, string> }).labels).at(-1) ?? '';
    expect(Object.fromEntries(calls.map(({ from, to }) => [who(from), to]))).toEqual({
      'todo-kafka': ['kafka-control', 'kafka-replication', 'kubernetes-api'],
      'cluster-operator': ['kafka-control', 'kafka-replication', 'kafka-agent', 'cruise-control'],
      'todo-entity-operator': ['kafka-replication', 'cruise-control', 'kubernetes-api'],
      'todo-kafka-exporter': ['kafka-replication'],
      'todo-cruise-control': ['kafka-replication'],
    });
  });

  test('one broker needs neither the API nor Cruise Control', async () => {
    const { serves = [], calls = [] } = partsOf(await platformIn('staging'));
    expect(serves.map(({ id }) => id)).not.toContain('cruise-control');
    expect(calls[0]?.to).toEqual(['kafka-control', 'kafka-replication']);
  });
});

describe('a Kafka that others run', () => {
  test.each([
    ['digitalocean', 'provider: digitalocean', [25_073]],
    ['external, named', 'bootstrap: "a.example.com:9094,b.example.com:9095,c.example.com:9094"', [9094, 9095]],
    ['external, in a Secret', 'provider: external', [9092, 9093, 9094, 9095, 9096]],
  ])('%s: no operator, no object, no namespace; only where it is', async (_which, settings, ports) => {
    const platform = await kafkaPlatform(`kafka: { ${settings} }`);
    expect(kafkaFiles(platform)).toEqual([]);
    expect(partsOf(platform)).toEqual({ serves: [{ id: 'kafka', pods: 'outside', ports: ports.map((port) => ({ port })) }] });
  });
});
