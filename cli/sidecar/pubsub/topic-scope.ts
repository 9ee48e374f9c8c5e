import type { Metadata } from '../resources/component.ts';

/** What an app may do with the topics of a component: `allowedTopics`, `protectedTopics`, `publishingScopes`, `subscriptionScopes`. */
export interface TopicScope {
  mayPublish(topic: string): boolean;
  maySubscribe(topic: string): boolean;
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').map((item) => item.trim()).filter(Boolean);
}

/** The topics of `app1=t1,t2;app2=` for one app; undefined when the app is not named. */
function scoped(text: string | undefined, appId: string): string[] {
  for (const part of (text ?? '').split(';')) {
    const [app, topics] = part.split('=');
    if (app?.trim() === appId) return list(topics);
  }
  return [];
}

/** Decides as daprd does (pkg/runtime/pubsub/adapter.go, IsOperationAllowed). */
export function topicScope(metadata: Metadata, appId: string): TopicScope {
  const allowed = list(metadata.get('allowedTopics'));
  const guarded = list(metadata.get('protectedTopics'));
  const may = (scopes: readonly string[]) => (topic: string): boolean => {
    if (allowed.length > 0 && !allowed.includes(topic)) return false;
    if (!guarded.includes(topic) && scopes.length === 0) return true;
    return scopes.includes(topic);
  };
  return {
    mayPublish: may(scoped(metadata.get('publishingScopes'), appId)),
    maySubscribe: may(scoped(metadata.get('subscriptionScopes'), appId)),
  };
}
