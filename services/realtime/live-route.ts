import { WebSocketServer, type WebSocket } from 'ws';
import { isPosition } from '../kit/event-store.ts';
import type { Dapr } from '../kit/dapr.ts';
import type { SocketRequest, SocketRoute } from '../kit/http/route.ts';
import type { StopHook } from '../kit/shutdown.ts';
import { changeFeed, forwardedIdentity } from './feed.ts';
import type { Hub } from './hub.ts';
import { CLOSE, LATEST, LIMITS, LiveClient, type ClientLimits } from './live-client.ts';
import { isForeign } from './origin.ts';

export interface LiveOptions {
  readonly hub: Hub;
  readonly dapr: Pick<Dapr, 'invoke'>;
  readonly authMode: 'local' | 'jwt';
  readonly limits?: ClientLimits;
  /** Sockets of one user on this replica. */
  readonly socketsPerUser?: number;
  /** How often a client is pinged and the feed asked for what its live deliveries may have missed. */
  readonly pingMs?: number;
}

export interface Live {
  readonly route: SocketRoute;
  readonly stop: StopHook;
  /** Open sockets, and their unsent bytes. */
  measure(): { sockets: number; bufferedBytes: number };
}

/**
 * `/live`: a user's changes as they happen, as JSON messages. `?after=POSITION` resumes: everything since then comes first,
 * from the change feed, never from this replica's memory. Messages: `hello` (once, when caught up), `change`, `ping`. The
 * position of the last hello or ping is safe to resume from: what was sent since may come again, nothing is left out.
 */
export function liveRoute(options: LiveOptions): Live {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024, clientTracking: true });
  return {
    route: {
      path: '/live',
      handler(request) {
        server.handleUpgrade(request.raw, request.socket, request.head, (socket) => open(options, request, socket));
      },
    },
    stop: {
      name: 'sockets',
      async stop() {
        const closed = [...server.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
        for (const socket of server.clients) socket.close(CLOSE.restart, 'this replica is going; resume');
        await Promise.all(closed);
      },
    },
    measure() {
      const sockets = [...server.clients];
      return { sockets: sockets.length, bufferedBytes: sockets.reduce((sum, socket) => sum + socket.bufferedAmount, 0) };
    },
  };
}

function open(options: LiveOptions, { user, query, headers, trace, log }: SocketRequest, socket: WebSocket): void {
  const { hub, dapr, authMode, limits = LIMITS, socketsPerUser = 20, pingMs = 20_000 } = options;
  socket.on('error', (error) => log.debug({ err: error }, 'a socket broke'));
  const after = query.get('after') ?? LATEST;
  if (authMode === 'local' && isForeign(headers)) return socket.close(CLOSE.policy, 'opened by a page of another site');
  if (after !== LATEST && !isPosition(after)) return socket.close(CLOSE.policy, 'after is not a position');
  if (hub.count(user.id) >= socketsPerUser) return socket.close(CLOSE.policy, 'too many connections of one user');

  const readFeed = changeFeed(dapr, forwardedIdentity(authMode, user.id, headers, query), trace);
  const client = new LiveClient(socket, readFeed, limits);
  hub.add(user.id, client);
  let timer: NodeJS.Timeout | undefined;
  socket.once('close', () => {
    clearInterval(timer);
    hub.remove(user.id, client);
  });
  const start = async (): Promise<void> => {
    await client.begin(after);
    client.tell({ type: 'hello', position: client.position, resumed: after !== LATEST });
    if (socket.readyState === socket.OPEN) timer = keepAlive(socket, client, pingMs);
  };
  start().catch((error: unknown) => {
    log.warn({ err: error }, 'the change feed did not answer');
    socket.close(CLOSE.later, 'the change feed does not answer; resume');
  });
}

function keepAlive(socket: WebSocket, client: LiveClient, pingMs: number): NodeJS.Timeout {
  let alive = true;
  socket.on('pong', () => (alive = true));
  return setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
    // A page cannot see the protocol's own pings. That the feed is away now will be made good next time.
    const tell = () => client.tell({ type: 'ping', position: client.position });
    client.heal().then(tell, tell);
  }, pingMs);
}
