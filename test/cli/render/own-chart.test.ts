import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type KubernetesObject, platformIn, renderedOf } from '../../support/rendered.ts';

interface Releases {
  releases: { release: string; namespace: string; chart: string; version: string; values: string; provides: string[] }[];
}

describe.each(['staging', 'prod'])('the release of the app in %s', (environment) => {
  const rendered = async () => renderedOf(await platformIn(environment));

  test('its values carry every object of the release that is made elsewhere, as it is', async () => {
    const files = await rendered();
    const values = parse(files.find(({ path }) => path.endsWith('/todo.values.yaml'))?.text ?? '') as { objects: KubernetesObject[]; services: object };
    const elsewhere = files.filter(({ owner, system }) => owner === 'release' && system !== 'app').map(({ text }) => parse(text) as KubernetesObject);
    expect(elsewhere.length).toBeGreaterThan(5);
    expect(values.objects).toEqual(elsewhere);
    expect(Object.keys(values.services)).toContain('task-api');
  });

  test('the objects of the chart are files of their own, named after them, that say where they come from', async () => {
    const own = (await rendered()).filter(({ owner, system }) => owner === 'release' && system === 'app');
    for (const { path, text } of own) {
      const { kind, metadata } = parse(text) as KubernetesObject;
      expect(path).toMatch(new RegExp(`^objects/\\d\\d-app/${kind.toLowerCase()}-${metadata.name}\\.yaml$`));
      expect(text).toMatch(/^# Made by todoctl from todoctl\.yaml \(environment \w+\) and charts\/todo\/templates\/[\w/-]+\.yaml; rendering writes it anew\.\n(?:# .*\n)*[a-zA-Z]/);
    }
    expect(own.map(({ path }) => path.split('/').at(-1))).toContain('deployment-task-api.yaml');
  });

  test('what Helm runs by itself is not applied, and nothing that is passed on is made twice', async () => {
    const objects = (await rendered()).filter(({ owner }) => owner !== 'file').map(({ text }) => parse(text) as KubernetesObject);
    expect(objects.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'])).toEqual([]);
    const names = objects.map(({ kind, metadata: { namespace = '', name } }) => [kind, namespace, name].join(' '));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('it stands in the list of releases, with the values that were written', async () => {
    const files = await rendered();
    const { releases } = parse(files.find(({ path }) => path === 'helm/releases.yaml')?.text ?? '') as Releases;
    const own = releases.find(({ release }) => release === 'todo');
    expect(own).toMatchObject({ namespace: 'todo', chart: './charts/todo', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, provides: [] });
    expect(files.map(({ path }) => path)).toContain(own?.values);
  });
});
