import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { appResources } from '../../../../cli/sidecar/resources/app-resources.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { documentOf } from './documents.ts';

const component = (name: string, type: string, scopes = '[]', extra = ''): ReturnType<typeof documentOf> =>
  documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: ${name} }\nscopes: ${scopes}\n${extra || `spec: { type: ${type} }`}`, `${name}.yaml`);

const app = (appId: string): { appId: string; podName: string } => ({ appId, podName: `${appId}-0` });

describe('the resources of an app', () => {
  it('are those that name it or nobody', async () => {
    const documents = [component('everyone', 'pubsub.kafka'), component('audit-only', 'pubsub.kafka', '[audit]')];
    expect((await appResources(documents, undefined, app('audit'))).components.map(({ name }) => name)).toEqual(['everyone', 'audit-only']);
    expect((await appResources(documents, undefined, app('web'))).components.map(({ name }) => name)).toEqual(['everyone']);
  });

  it('may be of a kind that nobody here has, as long as they are not for this app', async () => {
    const documents = [component('cache', 'state.redis', '[other]')];
    expect((await appResources(documents, undefined, app('audit'))).components).toEqual([]);
    await expect(appResources(documents, undefined, app('other'))).rejects.toThrow(
      'cache.yaml: Component cache: the local sidecar has no state.redis; it has pubsub.kafka, state.postgresql, secretstores.local.file',
    );
  });

  it('are not of a kind that Dapr does not have here', async () => {
    const endpoint = documentOf('apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: { name: hooks }', 'hooks.yaml');
    await expect(appResources([endpoint], undefined, app('audit'))).rejects.toThrow('hooks.yaml: HTTPEndpoint hooks: the local sidecar knows Component, Subscription, Resiliency, Configuration');
  });

  it('take their secrets from a store that may stand in a later file', async () => {
    const secretsFile = path.join(await temporaryFolder(), 'secrets.json');
    await writeFile(secretsFile, '{"kafka":{"brokers":"127.0.0.1:9092"}}');
    const pubsub = component('pubsub', '', '[]', 'spec: { type: pubsub.kafka, metadata: [{ name: brokers, secretKeyRef: { name: kafka, key: brokers } }] }\nauth: { secretStore: secrets }');
    const store = component('secrets', '', '[]', `spec: { type: secretstores.local.file, metadata: [{ name: secretsFile, value: ${secretsFile} }, { name: multiValued, value: "true" }] }`);
    const { components, secretStores } = await appResources([pubsub, store], undefined, app('audit'));
    expect(components.find(({ name }) => name === 'pubsub')?.metadata.get('brokers')).toBe('127.0.0.1:9092');
    expect(secretStores.get('secrets')?.get('kafka')).toEqual({ brokers: '127.0.0.1:9092' });
  });

  it('hold the subscriptions and policies of their scope', async () => {
    const subscription = (name: string, scope: string): ReturnType<typeof documentOf> =>
      documentOf(`apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: { name: ${name} }\nscopes: [${scope}]\nspec: { pubsubname: pubsub, topic: t, routes: { default: /t } }`);
    const policies = documentOf('apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: todo }\nscopes: [audit]\nspec: { policies: { retries: { DefaultRetryPolicy: { maxRetries: 1 } } } }');
    const documents = [subscription('mine', 'audit'), subscription('theirs', 'web'), policies];
    const mine = await appResources(documents, undefined, app('audit'));
    expect(mine.subscriptions.map(({ name }) => name)).toEqual(['mine']);
    expect(mine.resiliency.inbound('pubsub').retry?.maxRetries).toBe(1);
    expect((await appResources(documents, undefined, app('web'))).resiliency.inbound('pubsub')).toEqual({});
  });
});
