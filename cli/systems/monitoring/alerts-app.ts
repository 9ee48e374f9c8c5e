import type { Platform } from '../../definition/platform.ts';
import { namespaceOf } from '../names.ts';
import type { Alert, AlertGroup } from './alert.ts';

/** Routes that only the platform itself asks; their 503 is an answer, not an error. */
export const OWN_ROUTES = '/livez|/readyz|/metrics';

/** What the services say of themselves: services/kit/metrics.ts and whoever uses it. */
export function appAlerts(platform: Platform): AlertGroup[] {
  const here = `namespace="${namespaceOf(platform)}"`;
  const asked = `${here},route!~"${OWN_ROUTES}"`;
  return [
    {
      name: 'app',
      alerts: [
        {
          name: 'HighErrorRate',
          // A service that is hardly used must fail at least a few times before anybody is woken.
          expr: `sum by (namespace, service) (rate(http_requests_total{${asked},status=~"5.."}[5m])) / sum by (namespace, service) (rate(http_requests_total{${asked}}[5m])) > 0.05 and sum by (namespace, service) (rate(http_requests_total{${asked}}[5m])) > 0.02`,
          for: '5m',
          severity: 'critical',
          summary: 'More than 5 % of the requests fail',
          description: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} are answered with a 5xx.',
        },
        {
          name: 'SlowRequests',
          expr: `histogram_quantile(0.99, sum by (namespace, service, le) (rate(api_request_duration_seconds_bucket{${asked}}[5m]))) > 1`,
          for: '10m',
          severity: 'warning',
          summary: 'One request of a hundred takes more than a second',
          description: 'The 99th percentile of {{ $labels.service }} is {{ $value | humanizeDuration }}.',
        },
        ...unseen(here, platform.services.map(({ name }) => name)),
        {
          name: 'MetricsIncomplete',
          expr: `sum by (namespace, service) (increase(metrics_collect_failures_total{${here}}[10m])) > 0`,
          for: '10m',
          severity: 'warning',
          summary: 'Some figures of a service cannot be had',
          description: '{{ $labels.service }} could not ask for figures {{ $value | humanize }} times in ten minutes; most of them come from its database.',
        },
        {
          name: 'EventLoopSlow',
          expr: `max by (namespace, service, pod) (nodejs_eventloop_delay_seconds{${here},quantile="0.99"}) > 0.5`,
          for: '10m',
          severity: 'warning',
          summary: 'A replica is too busy to answer in time',
          description: 'The event loop of {{ $labels.pod }} ({{ $labels.service }}) is late by {{ $value | humanizeDuration }}.',
        },
      ],
    },
    {
      name: 'events',
      alerts: [
        {
          name: 'OutboxOld',
          expr: `max by (namespace, service) (outbox_oldest_age_seconds{${here}}) > 60`,
          for: '5m',
          severity: 'critical',
          summary: 'Events wait in the outbox and are not published',
          description: 'The oldest event of {{ $labels.service }} has waited for {{ $value | humanizeDuration }}.',
        },
        {
          name: 'RelayNotOne',
          expr: `sum by (namespace, service) (outbox_relay_active{${here}}) != 1`,
          for: '5m',
          severity: 'critical',
          summary: 'Not exactly one replica relays the outbox',
          description: '{{ $value }} replicas of {{ $labels.service }} relay its outbox; with none nothing is published.',
        },
        {
          name: 'PublishFailing',
          expr: `sum by (namespace, service, topic) (rate(outbox_publish_failures_total{${here}}[5m])) > 0`,
          for: '10m',
          severity: 'warning',
          summary: 'Events cannot be published',
          description: '{{ $labels.service }} fails to publish to {{ $labels.topic }}, {{ $value | humanize }} times a second; it keeps trying.',
        },
        {
          name: 'DeadLetters',
          // A counter that is new began at its first event, which increase() does not see.
          expr: `sum by (namespace, service, topic, reason) ((dead_letters_total{${here}} unless dead_letters_total{${here}} offset 15m) or increase(dead_letters_total{${here}}[15m])) > 0`,
          for: '0m',
          severity: 'warning',
          summary: 'Events were given up',
          description: '{{ $labels.service }} put {{ $value | humanize }} events of {{ $labels.topic }} on the dead-letter topic in 15 minutes ({{ $labels.reason }}).',
        },
        {
          name: 'HandlersFailing',
          expr: `sum by (namespace, service, topic) (rate(events_handled_total{${here},outcome=~"retry|away"}[5m])) / sum by (namespace, service, topic) (rate(events_handled_total{${here}}[5m])) > 0.2`,
          for: '10m',
          severity: 'warning',
          summary: 'Events are delivered again and again',
          description: '{{ $value | humanizePercentage }} of the deliveries of {{ $labels.topic }} to {{ $labels.service }} fail and come again.',
        },
        {
          name: 'SagasStuck',
          expr: `(min by (namespace, service) (min_over_time(recurrence_sagas_pending{${here}}[30m])) > 0) unless (sum by (namespace, service) (increase(recurrence_sagas_total{${here}}[30m])) > 0)`,
          for: '5m',
          severity: 'warning',
          summary: 'Tasks that repeat get no next occurrence',
          description: '{{ $value }} sagas of {{ $labels.service }} wait, and none has come to its end for half an hour.',
        },
      ],
    },
  ];
}

/** Services of which every replica is silent, and those of which Prometheus knows no replica at all; absent() tells only of one. */
function unseen(here: string, services: readonly string[]): Alert[] {
  // A selector without a name would choose what has no such label.
  if (services.length === 0) return [];
  const silent = `max by (namespace, service) (up{${here},service=~"${services.join('|')}"}) == 0`;
  return [
    {
      name: 'ServiceUnseen',
      expr: [silent, ...services.map((name) => `absent(up{${here},service="${name}"})`)].join(' or '),
      for: '5m',
      severity: 'critical',
      summary: 'A service has not one replica that can be measured',
      description: 'No replica of {{ $labels.service }} answers on /metrics: it is down, or Prometheus cannot reach it.',
    },
  ];
}
