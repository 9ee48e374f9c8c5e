// Every rendered object against the CustomResourceDefinition of its kind, where those are at hand (../shared/specs/crds).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadPlatform } from '../../../cli/definition/load.ts';
import { renderDapr } from '../../../cli/render/artefacts.ts';
import { SYSTEM_SCHEMAS } from '../../../cli/systems/all.ts';
import { CEL_RULES, RULES_NOT_MET } from '../../support/cel-rules.ts';
import { Crds, type CustomObject } from '../../support/crd.ts';
import { objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.resolve(root, '../shared/specs/crds');
const there = existsSync(folder);
if (!there) process.stderr.write(`skipped: ${path.relative(root, folder)} is not there, so rendered objects are not checked against the definitions of their kinds\n`);

/** Groups of the API server itself; their objects are judged by a real one (test/real). */
const CORE = /^(?:v1|apps\/v1|batch\/v1|autoscaling\/v2|policy\/v1|(?:networking|rbac\.authorization)\.k8s\.io\/v1)$/;

describe.skipIf(!there)('The definitions of all kinds', () => {
  const crds = new Crds();
  if (there) for (const file of readdirSync(folder)) crds.add(readFileSync(path.join(folder, file), 'utf8'));

  test.each(['staging', 'prod'])('accept every object of %s', async (environment) => {
    const objects = objectsIn(renderedOf(await platformIn(environment))).filter(({ apiVersion }) => !CORE.test(apiVersion));
    expect(new Set(objects.map(({ kind }) => kind))).toContain('Kafka');
    expect(objects.flatMap((object) => crds.mistakes(object).map((mistake) => `${object.metadata.name}: ${mistake}`))).toEqual([]);
  });

  test('accept what the laptop’s sidecars read', async () => {
    const files = renderDapr(await loadPlatform({ cwd: root, environment: 'local', env: {}, systems: SYSTEM_SCHEMAS }));
    expect(files.length).toBeGreaterThan(0);
    for (const { path: file, text } of files) expect(crds.mistakes(parse(text) as CustomObject), file).toEqual([]);
  });

  test('accept connectors and a mirror in either direction', async () => {
    const text = readFileSync(path.join(root, 'todoctl.yaml'), 'utf8');
    const connectors = 'connectors: { files: { class: F, plugin: ghcr.io/x/y:1, config: { topic: reminders, batch: 3, on: true, db.password: { secret: db, key: password } }, writes: [reminders] }, s: { class: S, reads: [task-events] } }';
    for (const direction of ['from', 'to']) {
      const more = `kafka: { brokers: 1 }\n    ${connectors}\n    mirror: { ${direction}: east, bootstrap: 'kafka.example.com:9094' }`;
      const objects = objectsIn(renderedOf(await platformIn('staging', text.replace('kafka: { brokers: 1 }', more)))).filter(({ apiVersion }) => apiVersion.startsWith('kafka.'));
      expect(objects.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['KafkaConnect', 'KafkaConnector', 'KafkaMirrorMaker2']));
      expect(objects.flatMap((object) => crds.mistakes(object))).toEqual([]);
    }
  });

  test('refuse an unknown key, a wrong type and a missing key', () => {
    const subscription = (spec: object): CustomObject => ({ apiVersion: 'dapr.io/v2alpha1', kind: 'Subscription', metadata: { name: 'x' }, ...{ spec } });
    const right = { pubsubname: 'pubsub', topic: 't', routes: { default: '/t' } };
    expect(crds.mistakes(subscription(right))).toEqual([]);
    expect(crds.mistakes(subscription({ ...right, route: '/t' }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.route is unknown']);
    expect(crds.mistakes(subscription({ ...right, topic: 7 }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.topic is not of type string']);
    expect(crds.mistakes(subscription({ topic: 't', routes: {} }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.pubsubname is missing']);
  });

  test('refuse what was right in an older version of Strimzi', () => {
    const object = (kind: string, spec: object, version = 'v1'): CustomObject => ({ apiVersion: `kafka.strimzi.io/${version}`, kind, metadata: { name: 'x' }, ...{ spec } });
    expect(crds.mistakes(object('Kafka', {}, 'v1beta2'))).toEqual(['no CRD for kafka.strimzi.io/v1beta2 Kafka']);
    expect(crds.mistakes(object('Kafka', { kafka: { listeners: [], replicas: 3 } }))).toContain('kafka.strimzi.io/v1 Kafka.spec.kafka.replicas is unknown');
    const acl = { resource: { type: 'topic', name: 't', patternType: 'prefixed' }, operation: 'Read' };
    expect(crds.mistakes(object('KafkaUser', { authorization: { type: 'simple', acls: [acl] } }))).toEqual([
      'kafka.strimzi.io/v1 KafkaUser.spec.authorization.acls[0].operations is missing',
      'kafka.strimzi.io/v1 KafkaUser.spec.authorization.acls[0].resource.patternType is not one of literal, prefix',
      'kafka.strimzi.io/v1 KafkaUser.spec.authorization.acls[0].operation is unknown',
    ]);
    expect(crds.mistakes(object('KafkaTopic', { partitions: 0, replicas: 32_768 }))).toEqual([
      'kafka.strimzi.io/v1 KafkaTopic.spec.partitions is not at least 1',
      'kafka.strimzi.io/v1 KafkaTopic.spec.replicas is not at most 32767',
    ]);
  });

  test('refuse what only a rule in CEL says', () => {
    const rack = { apiVersion: 'kafka.strimzi.io/v1', kind: 'Kafka', metadata: { name: 'x' }, spec: { kafka: { listeners: [{ name: 'tls', port: 9093, type: 'internal', tls: true }], rack: { topologyKey: '' } } } };
    expect(crds.mistakes(rack)).toEqual([expect.stringContaining('Kafka.spec.kafka.rack breaks')]);
  });

  test('have no rule that is neither written again nor named as one that nothing of ours can break', () => {
    const known = [...Object.keys(CEL_RULES), ...Object.keys(RULES_NOT_MET)];
    expect(crds.rules().filter((rule) => !known.includes(rule))).toEqual([]);
    expect(known.filter((rule) => !crds.rules().includes(rule)), 'rules of no definition').toEqual([]);
    expect(Object.keys(CEL_RULES).filter((rule) => rule in RULES_NOT_MET)).toEqual([]);
  });

  test('know no object of another kind', () => {
    fc.assert(fc.property(fc.string(), (kind) => crds.mistakes({ apiVersion: 'v1', kind, metadata: {} }).length > 0));
  });
});
