import type { Platform } from '../definition/platform.ts';
import { kafkaCluster } from './kafka-access.ts';
import { type KafkaAcl, topicAcl } from './kafka-users.ts';

/** What tells the workers of one purpose from others: their group, and the topics in which they keep what they know. */
export interface WorkerGroup {
  groupId: string;
  configs: string;
  offsets: string;
  status: string;
}

/** Named after the cluster and the purpose, for connectors and a mirror run side by side. */
export function workerGroup(platform: Platform, purpose: 'connect' | 'mirror'): WorkerGroup {
  const name = `${kafkaCluster(platform)}-${purpose}`;
  return { groupId: name, configs: `${name}-configs`, offsets: `${name}-offsets`, status: `${name}-status` };
}

/** What workers need before they do anything: the least that Strimzi's documentation of its users says. */
export function workerAcls({ groupId, configs, offsets, status }: WorkerGroup): KafkaAcl[] {
  return [
    ...[configs, offsets, status].map((topic) => topicAcl(topic, 'Create', 'Describe', 'DescribeConfigs', 'Read', 'Write')),
    { resource: 'group', name: groupId, operations: ['Read', 'Describe'] },
  ];
}
