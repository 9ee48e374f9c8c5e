import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

const RESOLUTION_MS = 20;
// The histogram counts the time between its own ticks.
const delaySeconds = (nanoseconds: number): number => Math.max(nanoseconds / 1e9 - RESOLUTION_MS / 1e3, 0);

/** What every process says of itself: memory, CPU time, uptime, event-loop delay since the last exposition. */
export function addProcessMetrics(metrics: Metrics): void {
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory.');
  const heap = metrics.gauge('nodejs_heap_used_bytes', 'Used heap.');
  const cpu = metrics.counter('process_cpu_seconds_total', 'CPU time, user and system.');
  const uptime = metrics.gauge('process_uptime_seconds', 'Time since the process began.');
  const delay = metrics.gauge('nodejs_eventloop_delay_seconds', 'Event-loop delay since the last scrape.');
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let counted = 0;
  histogram.enable();
  metrics.onCollect(() => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    memory.set({}, rss);
    heap.set({}, heapUsed);
    cpu.inc({}, (user + system) / 1e6 - counted);
    counted = (user + system) / 1e6;
    uptime.set({}, process.uptime());
    if (histogram.count > 0) {
      delay.set({ quantile: '0.5' }, delaySeconds(histogram.percentile(50)));
      delay.set({ quantile: '0.99' }, delaySeconds(histogram.percentile(99)));
      delay.set({ quantile: '1' }, delaySeconds(histogram.max));
    }
    histogram.reset();
  });
}
