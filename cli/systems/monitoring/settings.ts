import * as z from 'zod';
import type { Platform } from '../../definition/platform.ts';
import { duration, secret, size } from '../../definition/schema.ts';

const address = z.email();

/** The block `monitoring` of an environment. What is secret in it is a reference; deploy puts it into the Secret of RECEIVERS_SECRET. */
export const monitoringSettings = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether Prometheus, Grafana and Alertmanager are installed.'),
  retention: duration.default('7d').describe('How long metrics are kept.'),
  storage: size.exactOptional().describe('Disk of Prometheus; 20GiB, or 10GiB where Kafka has one broker.'),
  memory: size.exactOptional().describe('Memory of Prometheus; 1GiB, or 512MiB where Kafka has one broker.'),
  runbooks: z.string().min(1).default('docs/runbooks/alerts.md').describe('Where the page of runbooks is: what an alert links to, with its name.'),
  slack: z.strictObject({ webhook: secret, channel: z.string().min(1).exactOptional().describe('Channel, where it is not the webhook’s own.') }).exactOptional(),
  discord: z.strictObject({ webhook: secret }).exactOptional(),
  email: z
    .strictObject({
      to: z.array(address).min(1).describe('Who gets mail.'),
      from: address.describe('Sender.'),
      smarthost: z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/).describe('Mail server, host:port; it must offer TLS.'),
      username: z.string().min(1).exactOptional(),
      password: secret.exactOptional(),
    })
    .exactOptional(),
  deadman: z.strictObject({ url: secret }).exactOptional().describe('A service that is called all the time and raises the alarm when the calls stop.'),
});

export type MonitoringSettings = z.output<typeof monitoringSettings>;

/** Whether Prometheus is there, and with it the kinds ServiceMonitor, PodMonitor and PrometheusRule. */
export function hasMonitoring({ environment }: Platform): boolean {
  return (environment.systems['monitoring'] as MonitoringSettings | undefined)?.enabled ?? false;
}

export const MONITORING_NAMESPACE = 'monitoring';

/** Secret that deploy makes of the settings' references: one key per receiver. Alertmanager reads them as files. */
export const RECEIVERS_SECRET = {
  namespace: MONITORING_NAMESPACE,
  name: 'alertmanager-receivers',
  keys: { slack: 'slack', discord: 'discord', email: 'email', deadman: 'deadman' },
} as const;

/** Secret with Grafana's first user. */
export const GRAFANA_SECRET = { namespace: MONITORING_NAMESPACE, name: 'grafana-admin', userKey: 'admin-user', passwordKey: 'admin-password' } as const;
