import { type MonitoringSettings, RECEIVERS_SECRET } from './settings.ts';

/** Where the operator mounts the Secrets that Alertmanager may read. */
const MOUNTED = `/etc/alertmanager/secrets/${RECEIVERS_SECRET.name}`;
const { keys } = RECEIVERS_SECRET;

/** Nobody is told. */
const NONE = 'none';
const CRITICAL = 'critical';
const WARNING = 'warning';
const DEADMAN = 'deadman';

type Channels = Pick<MonitoringSettings, 'slack' | 'discord' | 'email' | 'deadman'>;

interface Receiver {
  name: string;
  slack_configs?: object[];
  discord_configs?: object[];
  email_configs?: object[];
  webhook_configs?: object[];
}

/** Go's templates, which Alertmanager fills: what a person reads on a phone. */
const TITLE = '[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }} in {{ .CommonLabels.environment }}';
const TEXT = '{{ range .Alerts }}{{ .Annotations.summary }}: {{ .Annotations.description }} Runbook: {{ .Annotations.runbook_url }}\n{{ end }}';

/**
 * Alertmanager's configuration (https://prometheus.io/docs/alerting/latest/configuration/), as data. It holds no secret: addresses
 * and passwords are read from files of a mounted Secret. What is critical goes everywhere, a warning to chat, or by mail if that is all there is.
 */
export function alertmanagerConfig(channels: Channels): object {
  const { slack, discord, email, deadman } = channels;
  const chat = slack !== undefined || discord !== undefined;
  const someone = chat || email !== undefined;
  return {
    global: { resolve_timeout: '5m' },
    route: {
      receiver: someone ? WARNING : NONE,
      group_by: ['alertname', 'namespace'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        // It fires always; whoever waits for it raises the alarm when it stays away.
        { matchers: ['alertname = "Watchdog"'], receiver: deadman ? DEADMAN : NONE, group_wait: '0s', group_interval: '1m', repeat_interval: '1m' },
        { matchers: ['alertname = "InfoInhibitor"'], receiver: NONE },
        { matchers: ['severity =~ "info|none"'], receiver: NONE },
        { matchers: ['severity = "critical"'], receiver: someone ? CRITICAL : NONE, group_wait: '10s', repeat_interval: '1h' },
      ],
    },
    inhibit_rules: [
      { source_matchers: ['severity = "critical"'], target_matchers: ['severity =~ "warning|info"'], equal: ['namespace', 'alertname'] },
      { source_matchers: ['severity = "warning"'], target_matchers: ['severity = "info"'], equal: ['namespace', 'alertname'] },
      { source_matchers: ['alertname = "InfoInhibitor"'], target_matchers: ['severity = "info"'], equal: ['namespace'] },
    ],
    receivers: [
      { name: NONE },
      ...(someone ? [people(CRITICAL, channels), people(WARNING, chat ? withoutEmail(channels) : channels)] : []),
      ...(deadman ? [{ name: DEADMAN, webhook_configs: [{ url_file: `${MOUNTED}/${keys.deadman}`, send_resolved: false }] }] : []),
    ],
    templates: [],
  };
}

/** Whether Alertmanager has anything to read from its Secret; a Secret that is mounted must exist. */
export function readsSecret({ slack, discord, email, deadman }: Channels): boolean {
  return slack !== undefined || discord !== undefined || deadman !== undefined || email?.password !== undefined;
}

function withoutEmail({ email: _, ...others }: Channels): Channels {
  return others;
}

function people(name: string, { slack, discord, email }: Channels): Receiver {
  return {
    name,
    ...(slack
      ? { slack_configs: [{ api_url_file: `${MOUNTED}/${keys.slack}`, ...(slack.channel === undefined ? {} : { channel: slack.channel }), title: TITLE, text: TEXT, send_resolved: true }] }
      : {}),
    ...(discord ? { discord_configs: [{ webhook_url_file: `${MOUNTED}/${keys.discord}`, title: TITLE, message: TEXT, send_resolved: true }] } : {}),
    ...(email
      ? {
          email_configs: [
            {
              to: email.to.join(', '),
              from: email.from,
              smarthost: email.smarthost,
              ...(email.username === undefined ? {} : { auth_username: email.username }),
              ...(email.password === undefined ? {} : { auth_password_file: `${MOUNTED}/${keys.email}` }),
              headers: { Subject: TITLE },
              require_tls: true,
              send_resolved: true,
            },
          ],
        }
      : {}),
  };
}
