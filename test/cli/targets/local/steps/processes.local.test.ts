// The steps that start, compare and wait, over a real supervisor and real processes: plain services, so that each test takes a moment.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../../../../cli/engine/step.ts';
import type { Local } from '../../../../../cli/targets/local/local.ts';
import { codeStep } from '../../../../../cli/targets/local/steps/files.ts';
import { portsStep, stateStep, supervisorStep } from '../../../../../cli/targets/local/steps/ground.ts';
import { applyOnce, comparisonStep, groupStep } from '../../../../../cli/targets/local/steps/processes.ts';
import { createStatusReader } from '../../../../../cli/targets/local/steps/status-reader.ts';
import { smokeStep } from '../../../../../cli/targets/local/steps/smoke.ts';
import type { ProcessStatus } from '../../../../../cli/targets/local/supervisor/process-spec.ts';
import type { Supervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { ECHO_SERVICE } from '../../../../support/platform.ts';
import { temporaryFolder } from '../platforms.ts';
import { endAtEnd, known, localIn, runAll, type Told } from './stage.ts';

// Kafka and PostgreSQL are said to be elsewhere and never asked: what is tested here are the plain processes.
const ENVIRONMENT = 'provider: local, kafka: { bootstrap: "elsewhere:9092" }, postgres: { url: { env: URL } }';
const yaml = (services: string): string => `platform: small\ntopics: {}\nservices:\n${services}environments:\n  local: { provider: local }\n`;

class Project {
  readonly folder = temporaryFolder();

  service(name: string, code = ECHO_SERVICE): void {
    mkdirSync(path.join(this.folder, 'services', name), { recursive: true });
    writeFileSync(path.join(this.folder, 'services', name, 'main.ts'), code);
  }

  /** What a deploy does of processes, without the rest. */
  async deploy(services: string, given: { dryRun?: boolean } = {}): Promise<Told & { status: ProcessStatus[]; local: Local }> {
    const local = await localIn({ folder: this.folder, yaml: yaml(services), environment: ENVIRONMENT });
    const status = createStatusReader(() => performance.now());
    const state = stateStep(local, known('lock', undefined));
    const supervisor = supervisorStep(local, state);
    const ports = portsStep(local, supervisor);
    const code = codeStep(local, state);
    const comparison = comparisonStep(local, status, { supervisor, ports, postgres: undefined, code, files: known('files', { hash: 'h', databaseUrl: '' }), ready: [] });
    const apply = applyOnce(status, supervisor, comparison);
    const names = [...local.platform.services.map(({ name }) => name), 'gateway'];
    const group = (id: string, includes: (name: string) => boolean): Step => groupStep({ id, title: id, includes, supervisor, comparison, status, apply });
    const belongs = (id: string, name: string): boolean => name === id || name.replace(/-\d+$/, '') === id;
    const groups = [...names.map((id) => group(id, (name) => belongs(id, name))), group('obsolete', (name) => !names.some((id) => belongs(id, name)))];
    const told = await runAll([...groups, smokeStep(local.platform, ports, groups)], given);
    const running = given.dryRun ? undefined : told.outcome.of<Supervisor>(supervisor);
    return { ...told, status: (await running?.status()) ?? [], local };
  }
}

const pids = (status: readonly ProcessStatus[]): Record<string, number | undefined> => Object.fromEntries(status.map(({ name, pid }) => [name, pid]));
const only = (ends: Record<string, string>, ...steps: string[]): Record<string, string | undefined> => Object.fromEntries(steps.map((step) => [step, ends[step]]));

test('all is started by one request, and told by the step that it belongs to', async () => {
  const project = new Project();
  project.service('one');
  project.service('two');
  const { outcome, ends, status, local } = await project.deploy('  one: { route: /api, replicas: 2 }\n  two: { route: / }\n');
  endAtEnd(local);
  expect(outcome.error).toBeUndefined();
  expect(only(ends, 'one', 'two', 'gateway', 'obsolete', 'smoke')).toEqual({ one: 'changed', two: 'changed', gateway: 'changed', obsolete: 'unchanged', smoke: 'unchanged' });
  expect(status.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['gateway ready', 'one-0 ready', 'one-1 ready', 'two-0 ready']);
});

describe('a second time', () => {
  test('nothing is restarted; a dry run agrees', async () => {
    const project = new Project();
    project.service('one');
    const first = await project.deploy('  one: { route: / }\n');
    endAtEnd(first.local);
    const second = await project.deploy('  one: { route: / }\n');
    expect(second.outcome.changed).toBe(0);
    expect(pids(second.status)).toEqual(pids(first.status));
    expect((await project.deploy('  one: { route: / }\n', { dryRun: true })).outcome.planned).toBe(0);
  });

  test('only what differs is restarted, and what is gone is stopped', async () => {
    const project = new Project();
    for (const name of ['one', 'two', 'three']) project.service(name);
    const services = '  one: { route: / }\n  two: {}\n  three: {}\n';
    const first = await project.deploy(services);
    endAtEnd(first.local);
    project.service('two', `${ECHO_SERVICE}console.log(2);\n`);
    const second = await project.deploy(services.replace('  three: {}\n', ''));
    expect(only(second.ends, 'one', 'two', 'gateway', 'obsolete')).toEqual({ one: 'unchanged', two: 'changed', gateway: 'unchanged', obsolete: 'changed' });
    expect(pids(second.status)).toMatchObject({ 'one-0': pids(first.status)['one-0'], gateway: pids(first.status)['gateway'] });
    expect(Object.keys(pids(second.status)).sort()).toEqual(['gateway', 'one-0', 'two-0']);
  });
});

describe('a service that does not come up', () => {
  test('because it ends again and again: given up with its last words, the others stay up', async () => {
    const project = new Project();
    project.service('good');
    project.service('bad', "console.error('no such luck'); process.exit(3);\n");
    const { outcome, ends, local, status } = await project.deploy('  good: { route: / }\n  bad: {}\n');
    endAtEnd(local);
    expect(outcome.error).toMatchObject({ code: 'TODOCTL_PROCESS_FAILING', message: 'bad-0 does not become ready', details: [expect.stringContaining('no such luck')] });
    expect(only(ends, 'good', 'bad', 'smoke')).toEqual({ good: 'changed', bad: 'failed', smoke: 'skipped' });
    expect(status.find(({ name }) => name === 'good-0')?.state).toBe('ready');
  });

  test('is mended by the next deploy', async () => {
    const project = new Project();
    project.service('bad', 'process.exit(3);\n');
    const first = await project.deploy('  bad: { route: / }\n');
    endAtEnd(first.local);
    expect(first.outcome.ok).toBe(false);
    project.service('bad');
    const second = await project.deploy('  bad: { route: / }\n');
    expect(second.outcome.error).toBeUndefined();
    expect(second.status.every(({ state }) => state === 'ready')).toBe(true);
  });
});

test('the last word is the health through the front door', async () => {
  const project = new Project();
  project.service('api', ECHO_SERVICE.replace("response.setHeader('content-type', 'application/json');", "if (request.url === '/api/health') return void response.writeHead(503).end('no database');"));
  const { outcome, ends, local } = await project.deploy('  api: { route: /api }\n');
  endAtEnd(local);
  expect(ends['api']).toBe('changed');
  expect(outcome.error).toMatchObject({ code: 'TODOCTL_SMOKE_FAILED', message: expect.stringMatching(/^GET \/api\/health through http:\/\/127\.0\.0\.1:\d+ answered 503 no database$/) as string });
});
