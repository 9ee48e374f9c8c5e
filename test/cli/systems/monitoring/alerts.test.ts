// Alerts as data: each says what is wrong, links to its runbook and asks for figures that somebody gives. That they fire is tested with promtool.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import type { Alert } from '../../../../cli/systems/monitoring/alert.ts';
import { workingGroups } from '../../../../cli/systems/monitoring/alerts-kafka.ts';
import { alertsOf } from '../../../../cli/systems/monitoring/alerts.ts';
import { appMetrics, FOREIGN_METRICS } from '../../../support/known-metrics.ts';
import { labelsBy, metricsIn } from '../../../support/promql.ts';
import { objectsIn, platformIn, renderedOf } from '../../../support/rendered.ts';

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

const root = path.resolve(import.meta.dirname, '../../../..');
let platform: Platform;
let alerts: Alert[];
beforeAll(async () => {
  platform = await platformIn('prod');
  alerts = alertsOf(platform).flatMap((group) => group.alerts);
});
const named = (name: string): Alert | undefined => alerts.find((alert) => alert.name === name);

describe('what is asked for', () => {
  test.each([
    ['HighErrorRate', '> 0.05', '5m'],
    ['KafkaConsumerLag', '> 1000', '5m'],
    ['PodNotReady', 'kube_pod_status_ready', '5m'],
    ['OutboxOld', 'outbox_oldest_age_seconds', '5m'],
    ['RelayNotOne', 'outbox_relay_active', '5m'],
    ['DeadLetters', 'dead_letters_total', '0m'],
    ['KafkaUnderReplicated', 'underreplicatedpartitions', '10m'],
    ['KafkaOfflinePartitions', 'offlinepartitionscount', '1m'],
    ['KafkaNoController', 'activecontrollercount', '3m'],
    ['KafkaDiskFilling', 'predict_linear', '30m'],
    ['DaprSidecarDown', 'container="daprd"', '5m'],
    ['DaprPublishFailing', 'egress_bulk_count', '5m'],
    ['CertificateExpiring', 'certmanager_certificate_expiration', '1h'],
    ['VolumeFillingUp', '< 0.15', '10m'],
  ])('%s asks for %s and waits %s', (name, asks, wait) => {
    expect(named(name)?.expr).toContain(asks);
    expect(named(name)?.for).toBe(wait);
  });
});

describe('every alert', () => {
  test('has a name of its own and texts for a person', () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
    expect(alerts.filter(({ name }) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
    // A summary holds for all of its series; the description says where and how much.
    expect(alerts.filter(({ summary }) => summary.includes('{{') || summary.endsWith('.'))).toEqual([]);
    expect(alerts.filter(({ description }) => !description.endsWith('.') || !/\{\{.*\$(?:value|labels)/.test(description))).toEqual([]);
  });

  test('is about metrics that somebody gives', () => {
    const known = new Set([...appMetrics(), ...FOREIGN_METRICS]);
    expect(alerts.flatMap(({ name, expr }) => metricsIn(expr).filter((metric) => !known.has(metric)).map((metric) => `${name}: ${metric}`))).toEqual([]);
  });

  test('names only labels that its series have', () => {
    const wrong = alerts.flatMap(({ name, expr, description }) => {
      const labels = labelsBy(expr);
      const used = [...description.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label as string);
      return labels === undefined ? [] : used.filter((label) => !labels.includes(label)).map((label) => `${name}: ${label}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has a section in the runbooks, and no section is without an alert', async () => {
    const page = await readFile(path.join(root, 'docs/runbooks/alerts.md'), 'utf8');
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual(alerts.map(({ name }) => name).sort());
  });
});

describe('rendered', () => {
  const rules = (): Rule[] => objectsIn(renderedOf(platform)).filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => (spec as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules));

  test('says the same as the data, with a link to the runbook', () => {
    const rendered = rules();
    expect(rendered).toHaveLength(alerts.length);
    for (const [index, { name, expr, for: wait, severity, summary, description }] of alerts.entries()) {
      const runbook = `docs/runbooks/alerts.md#${name.toLowerCase()}`;
      expect(rendered[index]).toEqual({ alert: name, expr, for: wait, labels: { severity }, annotations: { summary, description, runbook_url: runbook } });
    }
  });

  test('belongs to the release of the app, so that it is rolled back with it', () => {
    const owners = renderedOf(platform).filter(({ path: file }) => /\/(?:rules|monitor|dashboard)-/.test(file)).map(({ owner }) => owner);
    expect(new Set(owners)).toEqual(new Set(['release']));
  });
});

describe('an environment alarms only of what it has', () => {
  const withKafka = (kafka: string): Promise<Platform> =>
    platformIn('prod', `platform: shop\ntopics: { orders: { key: task } }\nservices: { web: { route: /, listens: [orders] } }\nenvironments: { prod: { provider: existing, context: mine, cluster: some-uid, auth: { jwks: https://id.example.com/keys }${kafka} } }\n`);
  const names = (of: Platform): string[] => alertsOf(of).flatMap((group) => group.alerts.map(({ name }) => name));

  test('a Kafka that others run is theirs to watch', async () => {
    expect(names(await withKafka(', kafka: { bootstrap: "kafka:9092" }')).filter((name) => name.startsWith('Kafka'))).toEqual([]);
  });

  test('replicas that listen have groups of their own, whose lag is nobody’s work', async () => {
    const shop = await withKafka('');
    expect(workingGroups(shop)).toEqual([]);
    expect(names(shop)).not.toContain('KafkaConsumerLag');
    expect(workingGroups(platform)).toEqual(['audit', 'recurrence']);
    expect(named('KafkaConsumerLag')?.expr).toContain('consumergroup=~"audit|recurrence"');
  });

  test('without sidecars nothing of Dapr', async () => {
    const bare = await platformIn('prod', 'platform: bare\ntopics: {}\nservices: { web: { route: / } }\nenvironments: { prod: { provider: existing, context: mine, cluster: some-uid, auth: { jwks: https://id.example.com/keys } } }\n');
    expect(names(bare).filter((name) => name.startsWith('Dapr'))).toEqual([]);
  });

  test('as many brokers as there should be', async () => {
    expect(named('KafkaBrokerDown')?.expr).toMatch(/< 3$/);
    expect(alertsOf(await platformIn('staging')).flatMap((group) => group.alerts).find(({ name }) => name === 'KafkaBrokerDown')?.expr).toMatch(/< 1$/);
  });
});
