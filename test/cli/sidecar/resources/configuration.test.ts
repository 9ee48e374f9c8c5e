import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../../cli/sidecar/resources/configuration.ts';
import { documentOf } from './documents.ts';

const configuration = (spec: string): ReturnType<typeof readConfiguration> =>
  readConfiguration(documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: { name: todo }\nspec: ${spec}`));

describe('a Configuration', () => {
  it('traces only where it samples', () => {
    expect(readConfiguration(undefined).tracing).toBe(false);
    expect(configuration('{}').tracing).toBe(false);
    expect(configuration('{ tracing: { samplingRate: "0" } }').tracing).toBe(false);
    expect(configuration('{ tracing: { samplingRate: "0.1" } }').tracing).toBe(true);
  });

  it('lets every secret be read where it says nothing of the store', () => {
    expect(readConfiguration(undefined).secretAllowed('secrets', 'a')).toBe(true);
    expect(configuration('{ secrets: { scopes: [{ storeName: other, defaultAccess: deny }] } }').secretAllowed('secrets', 'a')).toBe(true);
  });

  it.each([
    ['{ storeName: s, defaultAccess: deny }', false, false],
    ['{ storeName: s, defaultAccess: deny, allowedSecrets: [a] }', true, false],
    ['{ storeName: s, deniedSecrets: [a] }', false, true],
    ['{ storeName: s, allowedSecrets: [b], deniedSecrets: [b] }', false, true],
  ])('decides by %s', (scope, a, b) => {
    const { secretAllowed } = configuration(`{ secrets: { scopes: [${scope}] } }`);
    expect([secretAllowed('s', 'a'), secretAllowed('s', 'b')]).toEqual([a, b]);
  });

  it('refuses a scope of no store', () => {
    expect(() => configuration('{ secrets: { scopes: [{ defaultAccess: deny }] } }')).toThrow('test.yaml: spec.secrets.scopes: an item has no storeName');
  });
});
