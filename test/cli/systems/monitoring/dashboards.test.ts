// Dashboards: what the issue wants to see is there, each question is about figures that somebody gives, and a page can be read.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { type Dashboard, dashboardModel } from '../../../../cli/systems/monitoring/dashboard.ts';
import { dashboardArtefacts, dashboardsOf } from '../../../../cli/systems/monitoring/dashboards.ts';
import { appMetrics, FOREIGN_METRICS } from '../../../support/known-metrics.ts';
import { labelsBy, metricsIn } from '../../../support/promql.ts';
import { objectsIn, platformIn, renderedOf } from '../../../support/rendered.ts';

interface Model {
  uid: string;
  templating: { list: { name: string; query: string | { query: string } }[] };
  panels: { id: number; type: string; title: string; gridPos: { x: number; y: number; w: number; h: number }; targets?: { refId: string; expr: string }[]; fieldConfig?: { defaults: { unit: string; custom?: { stacking: { mode: string } } } } }[];
}

let platform: Platform;
let dashboards: Dashboard[];
beforeAll(async () => {
  platform = await platformIn('prod');
  dashboards = dashboardsOf(platform);
});

const model = (dashboard: Dashboard): Model => dashboardModel(dashboard) as Model;
const panelsOf = (id: string) => dashboards.find(({ uid }) => uid === `todo-${id}`)?.rows.flatMap(({ panels }) => panels) ?? [];
const everyPanel = () => dashboards.flatMap(({ uid, rows }) => rows.flatMap(({ panels }) => panels.map((panel) => ({ ...panel, uid }))));
const everyTarget = () => everyPanel().flatMap(({ uid, title, targets }) => targets.map((target) => ({ where: `${uid}: ${title}`, ...target })));

describe('what is asked for', () => {
  test.each([
    ['app', 'Request rate', 'http_requests_total'],
    ['app', '5xx rate', 'status=~"5.."'],
    ['app', 'p95 latency', 'histogram_quantile(0.95'],
    ['app', 'p99 latency', 'histogram_quantile(0.99'],
    ['app', 'Active connections', 'websocket_clients'],
    ['app', 'Outbox age', 'outbox_oldest_age_seconds'],
    ['app', 'Dead letters', 'dead_letters_total'],
    ['kafka', 'Kafka throughput', 'messagesin_total'],
    ['kafka', 'Consumer lag', 'kafka_consumergroup_lag'],
    ['kafka', 'Partition size', 'kafka_log_log_size'],
    ['kafka', 'Producer errors', 'failedproducerequests_total'],
    ['dapr', 'Sidecar latency', 'dapr_http_server_latency_bucket'],
    ['dapr', 'Invocation success', 'service_invocation_res_recv_total'],
    ['dapr', 'Publish rate', 'pubsub_egress_bulk_count'],
    ['dapr', 'Delivery rate', 'pubsub_ingress_count'],
    ['dapr', 'State operations', 'dapr_component_state_count'],
    ['kubernetes', 'Pod restarts', 'restarts_total'],
    ['kubernetes', 'CPU', 'container_cpu_usage_seconds_total'],
    ['kubernetes', 'Memory', 'container_memory_working_set_bytes'],
    ['kubernetes', 'Network in', 'container_network_receive_bytes_total'],
    ['kubernetes', 'Network out', 'container_network_transmit_bytes_total'],
    ['kubernetes', 'PVC use', 'kubelet_volume_stats_used_bytes'],
  ])('%s shows "%s"', (dashboard, title, asks) => {
    const panel = panelsOf(dashboard).find((one) => one.title === title && one.kind === 'lines');
    expect(panel?.targets.map(({ expr }) => expr).join('\n')).toContain(asks);
  });
});

