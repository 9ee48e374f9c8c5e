import { describe, expect, it } from 'vitest';
import { topicScope } from '../../../../cli/sidecar/pubsub/topic-scope.ts';
import { Metadata } from '../../../../cli/sidecar/resources/component.ts';

const may = (properties: Record<string, string>, topic: string, app = 'audit'): [publish: boolean, subscribe: boolean] => {
  const scope = topicScope(new Metadata(new Map(Object.entries(properties))), app);
  return [scope.mayPublish(topic), scope.maySubscribe(topic)];
};

describe('what an app may do with a topic', () => {
  it('is everything where nothing is said', () => {
    expect(may({}, 'anything')).toEqual([true, true]);
  });

  it('is limited to the allowed topics', () => {
    expect(may({ allowedTopics: 'a, b' }, 'b')).toEqual([true, true]);
    expect(may({ allowedTopics: 'a, b' }, 'c')).toEqual([false, false]);
  });

  it('is limited to the scopes of an app that has some', () => {
    const scopes = { publishingScopes: 'audit=a;web=b', subscriptionScopes: 'web=a' };
    expect(may(scopes, 'a')).toEqual([true, true]);
    expect(may(scopes, 'b')).toEqual([false, true]);
    expect(may(scopes, 'b', 'web')).toEqual([true, false]);
    expect(may(scopes, 'b', 'another')).toEqual([true, true]);
  });

  it('needs a scope for a protected topic', () => {
    const guarded = { protectedTopics: 'a', publishingScopes: 'audit=a' };
    expect(may(guarded, 'a')).toEqual([true, false]);
    expect(may(guarded, 'a', 'web')).toEqual([false, false]);
    expect(may(guarded, 'b', 'web')).toEqual([true, true]);
  });
});
