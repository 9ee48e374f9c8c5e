// Rendered objects against the CustomResourceDefinitions of Dapr, where those are at hand (../shared/specs/crds).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadPlatform } from '../../../cli/definition/load.ts';
import { renderDapr } from '../../../cli/render/artefacts.ts';
import { Crds } from '../../support/crd.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.resolve(root, '../shared/specs/crds');
const there = existsSync(folder);
if (!there) process.stderr.write(`skipped: ${path.relative(root, folder)} is not there, so rendered objects are not checked against Dapr's CRDs\n`);

type KubernetesObject = Parameters<Crds['mistakes']>[0];

describe.skipIf(!there)('Dapr’s own definitions', () => {
  const crds = new Crds();
  if (there) for (const file of readdirSync(folder).filter((name) => name.startsWith('dapr-'))) crds.add(readFileSync(path.join(folder, file), 'utf8'));

  test.each(['local', 'staging', 'prod'])('accept every object of %s', async (environment) => {
    const files = renderDapr(await loadPlatform({ cwd: root, environment, env: {} }));
    expect(files.length).toBeGreaterThan(0);
    for (const { path: file, text } of files) expect(crds.mistakes(parse(text) as KubernetesObject), file).toEqual([]);
  });

  test('refuse an unknown key, a wrong type and a missing key', () => {
    const subscription = (spec: object): KubernetesObject => ({ apiVersion: 'dapr.io/v2alpha1', kind: 'Subscription', metadata: { name: 'x' }, ...{ spec } });
    const right = { pubsubname: 'pubsub', topic: 't', routes: { default: '/t' } };
    expect(crds.mistakes(subscription(right))).toEqual([]);
    expect(crds.mistakes(subscription({ ...right, route: '/t' }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.route is unknown']);
    expect(crds.mistakes(subscription({ ...right, topic: 7 }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.topic is not of type string']);
    expect(crds.mistakes(subscription({ topic: 't', routes: {} }))).toEqual(['dapr.io/v2alpha1 Subscription.spec.pubsubname is missing']);
  });

  test('know no object of another kind', () => {
    fc.assert(fc.property(fc.string(), (kind) => crds.mistakes({ apiVersion: 'v1', kind, metadata: {} }).length > 0));
  });
});
