import { describe, expect, it } from 'vitest';
import { componentHead, fillPlaceholders, Metadata, resolveComponent } from '../../../../cli/sidecar/resources/component.ts';
import { documentOf } from './documents.ts';

const APP = { appId: 'realtime', podName: 'realtime-1' };
const nothing = async (): Promise<undefined> => undefined;

function componentOf(metadata: string, extra = ''): ReturnType<typeof documentOf> {
  return documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: pubsub }\nspec:\n  type: pubsub.kafka\n  version: v1\n  metadata:\n${metadata}\n${extra}`);
}

describe('placeholders', () => {
  it('fills in the app, its replica and its namespace', () => {
    expect(fillPlaceholders('{appID}-{podName}@{namespace}', APP)).toBe('realtime-realtime-1@default.realtime');
  });

  it('makes another uuid each time', () => {
    const [first, second] = fillPlaceholders('{uuid} {uuid}', APP).split(' ');
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
  });

  it('takes a replica name with a dollar as it is', () => {
    expect(fillPlaceholders('{podName}', { ...APP, podName: '$&-0' })).toBe('$&-0');
  });
});

describe('a Component', () => {
  it('has its properties found without regard to case', async () => {
    const { metadata, type, version } = await resolveComponent(componentOf('    - { name: consumerGroup, value: "live-{podName}" }\n    - { name: maxMessageBytes, value: 1048576 }'), APP, nothing);
    expect({ type, version }).toEqual({ type: 'pubsub.kafka', version: 'v1' });
    expect(metadata.get('ConsumerGroup')).toBe('live-realtime-1');
    expect(metadata.get('maxMessageBytes')).toBe('1048576');
    expect(metadata.get('absent')).toBeUndefined();
  });

  it('takes a secret from the store that it names', async () => {
    const asked: string[] = [];
    const document = componentOf('    - name: brokers\n      secretKeyRef: { name: kafka, key: brokers }\n    - name: word\n      secretKeyRef: { name: plain }', 'auth: { secretStore: secrets }');
    const { metadata } = await resolveComponent(document, APP, async (...names) => {
      asked.push(names.join('/'));
      return 'found';
    });
    expect(metadata.get('brokers')).toBe('found');
    expect(asked).toEqual(['secrets/kafka/brokers', 'secrets/plain/plain']);
  });

  it('says which secret is missing, and where', async () => {
    const document = componentOf('    - name: brokers\n      secretKeyRef: { name: kafka, key: brokers }', 'auth: { secretStore: secrets }');
    await expect(resolveComponent(document, APP, nothing)).rejects.toThrow('test.yaml: Component pubsub: brokers refers to secret kafka, which secrets does not have');
  });

  it.each([
    ['    - name: brokers\n      secretKeyRef: { name: kafka }', 'auth.secretStore is missing'],
    ['    - { value: nameless }', 'an item of spec.metadata has no name'],
    ['    brokers: "127.0.0.1:9092"', 'spec.metadata must be a list'],
  ])('refuses %j', async (metadata, message) => {
    await expect(resolveComponent(componentOf(metadata), APP, nothing)).rejects.toThrow(message);
  });

  it('needs a type; its version is v1 where it has none', () => {
    expect(() => componentHead(documentOf('apiVersion: a\nkind: Component\nmetadata: { name: x }\nspec: {}'))).toThrow('Component x has no spec.type');
    expect(componentHead(documentOf('apiVersion: a\nkind: Component\nmetadata: { name: x }\nspec: { type: a.b }'))).toEqual({ type: 'a.b', version: 'v1' });
  });

  it.each([['true', true], ['1', true], ['TRUE', true], ['yes', true], ['false', false], ['', false], ['maybe', false]])('takes %j for a flag that is %s', (text, flag) => {
    expect(new Metadata(new Map([['multiValued', text]])).flag('multivalued')).toBe(flag);
  });
});
