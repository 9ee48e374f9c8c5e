import type { Platform } from '../../definition/platform.ts';
import { namespaceOf } from '../names.ts';
import { OWN_ROUTES } from './alerts-app.ts';
import type { Variable } from './dashboard.ts';
import { lines, PER, quantile, type Row, stat } from './panel.ts';

const SLOW = { look: 0.5, bad: 1 };
const FAILING = { look: 0.01, bad: 0.05 };
const WAITING = { look: 10, bad: 60 };

/** What the page can be narrowed to. */
export function appVariables(platform: Platform): Variable[] {
  return [{ name: 'service', label: 'Service', query: `label_values(process_uptime_seconds{namespace="${namespaceOf(platform)}"}, service)` }];
}

/** The services, as they measure themselves: is it up, is it right, is it fast, do events flow. */
export function appRows(platform: Platform): Row[] {
  const here = `namespace="${namespaceOf(platform)}",service=~"$service"`;
  return [rightNow(here), requests(here), eventsOut(here), eventsIn(here), work(here), processes(here)];
}

/** Requests per second, the platform's own probes left out; of these with `more` labels only. */
function asked(here: string, by: string, more = ''): string {
  return `sum by (${by}) (rate(http_requests_total{${here},route!~"${OWN_ROUTES}"${more}}${PER}))`;
}

/** Part of the requests that failed; nothing at all where nothing was asked, zero where nothing failed. */
function failing(here: string, by: string): string {
  return `(${asked(here, by, ',status=~"5.."')} or ${asked(here, by)} * 0) / ${asked(here, by)}`;
}

function latency(q: number, here: string, by: string): string {
  return quantile(q, `api_request_duration_seconds_bucket{${here},route!~"${OWN_ROUTES}"}`, by);
}

function rightNow(here: string): Row {
  return {
    title: 'Right now',
    panels: [
      stat('Requests', 'reqps', 'Requests per second, probes left out.', asked(here, '')),
      stat('Failing (5xx)', 'percentunit', 'Part of the requests that is answered with a 5xx. HighErrorRate fires above 5 %.', failing(here, ''), { limits: FAILING }),
      stat('p99', 's', 'Ninety-nine of a hundred requests are faster than this.', latency(0.99, here, ''), { limits: SLOW }),
      stat('Oldest event', 's', 'How long the oldest event has waited to be published. OutboxOld fires above a minute.', `max(outbox_oldest_age_seconds{${here}})`, { limits: WAITING }),
      stat('Dead letters (24 h)', 'short', 'Events given up in the last day: each is one that a service could not handle.', `sum(increase(dead_letters_total{${here}}[24h])) or vector(0)`, {
        limits: { look: 1, bad: 10 },
      }),
      stat('Silent replicas', 'short', 'Replicas that Prometheus knows and cannot read.', `count(up{${here}} == 0) or vector(0)`, { limits: { look: 1, bad: 2 } }),
    ],
  };
}

function requests(here: string): Row {
  return {
    title: 'Requests',
    panels: [
      lines('Request rate', 'reqps', 'Requests per second by service, probes left out.', { '{{service}}': asked(here, 'service') }),
      lines('5xx rate', 'percentunit', 'Part of the requests to each service that is answered with a 5xx.', { '{{service}}': failing(here, 'service') }, { limits: FAILING }),
      lines('Answers by status', 'reqps', '4xx are mistakes of callers, 5xx ours.', { '{{status}}': asked(here, 'status') }, { stacked: true }),
      lines('p95 latency', 's', 'Nineteen of twenty requests of a service are faster than this.', { '{{service}}': latency(0.95, here, 'service') }, { limits: SLOW }),
      lines('p99 latency', 's', 'Ninety-nine of a hundred requests of a service are faster than this.', { '{{service}}': latency(0.99, here, 'service') }, { limits: SLOW }),
      lines('Slowest routes (p99)', 's', 'The ten slowest routes: where to look first.', { '{{service}} {{method}} {{route}}': `topk(10, ${latency(0.99, here, 'service, method, route')})` }),
      lines('Active connections', 'short', 'Open WebSockets by replica: people who have the page open.', { '{{service}} {{pod}}': `sum by (service, pod) (websocket_clients{${here}})` }, { stacked: true }),
      lines('Unsent to clients', 'bytes', 'Bytes that slow clients have not taken yet.', { '{{service}} {{pod}}': `sum by (service, pod) (websocket_buffered_bytes{${here}})` }),
      lines('Live updates', 'ops', 'Changes per second handed to WebSockets, and new WebSockets by how they were answered.', {
        'changes, {{service}}': `sum by (service) (rate(websocket_changes_total{${here}}${PER}))`,
        'upgrades {{status}}, {{service}}': `sum by (service, status) (rate(http_upgrades_total{${here}}${PER}))`,
      }),
    ],
  };
}

