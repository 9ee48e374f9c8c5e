// Monitoring by Prometheus' own tools: each alert fires and stays silent, each question of a dashboard is one, the app's panels show something.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { rulesOf } from '../../cli/systems/monitoring/alert.ts';
import { alertsOf } from '../../cli/systems/monitoring/alerts.ts';
import { dashboardsOf } from '../../cli/systems/monitoring/dashboards.ts';
import { FIRING, type Firing, HEALTHY, SILENT } from '../support/alert-cases.ts';
import { createTestPlatform, PACKAGE, type TestPlatform } from '../support/platform.ts';
import { findTool, type RunningPrometheus, runTool, startPrometheus } from '../support/prometheus.ts';
import { filled } from '../support/promql.ts';
import { platformIn, renderedOf } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const promtool = await realPart('promtool', () => findTool('promtool', 'prometheus'));
const amtool = await realPart('amtool', () => findTool('amtool', 'prometheus-alertmanager'));
const prometheus = await realPart('prometheus', () => findTool('prometheus', 'prometheus'));

const RUNBOOKS = 'docs/runbooks/alerts.md';
const platform = await platformIn('prod');
const groups = alertsOf(platform);
const alerts = groups.flatMap((group) => group.alerts);
const dashboards = dashboardsOf(platform);

/** Writes the rules into a folder; of one alert only where the others would cost time. */
async function writeRules(folder: string, only?: string): Promise<void> {
  const wanted = groups.map(({ name, alerts: of }) => rulesOf({ name, alerts: of.filter((alert) => only === undefined || alert.name === only) }, RUNBOOKS));
  await writeFile(path.join(folder, 'rules.yaml'), stringify({ groups: wanted }));
}

describe.skipIf(!promtool)('promtool', () => {
  /** A day in promtool's words: the series, and which alerts there must be at its end. */
  const day = (name: string, change: Firing['change'], expected: readonly object[]): object => {
    const series = Object.entries({ ...HEALTHY, ...change }).flatMap(([of, values]) => (values === null ? [] : [{ series: of, values }]));
    return { name, interval: '1m', input_series: series, alert_rule_test: expected };
  };
  const silence = (alertname: string): object => ({ eval_time: '100m', alertname, exp_alerts: [] });
  const verdict = async (tests: readonly object[], only?: string): Promise<string> => {
    const folder = await temporaryFolder();
    await writeRules(folder, only);
    await writeFile(path.join(folder, 'tests.yaml'), stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }));
    const { exit, output } = runTool('promtool', ['test', 'rules', 'tests.yaml'], folder);
    return exit === 0 ? 'SUCCESS' : output;
  };

  test('check rules: all of them are valid', async () => {
    const folder = await temporaryFolder();
    await writeRules(folder);
    const { exit, output } = runTool('promtool', ['check', 'rules', 'rules.yaml'], folder);
    expect(output).toContain(`SUCCESS: ${alerts.length} rules found`);
    expect(exit).toBe(0);
  });

  test('each alert has a day on which it must fire', () => {
    expect(new Set(FIRING.map(({ alert }) => alert))).toEqual(new Set(alerts.map(({ name }) => name)));
  });

  test('on a good day nothing fires', async () => {
    expect(await verdict([day('a good day', {}, alerts.map(({ name }) => silence(name)))])).toBe('SUCCESS');
  });

  test.each(FIRING)('$alert fires: $says', async ({ alert: alertname, change, labels, says }) => {
    const { severity, summary } = alerts.find(({ name }) => name === alertname) as (typeof alerts)[number];
    const annotations = { summary, description: says, runbook_url: `${RUNBOOKS}#${alertname.toLowerCase()}` };
    expect(await verdict([day(says, change, [{ eval_time: '100m', alertname, exp_alerts: [{ exp_labels: { ...labels, severity }, exp_annotations: annotations }] }])], alertname)).toBe('SUCCESS');
  });

  test.each(SILENT)('$alert is silent: $because', async ({ alert, because, change }) => {
    expect(await verdict([day(because, change, [silence(alert)])], alert)).toBe('SUCCESS');
  });
});

describe.skipIf(!amtool)('amtool', () => {
  const everyone = `monitoring: { slack: { webhook: { env: SLACK }, channel: "#alarms" }, discord: { webhook: { env: DISCORD } }, deadman: { url: { env: DEADMAN } },
      email: { to: [ops@example.com, boss@example.com], from: todo@example.com, smarthost: "smtp.example.com:587", username: todo, password: { file: ./password } } }`;

  test.each([
    ['nobody is told', '', 1],
    ['everyone is told', everyone, 4],
    ['by mail alone', 'monitoring: { email: { to: [ops@example.com], from: todo@example.com, smarthost: "smtp.example.com:587" } }', 3],
  ])('check-config takes the configuration in which %s', async (_, settings, receivers) => {
    const own = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
    const told = await platformIn('prod', own.replace(/^ {2}prod:\n/m, `  prod:\n    ${settings}\n`));
    const values = renderedOf(told).find(({ path: file }) => file.endsWith('kube-prometheus-stack.values.yaml'))?.text ?? '';
    const { config } = (parse(values) as { alertmanager: { config: object } }).alertmanager;
    const folder = await temporaryFolder();
    // Alertmanager reads these two from files since 0.26 and 0.28; Debian's is 0.25 and wants the address itself.
    const older = stringify(config).replaceAll(/webhook_url_file: \S+/g, 'webhook_url: https://example.com/discord').replaceAll(/url_file: (\S+deadman)/g, 'url: https://example.com/deadman');
    await writeFile(path.join(folder, 'alertmanager.yaml'), older);
    const { exit, output } = runTool('amtool', ['check-config', 'alertmanager.yaml'], folder);
    expect(output).toContain(`- ${receivers} receivers`);
    expect(exit).toBe(0);
  });
});

