import { taskChangedSchema } from '../contracts/events.ts';
import { memoryAttempts } from '../kit/attempts.ts';
import { consume, consumeMetrics } from '../kit/consume.ts';
import type { Duties, Parts } from '../kit/service.ts';
import { Hub } from './hub.ts';
import { liveRoute, type LiveOptions } from './live-route.ts';

/** Everything that realtime does: hand each update to its user's sockets on this replica. */
export function realtime({ config, dapr, metrics }: Parts, settings: Partial<LiveOptions> = {}): Duties {
  const hub = new Hub();
  const live = liveRoute({ hub, dapr, authMode: config.auth?.mode ?? 'local', ...settings });
  const sockets = metrics.gauge('websocket_clients', 'Open WebSockets.');
  const buffered = metrics.gauge('websocket_buffered_bytes', 'Bytes that clients have not taken yet.');
  const sent = metrics.counter('websocket_changes_total', 'Changes handed to sockets.');
  metrics.onCollect(() => {
    const measured = live.measure();
    sockets.set({}, measured.sockets);
    buffered.set({}, measured.bufferedBytes);
  });
  const deliveries = consume({
    topic: 'task-updates',
    consumer: config.service,
    types: { 'task.changed.v1': taskChangedSchema },
    async handle({ data }) {
      sent.inc({}, hub.deliver(data));
    },
    attempts: memoryAttempts(),
    dapr,
    measures: consumeMetrics(metrics),
  });
  return { routes: [deliveries], sockets: [live.route], stop: [live.stop] };
}
