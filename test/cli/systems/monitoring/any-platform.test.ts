// Whatever the definition says: alerts and dashboards ask only for what such a platform has.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { kafkaOf } from '../../../../cli/systems/kafka-access.ts';
import { alertsOf } from '../../../../cli/systems/monitoring/alerts.ts';
import { dashboardModel } from '../../../../cli/systems/monitoring/dashboard.ts';
import { dashboardsOf } from '../../../../cli/systems/monitoring/dashboards.ts';
import { monitorArtefacts, monitored } from '../../../../cli/systems/monitoring/monitors.ts';
import { clusterPlatforms } from '../../../support/cluster-platforms.ts';
import { appMetrics, FOREIGN_METRICS } from '../../../support/known-metrics.ts';
import { metricsIn } from '../../../support/promql.ts';

const known = new Set([...appMetrics(), ...FOREIGN_METRICS]);
const alertsIn = (platform: Platform) => alertsOf(platform).flatMap(({ alerts }) => alerts);
const questionsIn = (platform: Platform): string[] => [
  ...alertsIn(platform).map(({ expr }) => expr),
  ...dashboardsOf(platform).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))),
];
const forEvery = (check: (platform: Platform) => void): void => fc.assert(fc.property(clusterPlatforms, check), { numRuns: 60 });

test('every question is about metrics that somebody gives', () => {
  forEvery((platform) => {
    expect(questionsIn(platform).flatMap(metricsIn).filter((name) => !known.has(name))).toEqual([]);
  });
});

test('no selector is left empty: it would choose the series that have no such label', () => {
  forEvery((platform) => {
    expect(questionsIn(platform).filter((expr) => /(?<!!)=~?""/.test(expr))).toEqual([]);
  });
});

test('every name is there once', () => {
  forEvery((platform) => {
    const names = alertsIn(platform).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const uids = dashboardsOf(platform).map(({ uid }) => uid);
    expect(new Set(uids).size).toBe(uids.length);
  });
});

test('each service is missed when it is gone', () => {
  forEvery((platform) => {
    const expr = alertsIn(platform).find(({ name }) => name === 'ServiceUnseen')?.expr ?? '';
    for (const { name } of platform.services) expect(expr).toContain(`absent(up{namespace="${platform.name}",service="${name}"})`);
  });
});

test('Kafka is watched, shown, read and reachable for Prometheus exactly where it is ours', () => {
  forEvery((platform) => {
    const ours = kafkaOf(platform).provider === 'strimzi';
    expect(alertsIn(platform).some(({ name }) => name.startsWith('Kafka'))).toBe(ours);
    expect(dashboardsOf(platform).some(({ uid }) => uid.endsWith('-kafka'))).toBe(ours);
    expect(monitorArtefacts(platform).some(({ file }) => file === 'monitor-kafka.yaml')).toBe(ours);
    expect(monitored(platform).length > 0).toBe(ours);
  });
});

test('the lag alarm names every group that works, and none that listens', () => {
  forEvery((platform) => {
    const expr = alertsIn(platform).find(({ name }) => name === 'KafkaConsumerLag')?.expr ?? '';
    const groups = new Set(/consumergroup=~"([^"]*)"/.exec(expr)?.[1]?.split('|') ?? []);
    const working = platform.services.flatMap(({ subscriptions }) => subscriptions.map(({ group }) => group)).filter((group) => !group.includes('{'));
    expect(groups).toEqual(new Set(kafkaOf(platform).provider === 'strimzi' ? working : []));
  });
});

test('the same platform gives the same bytes', () => {
  forEvery((platform) => {
    const once = JSON.stringify(dashboardsOf(platform).map(dashboardModel));
    expect(JSON.stringify(dashboardsOf(platform).map(dashboardModel))).toBe(once);
  });
});
