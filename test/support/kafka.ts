import fc from 'fast-check';
import type { Platform } from '../../cli/definition/platform.ts';
import { renderEnvironment } from '../../cli/render/environment.ts';
import type { Rendered } from '../../cli/render/rendered.ts';
import { openTemplates } from '../../cli/render/templates.ts';
import { connectors } from '../../cli/systems/connectors.ts';
import { kafka } from '../../cli/systems/kafka.ts';
import { mirror } from '../../cli/systems/mirror.ts';
import { definitions } from './definitions.ts';
import { platformOf } from './drawn-platform.ts';
import { type KubernetesObject, objectsIn, platformIn } from './rendered.ts';

const templates = openTemplates();

/** What Kafka's systems alone render, so that a test of theirs hangs on no other. */
export function kafkaFiles(platform: Platform): Rendered[] {
  const own = ['kafka', 'connectors', 'mirror'];
  return renderEnvironment(platform, [kafka, connectors, mirror], {}, templates).filter(({ system }) => own.includes(system));
}

/** Their objects, each with its `spec` for a test to look into. */
export function kafkaObjects(platform: Platform, kind?: string): (KubernetesObject & { spec: Spec })[] {
  return objectsIn(kafkaFiles(platform)).filter((object) => kind === undefined || object.kind === kind) as (KubernetesObject & { spec: Spec })[];
}

export type Spec = Record<string, unknown>;

/** The rights of each KafkaUser, one a line: `topic task-events Describe+Read`, `group realtime-* Read`. */
export function rightsOf(platform: Platform): Record<string, string[]> {
  const artefacts = [kafka, connectors, mirror].flatMap((system) => system.parts(platform, {})?.artefacts ?? []);
  const users = artefacts.filter(({ template }) => template === 'strimzi/user.yaml.hbs').map(({ view }) => view as { name: string; acls: KafkaUserAcl[] });
  return Object.fromEntries(users.map(({ name, acls }) => [name, rights(acls)]));
}

/** As a KafkaUser spells it. */
export interface KafkaUserAcl {
  resource: { type: string; name?: string; patternType?: string };
  operations: string[];
}

export function rights(acls: readonly KafkaUserAcl[]): string[] {
  return acls.map(({ resource: { type, name, patternType }, operations }) => [type, ...(name === undefined ? [] : [`${name}${patternType === 'prefix' ? '*' : ''}`]), [...operations].sort().join('+')].join(' ')).sort();
}

const DEFINITION = `platform: todo
topics:
  task-events: { key: task }
  reminders: { key: task, partitions: 6, retention: 1d, retentionSize: 1GiB }
services:
  task-api: { publishes: [task-events] }
  audit: { subscribes: [task-events, reminders] }
  realtime: { listens: [task-events] }
  web: {}
environments:
  test: `;

/** A platform of four services and two topics; `environment`: the keys of its environment as YAML in flow style. */
export async function kafkaPlatform(environment: string, change: (text: string) => string = (text) => text): Promise<Platform> {
  return platformIn('test', change(`${DEFINITION}{ provider: existing, context: c, ${environment} }\n`));
}

const settings = fc.record({ brokers: fc.constantFrom(1, 3, 5), lag: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), protected: fc.boolean() });

/** Random platforms whose Kafka is Strimzi's; some services scale by lag. */
export const strimziPlatforms: fc.Arbitrary<Platform> = fc.tuple(definitions, settings).map(([drawn, { brokers, lag, ...rest }]) => {
  const services = Object.entries(drawn.services).map(([name, service], index) => [name, lag[index] === true ? { ...service, scale: { min: 1, max: 2, lag: 10 } } : service]);
  const environment = { name: 'prod', provider: 'digitalocean' as const, systems: { connectors: {} }, kafka: { brokers, storage: '10GiB' }, ...rest };
  return platformOf({ ...drawn, services: Object.fromEntries(services) as object }, environment);
});
