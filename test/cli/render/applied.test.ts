import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { appliedIn, headIn } from '../../../cli/render/applied.ts';
import { type KubernetesObject, platformIn, renderedOf } from '../../support/rendered.ts';

describe('what an object is, read from its text', () => {
  test.each(['staging', 'prod'])('is what a YAML parser finds, for every object of %s', async (environment) => {
    const objects = renderedOf(await platformIn(environment)).filter(({ owner }) => owner !== 'file');
    expect(objects.length).toBeGreaterThan(20);
    for (const { path, text } of objects) {
      const { apiVersion, kind, metadata } = parse(text) as KubernetesObject;
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      expect(appliedIn(text), path).toEqual({ group, kind, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) });
    }
  });

  test('a namespace below another key is not the object’s, and quotes are not part of a name', () => {
    const text = 'apiVersion: v1\nkind: Thing\nmetadata:\n  name: "true"\nspec:\n  namespace: elsewhere\n';
    expect(appliedIn(text)).toEqual({ group: '', kind: 'Thing', name: 'true' });
    expect(headIn(text)).toEqual({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'true' } });
  });
});
