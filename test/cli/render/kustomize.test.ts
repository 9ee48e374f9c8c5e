import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Identified, kustomize } from '../../../cli/render/kustomize.ts';
import { objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

type Shown = Identified & { spec?: object };
const topic = (environment: string, spec: object, name = 'a.dlq'): Shown => ({ apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata: { name, namespace: 'todo', labels: { 'todoctl.io/environment': environment, system: 'kafka' } }, spec });
const files = (...environments: { name: string; objects: Shown[] }[]): Record<string, unknown> => Object.fromEntries(kustomize(environments).map(({ path, text }) => [path, parse(text)]));

test('what all have alike is in the base alone; overlays add the label that tells them apart', () => {
  expect(files({ name: 'staging', objects: [topic('staging', { partitions: 3 })] }, { name: 'prod', objects: [topic('prod', { partitions: 3 })] })).toEqual({
    'base/kafkatopic-todo-a.dlq.yaml': { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata: { name: 'a.dlq', namespace: 'todo', labels: { system: 'kafka' } }, spec: { partitions: 3 } },
    'base/kustomization.yaml': { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['kafkatopic-todo-a.dlq.yaml'] },
    'overlays/staging/kustomization.yaml': { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['../../base'], labels: [{ pairs: { 'todoctl.io/environment': 'staging' } }] },
    'overlays/prod/kustomization.yaml': { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['../../base'], labels: [{ pairs: { 'todoctl.io/environment': 'prod' } }] },
  });
});

test('what differs is patched in the later one, and says of what', () => {
  const all = files({ name: 'staging', objects: [topic('staging', { replicas: 1 })] }, { name: 'prod', objects: [topic('prod', { replicas: 3 })] });
  expect(all['overlays/prod/patches/kafkatopic-todo-a.dlq.yaml']).toEqual([{ op: 'replace', path: '/spec/replicas', value: 3 }]);
  expect(all['overlays/prod/kustomization.yaml']).toMatchObject({
    patches: [{ path: 'patches/kafkatopic-todo-a.dlq.yaml', target: { group: 'kafka.strimzi.io', version: 'v1', kind: 'KafkaTopic', name: 'a\\.dlq', namespace: 'todo' } }],
  });
  expect(all['overlays/staging/kustomization.yaml']).not.toHaveProperty('patches');
});

test('what only one has is in its overlay', () => {
  const all = files({ name: 'staging', objects: [] }, { name: 'prod', objects: [topic('prod', {})] });
  expect(Object.keys(all)).toEqual(['base/kustomization.yaml', 'overlays/staging/kustomization.yaml', 'overlays/prod/kafkatopic-todo-a.dlq.yaml', 'overlays/prod/kustomization.yaml']);
});

describe('of the project’s environments', () => {
  test('every file that a kustomization names is there, and each is named once', async () => {
    const environments = await Promise.all(['staging', 'prod'].map(async (name) => ({ name, objects: objectsIn(renderedOf(await platformIn(name))) })));
    const made = kustomize(environments);
    const paths = new Set(made.map(({ path }) => path));
    expect(paths.size).toBe(made.length);
    for (const { path, text } of made.filter((file) => file.path.endsWith('kustomization.yaml'))) {
      const folder = path.slice(0, -'kustomization.yaml'.length);
      const { resources, patches = [] } = parse(text) as { resources: string[]; patches?: { path: string }[] };
      for (const named of [...resources.filter((resource) => resource !== '../../base'), ...patches.map((patch) => patch.path)]) expect(paths, path).toContain(`${folder}${named}`);
    }
  });
});

test('no environment, no files', () => expect(kustomize([])).toEqual([]));
