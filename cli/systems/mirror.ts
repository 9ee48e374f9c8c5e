import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { KAFKA_TLS_PORT, kafkaCluster, kafkaOf } from './kafka-access.ts';
import { KAFKA_VERSION, metricsOf, resourcesOf } from './kafka-cluster.ts';
import { connectServes, portsIn, STRIMZI_OPERATOR, strimziPods } from './kafka-network.ts';
import { aclsOf, groupAcls, type KafkaAcl, topicAcl, userArtefact } from './kafka-users.ts';
import { workerAcls, workerGroup } from './kafka-workers.ts';
import { type Artefact, defineSystem } from './system.ts';

const USER = 'mirror';
const WORKER = { cpu: 100, memory: 1024 };

const alias = z.string().regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'TODOCTL_DEFINITION_BAD_NAME' });
const other = {
  bootstrap: z.string().regex(/^[\w.-]+:\d{1,5}(?:,[\w.-]+:\d{1,5})*$/, { error: 'TODOCTL_DEFINITION_BAD_ADDRESS' }).describe('Where the other Kafka is: host:port, comma-separated.'),
  mechanism: z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512').describe('How its clients sign in; the password is in the Secret mirror.'),
  user: z.string().min(1).default(USER).describe('Name of the user there.'),
  tls: z.boolean().default(true).describe('Whether it speaks TLS.'),
  ca: z.boolean().default(true).describe('Whether the Secret mirror holds the certificate of who signed its certificates (ca.crt).'),
  topics: z.array(z.string()).min(1).exactOptional().describe('Topics to mirror; all of the platform when left out.'),
  identity: z.boolean().default(true).describe('Whether mirrored topics keep their names; with clusters that mirror each other this must be no.'),
  tasks: z.int().min(1).max(100).default(2).describe('Most tasks that mirroring is split into.'),
};
const settings = z
  .union([
    z.strictObject({ from: alias.describe('Name of the Kafka that events come from.'), ...other }),
    z.strictObject({ to: alias.describe('Name of the Kafka that events go to.'), ...other }),
  ])
  .describe('Mirrors topics from or to another Kafka.');

type Mirror = z.output<typeof settings>;

/** MirrorMaker between this Kafka and another, where the environment has a mirror and Strimzi runs Kafka. */
export const mirror = defineSystem({
  id: 'mirror',
  needs: ['kafka'],
  settings: settings.exactOptional(),
  parts(platform, wanted) {
    if (wanted === undefined || kafkaOf(platform).provider !== 'strimzi') return undefined;
    const pods = strimziPods(platform, 'mirrormaker2');
    const { here, there } = rights(platform, wanted);
    return {
      artefacts: [...userArtefact(platform, USER, here), maker(platform, wanted), otherUser(wanted, there)],
      pods: [{ name: `${kafkaCluster(platform)}-mirrormaker2`, replicas: 1, ...WORKER }],
      serves: [...connectServes(platform, 'mirrormaker2'), { id: 'other-kafka', pods: 'outside', ports: portsIn(wanted.bootstrap) }],
      calls: [
        { from: pods, to: ['kafka', 'other-kafka', 'mirrormaker2'] },
        { from: STRIMZI_OPERATOR, to: ['mirrormaker2'] },
      ],
    };
  },
});

/** The names of both clusters; ours is named after the environment. */
function aliases({ environment }: Platform, wanted: Mirror): { source: string; target: string } {
  return 'from' in wanted ? { source: wanted.from, target: environment.name } : { source: environment.name, target: wanted.to };
}

function topicsOf({ topics }: Platform, wanted: Mirror): string[] {
  const named = topics.filter(({ name, deadLetterOf }) => !wanted.topics || wanted.topics.includes(name) || wanted.topics.includes(deadLetterOf ?? name));
  return named.map(({ name }) => name);
}

/** Groups whose place is mirrored with their topics; those of single replicas begin at the newest event anyway. */
function mirroredGroups({ services }: Platform): KafkaAcl[] {
  return groupAcls(services, 'Read', 'Describe').filter(({ pattern }) => pattern !== 'prefix');
}

