import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

/** What every process says of itself: memory, CPU time, uptime, event-loop delay since the last exposition. */
export function addProcessMetrics(metrics: Metrics): void {
  const memory = metrics.gauge('process_resident_memory_bytes', 'Resident memory.');
  const heap = metrics.gauge('nodejs_heap_used_bytes', 'Used heap.');
  const cpu = metrics.gauge('process_cpu_seconds', 'CPU time, user and system.');
  const uptime = metrics.gauge('process_uptime_seconds', 'Time since the process began.');
  const delay = metrics.gauge('nodejs_eventloop_delay_seconds', 'Event-loop delay since the last scrape.');
  const histogram = monitorEventLoopDelay({ resolution: 20 });
  histogram.enable();
  metrics.onCollect(() => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    memory.set({}, rss);
    heap.set({}, heapUsed);
    cpu.set({}, (user + system) / 1e6);
    uptime.set({}, process.uptime());
    if (histogram.count > 0) {
      delay.set({ quantile: '0.5' }, histogram.percentile(50) / 1e9);
      delay.set({ quantile: '0.99' }, histogram.percentile(99) / 1e9);
      delay.set({ quantile: '1' }, histogram.max / 1e9);
    }
    histogram.reset();
  });
}
