// What is said of objects without parsing them is what a YAML parser finds, for every object of whole environments.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { footprintsOf } from '../../../../../cli/targets/cluster/capacity/pods.ts';
import { type Desired, desiredOf, readObjects } from '../../../../../cli/targets/cluster/compare/desired.ts';
import { priceOf } from '../../../../../cli/operations/plan/price.ts';
import { topicsOf } from '../../../../../cli/targets/cluster/compare/topics.ts';
import { SYSTEMS } from '../../../../../cli/systems/all.ts';
import { systemsOf } from '../../../../../cli/systems/environment.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf, tagsOf } from '../../../../support/rendered.ts';

const EVERYTHING = readFileSync(path.resolve(import.meta.dirname, '../../../../../docs/everything.todoctl.yaml'), 'utf8');

describe.each([['staging', undefined], ['prod', undefined], ['full', EVERYTHING], ['managed', EVERYTHING], ['existing', EVERYTHING]])('the objects of %s', (environment, text) => {
  const whole = async () => {
    const platform = await platformIn(environment, text);
    const files = renderedOf(platform);
    return { platform, parsed: objectsIn(files), desired: desiredOf(platform, files, systemsOf(platform, SYSTEMS, tagsOf(platform))) };
  };

  test('are called what their text says', async () => {
    const { desired, parsed } = await whole();
    expect(desired.objects.length).toBeGreaterThan(20);
    expect(desired.objects.map(({ head }) => head)).toEqual(parsed.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } })));
  });

  test('are what is sent of them; those of the release with what Helm writes into them', async () => {
    const { platform, desired, parsed } = await whole();
    for (const { object, body } of desired.objects) expect(parse(body)).toEqual(object);
    const release = parsed.map((object, index) => (desired.objects[index]?.manager === 'helm' ? marked(object, platform.name) : object));
    expect(desired.objects.map(({ object }) => object)).toEqual(release);
  });

  test('are sent as they were rendered, not as JSON', async () => {
    const { desired } = await whole();
    expect(desired.objects.filter(({ body }) => body.startsWith('{')).map(({ head }) => head)).toEqual([]);
  });

  test('that are not read say nothing of pods, topics, or what costs money', async () => {
    const { platform, desired } = await whole();
    const [all, read] = [desired.objects.map(({ object }) => object), readObjects(desired)];
    expect(read.length).toBeLessThan(all.length);
    expect(footprintsOf(read, [])).toEqual(footprintsOf(all, []));
    expect(topicsOf(read)).toEqual(topicsOf(all));
    expect(priceOf(platform, undefined, read, [], 0)).toEqual(priceOf(platform, undefined, all, [], 0));
  });
});

test('an object is parsed once', () => {
  const { objects: [wanted] } = only('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n');
  expect(wanted?.object).toBe(wanted?.object);
});

function only(text: string): Desired {
  return desiredOf({ name: 'todo' } as Parameters<typeof desiredOf>[0], [{ path: 'objects/00-x/a.yaml', text, system: 'x', owner: 'applied' }], []);
}

function marked(object: KubernetesObject, release: string): KubernetesObject {
  const { labels, annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { ...annotations, 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': release },
    },
  };
}