function eventsOut(here: string): Row {
  return {
    title: 'Events out',
    panels: [
      lines('Outbox age', 's', 'How long the oldest unpublished event has waited; close to nothing when all is well.', { '{{service}}': `max by (service) (outbox_oldest_age_seconds{${here}})` }, { limits: WAITING }),
      lines('Outbox depth', 'short', 'Events that wait to be published, counted to 10000.', { '{{service}}': `max by (service) (outbox_depth{${here}})` }),
      lines('Relaying replicas', 'short', 'One replica of a service relays its outbox; for a moment two when one takes over.', { '{{service}}': `sum by (service) (outbox_relay_active{${here}})` }),
      lines('Published', 'ops', 'Events per second by topic.', { '{{topic}}': `sum by (topic) (rate(outbox_published_total{${here}}${PER}))` }),
      lines('Publishing failed', 'ops', 'Tries per second that failed. Nothing is lost: the events stay in the outbox.', { '{{service}} {{topic}}': `sum by (service, topic) (rate(outbox_publish_failures_total{${here}}${PER}))` }),
      lines('From transaction to topic (p99)', 's', 'From the start of a transaction until its event is in Kafka.', { '{{service}}': quantile(0.99, `outbox_publish_delay_seconds_bucket{${here}}`, 'service') }),
    ],
  };
}

function eventsIn(here: string): Row {
  const outcomes = 'Deliveries per second by what became of them. retry: the handler failed; away: what it needs is down; dead: given up.';
  return {
    title: 'Events in',
    panels: [
      lines('Deliveries', 'ops', outcomes, { '{{service}} {{outcome}}': `sum by (service, outcome) (rate(events_handled_total{${here}}${PER}))` }, { stacked: true }),
      lines('Handling (p99)', 's', 'Time to handle a delivery.', { '{{service}} {{topic}}': quantile(0.99, `event_handler_duration_seconds_bucket{${here}}`, 'service, topic') }),
      lines('Dead letters', 'short', 'Events given up so far, by reason; they lie on the dead-letter topic.', { '{{service}} {{topic}} {{reason}}': `sum by (service, topic, reason) (dead_letters_total{${here}})` }),
    ],
  };
}

function work(here: string): Row {
  return {
    title: 'Work',
    panels: [
      lines('Tasks', 'ops', 'Tasks created (next occurrences included) and completed, per second.', {
        created: `sum(rate(tasks_created_total{${here}}${PER}))`,
        completed: `sum(rate(tasks_completed_total{${here}}${PER}))`,
      }),
      lines('Repeating tasks', 'short', 'Sagas that wait for their next step, and how many end per second.', {
        pending: `max by (service) (recurrence_sagas_pending{${here}})`,
        '{{state}} per second': `sum by (state) (rate(recurrence_sagas_total{${here}}${PER}))`,
      }),
      lines('Audit', 'ops', 'Events kept per second, and deliveries of events that were kept already.', {
        'kept, {{topic}}': `sum by (topic) (rate(audit_records_total{${here}}${PER}))`,
        'again, {{topic}}': `sum by (topic) (rate(audit_duplicates_total{${here}}${PER}))`,
      }),
    ],
  };
}

function processes(here: string): Row {
  return {
    title: 'Processes',
    panels: [
      lines('CPU by replica', 'short', 'CPU that the process itself used, in cores.', { '{{service}} {{pod}}': `sum by (service, pod) (rate(process_cpu_seconds_total{${here}}${PER}))` }),
      lines('Memory by replica', 'bytes', 'Resident memory and used heap. A line that only rises is a leak.', {
        '{{service}} {{pod}}': `max by (service, pod) (process_resident_memory_bytes{${here}})`,
        '{{service}} {{pod}} heap': `max by (service, pod) (nodejs_heap_used_bytes{${here}})`,
      }),
      lines('Event-loop delay (p99)', 's', 'How late timers are: above half a second a replica is too busy to answer.', { '{{service}} {{pod}}': `max by (service, pod) (nodejs_eventloop_delay_seconds{${here},quantile="0.99"})` }, {
        limits: { look: 0.1, bad: 0.5 },
      }),
      lines('Age of the process', 'dtdurations', 'Time since the process began; a line that falls is a restart.', { '{{service}} {{pod}}': `max by (service, pod) (process_uptime_seconds{${here}})` }),
      lines('Figures that failed', 'ops', 'Gauges that could not be asked for, most often because the database is away.', { '{{service}}': `sum by (service) (rate(metrics_collect_failures_total{${here}}${PER}))` }),
    ],
  };
}
