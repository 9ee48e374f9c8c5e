import type { Platform, Service } from '../definition/platform.ts';
import { kafkaCluster } from './kafka-access.ts';
import { lagOf } from './lag.ts';
import type { Artefact } from './system.ts';

type Operation = 'Read' | 'Write' | 'Create' | 'Alter' | 'Describe' | 'AlterConfigs' | 'DescribeConfigs';

/** One right on Kafka, more kinds of it than services need. The cluster has no name. */
export interface KafkaAcl {
  resource: 'topic' | 'group' | 'cluster';
  name?: string;
  pattern?: 'literal' | 'prefix';
  operations: readonly Operation[];
}

/** Users of the services and of what looks from outside: each with the least rights that do its work. */
export function userArtefacts(platform: Platform): Artefact[] {
  const { services, topics } = platform;
  const consumed = services.map(({ subscriptions, acls }) => ({ topics: subscriptions.map(({ topic }) => topic), groups: acls.filter(({ resource }) => resource === 'group') }));
  const scaled = services.flatMap((service) => {
    const lag = lagOf(service);
    return lag ? [{ topics: lag.topics, groups: [{ name: lag.group }] }] : [];
  });
  return [
    ...services.map(({ name, acls }) => userArtefact(platform, name, acls)),
    // Reads without a group, so that nothing of a consumer's can be moved.
    userArtefact(platform, 'tail', topics.map(({ name }) => topicAcl(name, 'Read', 'Describe'))),
    userArtefact(platform, 'lag', lagAcls(consumed)),
    userArtefact(platform, 'keda', lagAcls(scaled)),
  ].flat();
}

/** A KafkaUser; none where there is nothing that it may do. */
export function userArtefact(platform: Platform, name: string, acls: readonly KafkaAcl[]): Artefact[] {
  if (acls.length === 0) return [];
  return [{ owner: 'applied', file: `user-${name}.yaml`, template: 'strimzi/user.yaml.hbs', view: { name, cluster: kafkaCluster(platform), acls: aclsOf(acls) } }];
}

/** Rights as a KafkaUser spells them. */
export function aclsOf(acls: readonly KafkaAcl[]): object[] {
  return acls.map(({ resource, name, pattern = 'literal', operations }) => ({
    resource: resource === 'cluster' ? { type: resource } : { type: resource, name, patternType: pattern },
    operations,
  }));
}

/** A right on one topic, by its whole name. */
export function topicAcl(name: string, ...operations: Operation[]): KafkaAcl {
  return { resource: 'topic', name, operations };
}

/** How far groups are behind: the end of each topic and the place of each group, without a right to read or move. */
function lagAcls(read: readonly { topics: readonly string[]; groups: readonly Pick<KafkaAcl, 'name' | 'pattern'>[] }[]): KafkaAcl[] {
  const topics = new Set(read.flatMap((one) => one.topics));
  const groups = read.flatMap((one) => one.groups);
  return [...[...topics].sort().map((topic) => topicAcl(topic, 'Describe')), ...groups.map((group): KafkaAcl => ({ ...group, resource: 'group', operations: ['Describe'] }))];
}

/** The consumer groups of services, each once. */
export function groupAcls(services: readonly Service[], ...operations: Operation[]): KafkaAcl[] {
  return services.flatMap(({ acls }) => acls.filter(({ resource }) => resource === 'group').map((acl) => ({ ...acl, operations })));
}
