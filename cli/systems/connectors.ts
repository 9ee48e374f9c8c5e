import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { brokersOf, KAFKA_TLS_PORT, kafkaCluster, kafkaOf } from './kafka-access.ts';
import { KAFKA_VERSION, metricsOf, resourcesOf } from './kafka-cluster.ts';
import { connectServes, STRIMZI_OPERATOR, strimziPods } from './kafka-network.ts';
import { type KafkaAcl, topicAcl, userArtefact } from './kafka-users.ts';
import { workerAcls, workerGroup } from './kafka-workers.ts';
import { type Artefact, defineSystem } from './system.ts';

const USER = 'connect';
const WORKER = { cpu: 100, memory: 1024 };

/** What is named like this, or looks like this, holds a secret, and so has to be a reference. */
const SECRET_KEY = /(?:password|passphrase|secret|token|credentials?|(?:api|access|private)[._-]?key|jaas\.config)$/i;
const SECRET_TEXT = /:\/\/[^/\s:@]*:[^@\s]+@|password\s*=/i;

const config = z
  .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean(), z.strictObject({ secret: z.string().min(1), key: z.string().min(1) })]))
  .check(({ value, issues }) => {
    for (const [key, entry] of Object.entries(value)) {
      if (typeof entry !== 'string' || !(SECRET_KEY.test(key) || SECRET_TEXT.test(entry))) continue;
      issues.push({ code: 'custom', message: 'TODOCTL_SECRET_LITERAL', params: { wants: '{ secret: NAME, key: KEY }' }, path: [key], input: entry });
    }
  })
  .default({})
  .describe('Settings of its class; a secret value is {secret: NAME, key: KEY} of a Secret in the namespace of the services.');

const topics = z.array(z.string()).default([]);
const connector = z.strictObject({
  class: z.string().min(1).describe('Java class, like org.apache.kafka.connect.file.FileStreamSourceConnector.'),
  tasks: z.int().min(1).max(100).default(1).describe('Most tasks that it is split into.'),
  plugin: z.string().min(1).exactOptional().describe('Image (OCI) that holds the class; not needed for those that Kafka has itself.'),
  config,
  reads: topics.describe('Topics that it takes events from.'),
  writes: topics.describe('Topics that it puts events into.'),
  calls: z.array(z.enum(['postgres', 'redis', 'internet'])).default([]).describe('What its workers may call besides Kafka.'),
});
const settings = z
  .record(z.string().regex(/^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?$/, { error: 'TODOCTL_DEFINITION_BAD_NAME' }), connector)
  .describe('What Kafka Connect moves between Kafka and other systems.');

type Connector = z.output<typeof connector>;
type Connectors = Readonly<Record<string, Connector>>;

/** Kafka Connect with its connectors, where the environment has any and Strimzi runs Kafka. */
export const connectors = defineSystem({
  id: 'connectors',
  needs: ['kafka'],
  settings: settings.prefault({}),
  parts(platform, wanted) {
    if (Object.keys(wanted).length === 0 || kafkaOf(platform).provider !== 'strimzi') return undefined;
    const pods = strimziPods(platform, 'connect');
    const called = Object.values(wanted).flatMap(({ calls }) => calls);
    return {
      artefacts: [...userArtefact(platform, USER, acls(platform, wanted)), workers(platform, wanted), ...Object.entries(wanted).map(([name, one]) => connectorArtefact(platform, name, one))],
      pods: [{ name: `${kafkaCluster(platform)}-connect`, replicas: workersOf(platform), ...WORKER }],
      serves: [...connectServes(platform, 'connect'), { id: 'internet', pods: 'outside', ports: [{ port: 443 }] }],
      calls: [
        { from: pods, to: ['kafka', 'connect', ...new Set(called)] },
        { from: STRIMZI_OPERATOR, to: ['connect'] },
      ],
    };
  },
});

/** Two where brokers are several: either may fail. */
function workersOf(platform: Platform): number {
  return Math.min(2, brokersOf(platform));
}

/** All connectors run in the same workers, so as one user: what any of them reads and writes. */
function acls(platform: Platform, wanted: Connectors): KafkaAcl[] {
  const all = Object.entries(wanted);
  const reads = new Set(all.flatMap(([, one]) => one.reads));
  const writes = new Set(all.flatMap(([, one]) => one.writes));
  return [
    ...workerAcls(workerGroup(platform, 'connect')),
    ...[...new Set([...reads, ...writes])].sort().map((topic) => topicAcl(topic, ...(reads.has(topic) ? (['Read'] as const) : []), ...(writes.has(topic) ? (['Write'] as const) : []), 'Describe')),
    ...all.filter(([, one]) => one.reads.length > 0).map(([name]): KafkaAcl => ({ resource: 'group', name: `connect-${name}`, operations: ['Read', 'Describe'] })),
  ];
}

function workers(platform: Platform, wanted: Connectors): Artefact {
  const cluster = kafkaCluster(platform);
  const images = new Map(Object.entries(wanted).flatMap(([name, { plugin }]) => (plugin === undefined ? [] : [[plugin, `${name}-plugin`]])));
  return {
    owner: 'applied',
    file: 'connect.yaml',
    template: 'strimzi/connect.yaml.hbs',
    view: {
      name: cluster,
      version: KAFKA_VERSION,
      replicas: workersOf(platform),
      bootstrap: `${cluster}-kafka-bootstrap:${KAFKA_TLS_PORT}`,
      group: workerGroup(platform, 'connect'),
      ca: `${cluster}-cluster-ca-cert`,
      user: USER,
      password: kafkaOf(platform).sasl?.password(USER),
      metrics: metricsOf(cluster),
      plugins: [...images].map(([reference, name]) => ({ name, artifacts: [{ type: 'image', reference }] })),
      environment: secretsOf(wanted).map(({ secret, key }) => ({ name: variableOf(secret, key), valueFrom: { secretKeyRef: { name: secret, key } } })),
      ...resourcesOf(WORKER),
    },
  };
}

function connectorArtefact(platform: Platform, name: string, { class: type, tasks, config: given, reads }: Connector): Artefact {
  const filled = Object.entries(given).map(([key, entry]): [string, unknown] => [key, typeof entry === 'object' ? `\${env:${variableOf(entry.secret, entry.key)}}` : entry]);
  // What a sink reads is said once, above its settings; a source's class has names of its own for what it writes.
  const topicsRead = reads.length > 0 && given['topics'] === undefined && given['topics.regex'] === undefined ? { topics: reads.join(',') } : {};
  return {
    owner: 'applied',
    file: `connector-${name}.yaml`,
    template: 'strimzi/connector.yaml.hbs',
    view: { name, connect: kafkaCluster(platform), class: type, tasks, config: { ...topicsRead, ...Object.fromEntries(filled) } },
  };
}

/** The keys of Secrets that settings name, each once. */
function secretsOf(wanted: Connectors): { secret: string; key: string }[] {
  const named = Object.values(wanted).flatMap(({ config: given }) => Object.values(given).flatMap((entry) => (typeof entry === 'object' ? [entry] : [])));
  return [...new Map(named.map((entry) => [variableOf(entry.secret, entry.key), entry])).values()];
}

/** Name of the variable that holds a key of a Secret: what a name may not have is spelled by its number, so that no two are one. */
function variableOf(secret: string, key: string): string {
  return `CONNECTOR_${`${secret}/${key}`.replaceAll(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)}`;
}
