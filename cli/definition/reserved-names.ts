import type { Problem } from './problems.ts';

/** Users of Kafka that are no services; each user is named after its client. */
export const KAFKA_USERS: readonly string[] = ['tail', 'lag', 'keda', 'connect', 'mirror', 'admin'];

/** What Strimzi calls its pods in their label app.kubernetes.io/name, which also finds the replicas of a service. */
const KAFKA_PODS = ['kafka', 'entity-operator', 'kafka-exporter', 'cruise-control', 'kafka-connect', 'kafka-mirror-maker-2'];

/** What Strimzi puts behind the platform's name for its own objects in the namespace of the services. */
const KAFKA_OBJECTS = [
  'kafka', 'kafka-bootstrap', 'kafka-brokers', 'entity-operator', 'kafka-exporter', 'cruise-control',
  'connect', 'connect-api', 'mirrormaker2', 'mirrormaker2-api', 'mirrormaker2-connect',
];

/** Topics in which Kafka Connect and MirrorMaker keep what they know, behind the platform's name. */
const INTERNAL_TOPICS = ['configs', 'offsets', 'status'].flatMap((what) => [`connect-${what}`, `mirror-${what}`]);

/** Strimzi makes a certificate for `<platform>-entity-topic-operator`, and a common name holds 64 characters. */
const LONGEST_PLATFORM = 42;

/** Names that something else in the cluster has, or that Kubernetes would not take. Values are as they were written, perhaps no texts. */
export function reservedNameProblems(platform: unknown, topics: readonly string[], services: readonly string[], inCluster: boolean): Problem[] {
  const problem = (message: string, ...path: string[]): Problem => ({ code: 'TODOCTL_DEFINITION_BAD_NAME', message, path, at: path.length > 1 ? 'key' : 'value' });
  const own = (endings: readonly string[], name: string): boolean => endings.some((ending) => name === `${String(platform)}-${ending}`);
  return [
    ...(inCluster && typeof platform === 'string' && platform.length > LONGEST_PLATFORM
      ? [problem(`a platform in a cluster has a name of at most ${LONGEST_PLATFORM} characters, for Kafka makes longer ones of it; this one has ${platform.length}`, 'platform')]
      : []),
    ...topics.flatMap((topic) => [
      ...(/\.[.-]|-\./.test(topic) ? [problem(`${topic} cannot name an object of Kubernetes: each part between dots begins and ends with a letter or digit`, 'topics', topic)] : []),
      ...(own(INTERNAL_TOPICS, topic) ? [problem(`${topic} is a topic in which Kafka Connect or MirrorMaker keeps what it knows`, 'topics', topic)] : []),
    ]),
    ...services.flatMap((service) => {
      if (KAFKA_USERS.includes(service)) return [problem(`${service} is the name of a user of Kafka that is no service`, 'services', service)];
      if (KAFKA_PODS.includes(service)) return [problem(`${service} is what Strimzi calls pods of Kafka; calls to the service would reach those`, 'services', service)];
      return own(KAFKA_OBJECTS, service) ? [problem(`${service} is the name of an object that Strimzi makes for Kafka`, 'services', service)] : [];
    }),
  ];
}
