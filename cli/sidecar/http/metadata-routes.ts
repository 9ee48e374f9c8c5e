import type { Subscription } from '../resources/subscription.ts';
import { EMPTY, json, type Answer, type Exchange } from './exchange.ts';
import type { Route } from './router.ts';

/** What the sidecar says of itself. */
export interface Description {
  appId: string;
  appPort: number;
  runtimeVersion: string;
  components: readonly { name: string; type: string; version: string; capabilities?: readonly string[] }[];
  subscriptions: readonly Subscription[];
}

/** The metadata API (pkg/api/http/metadata.go): what is loaded, and a few words of the app's own. */
export function metadataRoutes(description: Description): Route[] {
  const extended = new Map<string, string>([['daprRuntimeVersion', description.runtimeVersion]]);
  return [
    { methods: ['GET'], path: '/v1.0/metadata', handler: get },
    { methods: ['PUT'], path: '/v1.0/metadata/{key}', handler: put },
  ];

  function get(): Answer {
    const { appId, appPort, runtimeVersion, components, subscriptions } = description;
    return json(200, {
      id: appId,
      runtimeVersion,
      components,
      extended: Object.fromEntries(extended),
      ...(subscriptions.length > 0 && { subscriptions: subscriptions.map(describe) }),
      appConnectionProperties: { port: appPort, protocol: 'http', channelAddress: '127.0.0.1' },
      actorRuntime: { runtimeStatus: 'DISABLED', hostReady: false },
    });
  }

  async function put(exchange: Exchange): Promise<Answer> {
    extended.set(exchange.params['key'] ?? '', (await exchange.body()).toString('utf8'));
    return EMPTY;
  }
}

function describe({ pubsub, topic, path, deadLetterTopic }: Subscription): object {
  return { pubsubname: pubsub, topic, rules: [{ path }], deadLetterTopic: deadLetterTopic ?? '', type: 'DECLARATIVE' };
}
