// Who is told of what, and that no secret stands anywhere.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerConfig, readsSecret } from '../../../../cli/systems/monitoring/alertmanager.ts';
import { PACKAGE } from '../../../support/platform.ts';
import { platformIn, renderedOf } from '../../../support/rendered.ts';

interface Route {
  receiver: string;
  matchers: string[];
  repeat_interval?: string;
}
interface Config {
  route: Route & { routes: Route[]; group_by: string[] };
  receivers: ({ name: string } & Record<string, unknown>)[];
  inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[];
}

type Channels = Parameters<typeof alertmanagerConfig>[0];
const slack = { webhook: { env: 'SLACK' } };
const discord = { webhook: { env: 'DISCORD' } };
const email = { to: ['ops@example.com'], from: 'todo@example.com', smarthost: 'smtp.example.com:587' };
const deadman = { url: { env: 'DEADMAN' } };
const config = (channels: Channels): Config => alertmanagerConfig(channels) as Config;

/** The receiver of an alert: the first route whose matchers it meets, as Alertmanager goes through them. */
function told({ route }: Config, labels: Record<string, string>): string {
  const meets = (matcher: string): boolean => {
    const [, name = '', operator, value = ''] = /^(\w+) (=~|=) "(.*)"$/.exec(matcher) ?? [];
    return operator === '=' ? labels[name] === value : new RegExp(`^(?:${value})$`).test(labels[name] ?? '');
  };
  return route.routes.find(({ matchers }) => matchers.every(meets))?.receiver ?? route.receiver;
}
const channelsOf = ({ receivers }: Config, name: string): string[] => Object.keys(receivers.find((one) => one.name === name) ?? {}).filter((key) => key !== 'name');

describe('routes', () => {
  const everyone = config({ slack, discord, email, deadman });

  test.each([
    [{ alertname: 'HighErrorRate', severity: 'critical' }, 'critical'],
    [{ alertname: 'PodNotReady', severity: 'warning' }, 'warning'],
    [{ alertname: 'Watchdog', severity: 'none' }, 'deadman'],
    [{ alertname: 'InfoInhibitor', severity: 'none' }, 'none'],
    [{ alertname: 'CPUThrottlingHigh', severity: 'info' }, 'none'],
    [{ alertname: 'SomeonesOwn', severity: '' }, 'warning'],
  ])('%o goes to %s', (labels, receiver) => {
    expect(told(everyone, labels)).toBe(receiver);
  });

  test('what is critical goes everywhere, a warning to chat', () => {
    expect(channelsOf(everyone, 'critical')).toEqual(['slack_configs', 'discord_configs', 'email_configs']);
    expect(channelsOf(everyone, 'warning')).toEqual(['slack_configs', 'discord_configs']);
  });

  test('where there is no chat a warning goes by mail', () => {
    expect(channelsOf(config({ email }), 'warning')).toEqual(['email_configs']);
  });

  test.each([
    ['nothing is set', {}],
    ['only the dead man’s switch is', { deadman }],
  ] as const)('nobody is told where %s', (_, channels) => {
    const silent = config(channels);
    expect(told(silent, { alertname: 'HighErrorRate', severity: 'critical' })).toBe('none');
    expect(told(silent, { alertname: 'PodNotReady', severity: 'warning' })).toBe('none');
    expect(told(silent, { alertname: 'Watchdog', severity: 'none' })).toBe('deadman' in channels ? 'deadman' : 'none');
  });

  test.each([[{}], [{ slack }], [{ discord, email }], [{ email }], [{ slack, discord, email, deadman }]] as const)('every receiver of a route exists: %o', (channels) => {
    const { route, receivers } = config(channels);
    const names = receivers.map(({ name }) => name);
    for (const { receiver } of [route, ...route.routes]) expect(names).toContain(receiver);
    expect(new Set(names).size).toBe(names.length);
  });

  test('alarms of one kind in one place come as one message, and a critical one mutes the warning of its name', () => {
    expect(everyone.route.group_by).toEqual(['alertname', 'namespace']);
    expect(everyone.inhibit_rules[0]).toMatchObject({ source_matchers: ['severity = "critical"'], target_matchers: ['severity =~ "warning|info"'], equal: ['namespace', 'alertname'] });
  });
});

describe('secrets', () => {
  test('are files of one Secret', () => {
    const files = [...JSON.stringify(config({ slack, discord, email: { ...email, username: 'todo', password: { env: 'MAIL' } }, deadman })).matchAll(/"(\w+_file)":"([^"]+)"/g)].map(([, key, file]) => [key, file]);
    expect(new Set(files.map(([key, file]) => `${key} ${file}`))).toEqual(
      new Set([
        'api_url_file /etc/alertmanager/secrets/alertmanager-receivers/slack',
        'webhook_url_file /etc/alertmanager/secrets/alertmanager-receivers/discord',
        'auth_password_file /etc/alertmanager/secrets/alertmanager-receivers/email',
        'url_file /etc/alertmanager/secrets/alertmanager-receivers/deadman',
      ]),
    );
  });

  test('the Secret is mounted only where something is read from it: a pod waits for a Secret that is missing', () => {
    expect(readsSecret({})).toBe(false);
    expect(readsSecret({ email })).toBe(false);
    for (const channels of [{ slack }, { discord }, { deadman }, { email: { ...email, password: { env: 'MAIL' } } }]) expect(readsSecret(channels)).toBe(true);
  });

  test('no rendered file knows where they come from, let alone what they are', async () => {
    const own = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
    const settings = 'monitoring: { slack: { webhook: { env: CANARY_SLACK } }, email: { to: [ops@example.com], from: todo@example.com, smarthost: "smtp.example.com:587", password: { file: ./canary-mail } } }';
    const files = renderedOf(await platformIn('prod', own.replace(/^ {2}prod:\n/m, `  prod:\n    ${settings}\n`)));
    expect(files.filter(({ text }) => /CANARY_SLACK|canary-mail/.test(text)).map((file) => file.path)).toEqual([]);
    const values = parse(files.find((file) => file.path.endsWith('kube-prometheus-stack.values.yaml'))?.text ?? '') as { alertmanager: { alertmanagerSpec: { secrets: string[] } } };
    expect(values.alertmanager.alertmanagerSpec.secrets).toEqual(['alertmanager-receivers']);
  });

  test('a literal is refused', async () => {
    const own = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
    const literal = own.replace(/^ {2}prod:\n/m, '  prod:\n    monitoring: { slack: { webhook: "https://hooks.slack.com/services/T0/B0/canary" } }\n');
    const error = await platformIn('prod', literal).catch((thrown: unknown) => thrown as { code: string; message: string });
    expect(error).toMatchObject({ code: 'TODOCTL_SECRET_LITERAL' });
    expect(JSON.stringify(error)).not.toContain('canary');
  });
});