/** What the user of each cluster may do: the source is only read, because what mirroring must remember is kept at the target. */
function rights(platform: Platform, wanted: Mirror): { here: KafkaAcl[]; there: KafkaAcl[] } {
  const { source } = aliases(platform, wanted);
  const topics = topicsOf(platform, wanted);
  const groups = mirroredGroups(platform);
  const reading: KafkaAcl[] = [
    ...topics.map((topic) => topicAcl(topic, 'Read', 'Describe', 'DescribeConfigs')),
    ...groups.map((acl): KafkaAcl => ({ ...acl, operations: ['Describe'] })),
    { resource: 'cluster', operations: ['Describe'] },
  ];
  const writing: KafkaAcl[] = [
    ...workerAcls(workerGroup(platform, 'mirror')),
    topicAcl(`mm2-offset-syncs.${source}.internal`, 'Create', 'Describe', 'DescribeConfigs', 'Read', 'Write'),
    topicAcl(`${source}.checkpoints.internal`, 'Create', 'Describe', 'Read', 'Write'),
    ...topics.map((topic) => topicAcl(wanted.identity ? topic : `${source}.${topic}`, 'Create', 'Alter', 'AlterConfigs', 'Write', 'Describe')),
    ...groups,
    { resource: 'cluster', operations: ['Describe'] },
  ];
  return 'from' in wanted ? { here: writing, there: reading } : { here: reading, there: writing };
}

function maker(platform: Platform, wanted: Mirror): Artefact {
  const cluster = kafkaCluster(platform);
  const { source, target } = aliases(platform, wanted);
  const ours = {
    bootstrapServers: `${cluster}-kafka-bootstrap:${KAFKA_TLS_PORT}`,
    tls: { trustedCertificates: [{ secretName: `${cluster}-cluster-ca-cert`, pattern: '*.crt' }] },
    authentication: authentication('scram-sha-512', USER, kafkaOf(platform).sasl?.password(USER) ?? { name: USER, key: 'password' }),
  };
  const { mechanism, user, tls, ca } = wanted;
  const theirs = {
    bootstrapServers: wanted.bootstrap,
    ...(tls ? { tls: { trustedCertificates: ca ? [{ secretName: USER, certificate: 'ca.crt' }] : [] } } : {}),
    ...(mechanism === 'none' ? {} : { authentication: authentication(mechanism, user, { name: USER, key: 'password' }) }),
  };
  const [from, to] = 'from' in wanted ? [theirs, ours] : [ours, theirs];
  const groups = mirroredGroups(platform).map(({ name = '' }) => name);
  return {
    owner: 'applied',
    file: 'mirror.yaml',
    template: 'strimzi/mirror.yaml.hbs',
    view: {
      name: cluster,
      version: KAFKA_VERSION,
      source: { alias: source, ...from },
      target: { alias: target, ...to },
      group: workerGroup(platform, 'mirror'),
      topics: patternOf(topicsOf(platform, wanted)),
      groups: groups.length > 0 ? patternOf(groups) : null,
      policy: `org.apache.kafka.connect.mirror.${wanted.identity ? 'Identity' : 'Default'}ReplicationPolicy`,
      tasks: wanted.tasks,
      metrics: metricsOf(cluster),
      ...resourcesOf(WORKER),
    },
  };
}

function authentication(type: string, username: string, { name, key }: { name: string; key: string }): object {
  return { type, username, passwordSecret: { secretName: name, password: key } };
}

/** Exactly these names, as the regular expression of MirrorMaker. */
function patternOf(names: readonly string[]): string {
  return names.map((name) => name.replaceAll('.', '\\.')).join('|');
}

/** The user that the other cluster must have. It is not ours to make: a file for whoever runs that cluster. */
function otherUser(wanted: Mirror, acls: readonly KafkaAcl[]): Artefact {
  const cluster = 'from' in wanted ? wanted.from : wanted.to;
  return { owner: 'file', file: `mirror/user-at-${cluster}.yaml`, template: 'strimzi/user-elsewhere.yaml.hbs', view: { name: wanted.user, cluster, acls: aclsOf(acls) } };
}