describe('questions', () => {
  test('are about metrics that somebody gives', () => {
    const known = new Set([...appMetrics(), ...FOREIGN_METRICS]);
    expect(everyTarget().flatMap(({ where, expr }) => metricsIn(expr).filter((name) => !known.has(name)).map((name) => `${where}: ${name}`))).toEqual([]);
  });

  test('of the app are about every metric that the services give', () => {
    const asked = new Set(panelsOf('app').flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))));
    const unseen = [...appMetrics()].filter((name) => !/_(?:sum|count)$/.test(name) && !asked.has(name));
    expect(unseen).toEqual([]);
  });

  test('name their series by labels that are there', () => {
    const wrong = everyTarget().filter(({ expr, legend }) => {
      const labels = labelsBy(expr);
      return labels !== undefined && [...legend.matchAll(/\{\{(\w+)\}\}/g)].some(([, label]) => !labels.includes(label as string));
    });
    expect(wrong).toEqual([]);
  });

  test('stay in the namespace of the app, or in one that is named', () => {
    const apps = everyTarget().filter(({ where }) => !where.startsWith('todo-kubernetes'));
    expect(apps.filter(({ expr }) => !/namespace="(?:todo|dapr-system)"/.test(expr))).toEqual([]);
  });

  test('use only variables that the page has', () => {
    for (const dashboard of dashboards) {
      const has = new Set([...dashboard.variables.map(({ name }) => name), '__rate_interval']);
      const used = dashboard.rows.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name as string))));
      expect(used.filter((name) => !has.has(name))).toEqual([]);
    }
  });
});

describe('a page', () => {
  test('explains every panel', () => {
    expect(everyPanel().filter(({ description }) => !/^[A-Z0-9].*[.]$/.test(description))).toEqual([]);
  });

  test('has each title once per row, and colours that mean something', () => {
    for (const { rows } of dashboards) for (const { panels } of rows) expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(everyPanel().filter(({ limits }) => limits && limits.look > limits.bad)).toEqual([]);
  });

  test('has panels that do not lie on each other, and ids that are its own', () => {
    for (const dashboard of dashboards) {
      const { panels } = model(dashboard);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`));
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    }
  });

  test('begins a new line when the next panel finds no room, below the highest of the last', () => {
    const panel = (kind: 'lines' | 'stat') => ({ kind, title: kind, unit: 'short', description: 'D.', targets: [{ expr: 'up', legend: 'up' }] }) as const;
    const rows = [{ title: 'one', panels: [panel('stat'), panel('lines'), panel('lines'), panel('lines')] }, { title: 'two', panels: [panel('stat')] }];
    const { panels } = model({ uid: 'u', title: 't', environment: 'e', tags: [], variables: [], rows });
    expect(panels.map(({ gridPos: { x, y } }) => [x, y])).toEqual([[0, 0], [0, 1], [4, 1], [12, 1], [0, 9], [0, 17], [0, 18]]);
  });

  test('has a uid that stays and fits, whatever the platform is called', async () => {
    expect(dashboards.map(({ uid }) => uid)).toEqual(['todo-app', 'todo-kafka', 'todo-dapr', 'todo-kubernetes']);
    const long = dashboardsOf({ ...platform, name: 'p'.repeat(63) });
    expect(long.every(({ uid }) => uid.length <= 40)).toBe(true);
  });

  test('says where one is', () => {
    const environment = model(dashboards[0] as Dashboard).templating.list.find(({ name }) => name === 'environment');
    expect(environment?.query).toBe('prod');
  });
});

describe('an environment', () => {
  test('has its dashboards as ConfigMaps that Grafana finds, each line of them readable', () => {
    const maps = objectsIn(renderedOf(platform)).filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.['grafana_dashboard'] === '1');
    expect(maps.map(({ metadata }) => metadata.name)).toEqual(['dashboard-app', 'dashboard-kafka', 'dashboard-dapr', 'dashboard-kubernetes']);
    for (const [index, map] of maps.entries()) {
      const text = Object.values(map['data'] as Record<string, string>).join('');
      expect(JSON.parse(text)).toEqual(dashboardModel(dashboards[index] as Dashboard));
      // Beyond ASCII the renderer would write one long line.
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });

  test('without Kafka and sidecars of its own has no page of them', async () => {
    const bare = await platformIn('prod', 'platform: bare\ntopics: {}\nservices: { web: { route: / } }\nenvironments: { prod: { provider: existing, context: mine, cluster: some-uid, kafka: { bootstrap: "kafka:9092" }, auth: { jwks: https://id.example.com/keys } } }\n');
    expect(dashboardArtefacts(bare).map(({ file }) => file)).toEqual(['dashboard-app.yaml', 'dashboard-kubernetes.yaml']);
  });
});