describe.skipIf(!prometheus)('a Prometheus that reads the local platform', () => {
  let project: TestPlatform;
  let running: RunningPrometheus;
  let folder: string;
  let socket: WebSocket;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'todoctl-prometheus-'));
    await writeRules(folder);
    project = await createTestPlatform({ yaml: await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8') });
    const entrance = (await project.deploy()).running?.entrance ?? '';
    const { processes } = await project.waitReady();
    const targets = processes.flatMap(({ kind, name, port }) => (kind === 'service' && port !== undefined ? [{ port, labels: labelsOf(name) }] : []));
    running = await startPrometheus(folder, targets, ['rules.yaml']);
    socket = await openPage(entrance);
    await use(entrance, project);
    // What happens once begins a series and is no rate yet: all happens again after Prometheus has seen it.
    const seen = ['http_requests_total{route="/api/tasks"}', 'outbox_publish_delay_seconds_count', 'dead_letters_total', 'recurrence_sagas_total', 'audit_records_total', 'websocket_changes_total'];
    for (const series of seen) await until(`a scrape of ${series}`, async () => (await running.query(`sum(${series}) > 0`)).length > 0);
    await use(entrance, project);
  });
  afterAll(async () => {
    socket?.close();
    await running?.stop();
    await project?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const everyQuestion = dashboards.flatMap(({ title, rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ title: panel, targets }) => targets.map(({ expr }) => ({ panel: `${title}: ${panel}`, expr })))));

  test.each(everyQuestion)('understands $panel', async ({ expr }) => {
    await running.query(filled(expr));
  });

  test('evaluates every rule', async () => {
    const rules = await until('each rule is evaluated', async () => {
      const all = await running.rules();
      return all.length > 0 && all.every(({ health }) => health !== 'unknown') && all;
    });
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules).toHaveLength(alerts.length);
  });

  const app = dashboards.find(({ uid }) => uid === 'todo-app');
  // Nothing failed, so nobody counted a failure.
  const quiet = ['Publishing failed'];
  test.each((app?.rows ?? []).flatMap(({ panels }) => panels).filter(({ title }) => !quiet.includes(title)))('the panel "$title" shows something', async ({ targets }) => {
    await until('a series', async () => {
      const results = await Promise.all(targets.map(({ expr }) => running.query(filled(expr, '1h'))));
      return results.flat().some(({ value: [, figure] }) => figure !== 'NaN');
    });
  });

  test('series are named by labels that they have', async () => {
    const requests = app?.rows.flatMap(({ panels }) => panels).find(({ title }) => title === 'Slowest routes (p99)');
    const series = await running.query(filled(requests?.targets[0]?.expr ?? '', '5m'));
    expect(series.map(({ metric }) => `${metric['service']} ${metric['method']} ${metric['route']}`)).toContain('task-api POST /api/tasks');
  });
});

/** `task-api-0` as the chart's ServiceMonitor would name it. */
function labelsOf(replica: string): Record<string, string> {
  return { namespace: 'todo', service: replica.replace(/-\d+$/, ''), pod: replica, container: 'app' };
}

async function openPage(entrance: string): Promise<WebSocket> {
  const socket = new WebSocket(new URL('/live?user=ann', entrance.replace(/^http/, 'ws')));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  return socket;
}

/** A little of everything: tasks, one that repeats, an event that nobody understands. */
async function use(entrance: string, project: TestPlatform): Promise<void> {
  const post = async (route: string, body?: object): Promise<{ id: string }> => {
    const answer = await fetch(new URL(route, entrance), { method: 'POST', headers: { 'content-type': 'application/json', 'x-user-id': 'ann' }, ...(body ? { body: JSON.stringify(body) } : {}) });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as { id: string };
  };
  await post('/api/tasks', { title: 'Buy milk' });
  const { id } = await post('/api/tasks', { title: 'Weekly review', due: { at: '2027-01-04T09:00', zone: 'Europe/Berlin' }, recurrence: 'FREQ=WEEKLY' });
  await post(`/api/tasks/${id}/complete`);
  await project.run('events', 'publish', 'task-events', '--type', 'task.completed.v1', '--data', '{}');
}
