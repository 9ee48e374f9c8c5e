import { DaprError } from './dapr-error.ts';
import { EMPTY, type Answer } from './exchange.ts';
import type { Route } from './router.ts';

interface Options {
  appId: string;
  /** What is not ready yet, for people. */
  unready: () => string[];
  /** Like `unready`, but whether the app is there does not count. */
  outboundUnready: () => string[];
  shutdown: () => void;
}

/** Health and shutdown (pkg/api/http/healthz.go, shutdown.go). */
export function healthRoutes({ appId, unready, outboundUnready, shutdown }: Options): Route[] {
  return [
    {
      methods: ['GET'],
      path: '/v1.0/healthz',
      handler: ({ query }): Answer => {
        const waiting = unready();
        if (waiting.length > 0) throw new DaprError(500, 'ERR_HEALTH_NOT_READY', `dapr is not ready: [${waiting.join(' ')}]`);
        if (query.has('appid') && query.get('appid') !== appId) throw new DaprError(500, 'ERR_HEALTH_APPID_NOT_MATCH', 'dapr app-id does not match');
        return EMPTY;
      },
    },
    {
      methods: ['GET'],
      path: '/v1.0/healthz/outbound',
      handler: (): Answer => {
        if (outboundUnready().length > 0) throw new DaprError(500, 'ERR_OUTBOUND_HEALTH_NOT_READY', 'dapr outbound is not ready');
        return EMPTY;
      },
    },
    {
      methods: ['POST'],
      path: '/v1.0/shutdown',
      handler: (): Answer => {
        shutdown();
        return EMPTY;
      },
    },
  ];
}
