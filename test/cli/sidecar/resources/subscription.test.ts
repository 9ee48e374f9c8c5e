import { describe, expect, it } from 'vitest';
import { readSubscription } from '../../../../cli/sidecar/resources/subscription.ts';
import { documentOf } from './documents.ts';

const subscription = (spec: string, apiVersion = 'dapr.io/v2alpha1'): ReturnType<typeof documentOf> =>
  documentOf(`apiVersion: ${apiVersion}\nkind: Subscription\nmetadata: { name: audit-task-events }\nspec:\n${spec}`);

const PLAIN = '  pubsubname: pubsub\n  topic: task-events\n  routes: { default: /events/task-events }\n';

describe('a Subscription', () => {
  it('says whence and where to', () => {
    expect(readSubscription(subscription(`${PLAIN}  deadLetterTopic: task-events.dlq`))).toEqual({
      name: 'audit-task-events',
      pubsub: 'pubsub',
      topic: 'task-events',
      path: '/events/task-events',
      deadLetterTopic: 'task-events.dlq',
      rawPayload: false,
      bulk: undefined,
    });
  });

  it('takes bulk deliveries with the defaults of the component', () => {
    expect(readSubscription(subscription(`${PLAIN}  bulkSubscribe: { enabled: true, maxMessagesCount: 10 }`)).bulk).toEqual({ maxMessages: 10, maxAwaitMs: 10_000 });
    expect(readSubscription(subscription(`${PLAIN}  bulkSubscribe: { enabled: true }`)).bulk).toEqual({ maxMessages: 80, maxAwaitMs: 10_000 });
    expect(readSubscription(subscription(`${PLAIN}  bulkSubscribe: { enabled: false, maxMessagesCount: 10 }`)).bulk).toBeUndefined();
  });

  it('knows a subscriber of raw payloads', () => {
    expect(readSubscription(subscription(`${PLAIN}  metadata: { rawPayload: "true" }`)).rawPayload).toBe(true);
  });

  it.each([
    ['  topic: t\n  routes: { default: /t }', 'has no pubsubname'],
    ['  pubsubname: p\n  routes: { default: /t }', 'has no topic'],
    ['  pubsubname: p\n  topic: t', 'has no routes.default'],
    [`${PLAIN.replace('{ default: /events/task-events }', '{ default: /a, rules: [{ match: "event.type == 1", path: /b }] }')}`, 'routes.rules are not supported by the local sidecar'],
  ])('is refused by name: %j', (spec, message) => {
    expect(() => readSubscription(subscription(spec))).toThrow(`test.yaml: Subscription audit-task-events: ${message}`);
  });

  it('of the old version is refused', () => {
    expect(() => readSubscription(subscription(PLAIN, 'dapr.io/v1alpha1'))).toThrow('apiVersion must be dapr.io/v2alpha1, not dapr.io/v1alpha1');
  });
});
