import { describe, expect, test } from 'vitest';
import type { DeployResult } from '../../../cli/operations/deploy.ts';
import type { Resource } from '../../../cli/providers/resource.ts';
import type { Health } from '../../../cli/targets/target.ts';
import { deployText, servicesText } from '../../../cli/views/deploy.ts';
import { doctorText } from '../../../cli/views/doctor.ts';
import { logLineJson, logLineText } from '../../../cli/views/logs.ts';
import { ago, statusText } from '../../../cli/views/status.ts';
import { teardownQuestion, teardownText } from '../../../cli/views/teardown.ts';

const plain = { colour: false, columns: 80 };
const process = (name: string, more: Partial<Health> = {}): Health => ({ name, kind: 'service', state: 'ready', restarts: 0, ...more });

describe('deploy', () => {
  const result: DeployResult = {
    environment: 'local', changed: 16, dryRun: false, seconds: 2.6, steps: [],
    running: { entrance: 'http://127.0.0.1:25656/', kafka: '127.0.0.1:25657', processes: [process('broker', { kind: 'broker' }), process('task-api-0'), process('task-api-1'), process('web-0')] },
  };

  test('what is up, where, and what to do next', () => {
    expect(deployText(result, plain)).toMatchInlineSnapshot(`
      "Ready     local in 2.6 s, 16 changes
      Entrance  http://127.0.0.1:25656/
      Kafka     127.0.0.1:25657
      Runs      broker, task-api × 2, web

      Next      todoctl events tail task-events
                todoctl status
                todoctl teardown
      "
    `);
  });

  test('what runs is broken at the edge of the terminal, below its beginning', () => {
    const processes = ['dapr', 'jaeger', 'kube-prometheus-stack', 'strimzi', 'postgres', 'todo-kafka', 'audit', 'task-api', 'web'].map((name) => process(name));
    const running = { entrance: 'http://127.0.0.1:25656/', processes };
    expect(deployText({ ...result, running }, plain)).toContain('Runs      dapr, jaeger, kube-prometheus-stack, strimzi, postgres, todo-kafka,\n          audit, task-api, web\n');
  });

  test.each([[{}, ''], [{ zone: 'DigitalOcean' }, ', made at DigitalOcean']])('the record that the host needs, and who has made it: %j', (made, more) => {
    const running = { entrance: 'https://todo.example.com/', record: 'todo.example.com. A 203.0.113.7', ...made, processes: [] };
    expect(deployText({ ...result, running }, plain)).toContain(`DNS       todo.example.com. A 203.0.113.7${more}\n`);
  });

  test('another environment stands in the commands to copy', () => {
    expect(deployText({ ...result, environment: 'real', changed: 0 }, plain)).toContain('todoctl events tail task-events --env real\n');
    expect(deployText({ ...result, changed: 0 }, plain)).toContain('nothing had to change');
  });

  test('a dry run lists what would change', () => {
    const { running: _, ...planned } = result;
    const steps = [{ step: 'ports', title: 'Ports', is: 'unchanged' as const }, { step: 'audit', title: 'audit', is: 'planned' as const, changes: [{ what: 'audit-0' }, { what: 'audit-1' }] }];
    expect(deployText({ ...planned, dryRun: true, changed: 1, steps }, plain)).toBe('Would change local\n  audit: audit-0, audit-1\n');
    expect(deployText({ ...planned, dryRun: true, changed: 0 }, plain)).toBe('Nothing would change in local\n');
  });

  test('replicas and daprds are counted together', () => {
    expect(servicesText([process('a-0.dapr', { kind: 'sidecar' }), process('b-0.dapr', { kind: 'sidecar' }), process('a-0'), process('b-0'), process('b-1')])).toBe('daprd × 2, a, b × 2');
  });
});

describe('status', () => {
  const now = 1_000_000_000;

  test('a line for each process, with the reason of what is wrong', () => {
    const processes = [
      process('supervisor', { kind: 'supervisor', pid: 7 }),
      process('task-api-0', { pid: 11, port: 20_001, since: now - 125_000 }),
      process('audit-0', { state: 'failing', port: 20_002, restarts: 3, since: now - 4000, reason: 'ended with code 1: no database' }),
    ];
    expect(statusText({ environment: 'local', ready: false, entrance: 'http://127.0.0.1:20000/', kafka: '127.0.0.1:20003', processes }, plain, now)).toMatchInlineSnapshot(`
      "local 1 of 3 processes is not ready
      Entrance  http://127.0.0.1:20000/
      Kafka     127.0.0.1:20003

      PROCESS     STATE    PID  PORT   RESTARTS  SINCE
      supervisor  ready    7
      task-api-0  ready    11   20001            2 min
      audit-0     failing       20002  3         4 s    ended with code 1: no database
      "
    `);
  });

  test('how far consumers are behind, by group', () => {
    const lag = [{ group: 'audit', topic: 'a', lag: 2 }, { group: 'audit', topic: 'b', lag: 1 }, { group: 'recurrence', topic: 'a', lag: 0 }];
    const of = (rows: typeof lag): string => statusText({ environment: 'local', ready: true, processes: [process('a')], lag: rows }, plain, now);
    expect(of(lag)).toContain('\nBehind    audit 3\n');
    expect(of([])).toContain('\nBehind    nobody\n');
  });

  test('nothing deployed: what to do', () => {
    expect(statusText({ environment: 'real', ready: false, processes: [] }, plain, now)).toBe('real is not deployed here\n\nNext  todoctl deploy --env real\n');
  });

  test.each([[0, '0 s'], [-5, '0 s'], [59_400, '59 s'], [60_000, '1 min'], [3_600_000, '1 h'], [90_000_000, '1 d']])('%i ms ago is "%s"', (ms, text) => {
    expect(ago(ms)).toBe(text);
  });
});

describe('teardown', () => {
  const found: Resource[] = [
    { kind: 'process', name: 'postgres', id: '7', owner: 'environment' },
    { kind: 'port', name: 'entrance', id: '20000', owner: 'environment' },
    { kind: 'directory', name: '.todoctl/local/data', id: '/p/.todoctl/local/data', owner: 'environment' },
    { kind: 'directory', name: '.todoctl/local/logs', id: '/p/.todoctl/local/logs', owner: 'environment' },
  ];
  const foreign: Resource = { kind: 'port', name: 'kafka', id: '9092', owner: 'other', heldBy: 'java (pid 5)' };
  const receipt = { environment: 'local', dryRun: false, removed: found, kept: [], seconds: 0.4 };

  test('the receipt', () => {
    expect(teardownText(receipt, plain)).toMatchInlineSnapshot(`
      "Gone  local in 0.4 s
            1 process: postgres 7
            1 port: entrance 20000
            2 files and folders of .todoctl/local: data, logs
      Left  nothing
      "
    `);
  });

  test('with what was kept on purpose, and what is not ours', () => {
    expect(teardownText({ ...receipt, removed: found.slice(0, 2), kept: [...found.slice(2, 3), foreign] }, plain)).toMatchInlineSnapshot(`
      "Gone  local in 0.4 s
            1 process: postgres 7
            1 port: entrance 20000
      Kept  1 file or folder of .todoctl/local: data
      Kept  port kafka 9092, which is not ours: java (pid 5)
      Left  nothing else
      "
    `);
  });

  test('nothing was there; a dry run; many of a kind', () => {
    expect(teardownText({ ...receipt, removed: [], kept: [foreign] }, plain)).toBe('Nothing of local is here\n');
    expect(teardownText({ ...receipt, dryRun: true, removed: found.slice(0, 1), kept: [] }, plain)).toBe('Would remove local\n  1 process: postgres 7\n');
    const many = Array.from({ length: 20 }, (_, index): Resource => ({ kind: 'port', name: `p${index}`, id: String(index), owner: 'environment' }));
    expect(teardownText({ ...receipt, removed: many }, plain)).toContain('20 ports: p0 0, p1 1, p2 2, p3 3, p4 4, p5 5, p6 6, p7 7, p8 8, p9 9, p10\n        10, p11 11, and 8 more\n');
  });

  test('the question says what will be deleted', () => {
    expect(teardownQuestion('local', [...found, foreign], plain)).toBe(
      'This deletes all tasks and events of local:\n  1 process: postgres 7\n  1 port: entrance 20000\n  2 files and folders of .todoctl/local: data, logs\n',
    );
  });
});

test('doctor: each check, and what to do about a failed one', () => {
  const wide = { colour: false, columns: 80 };
  const checks = [{ title: 'Node', ok: true }, { title: 'Free disk space', ok: false, code: 'TODOCTL_DISK_FULL', message: '1 MB is free', details: ['of 512 MB'], next: ['Free some space.'] }];
  expect(doctorText({ environment: 'local', ok: false, deployed: true, checks }, wide)).toMatchInlineSnapshot(`
    "ok      Node
    failed  Free disk space: 1 MB is free (TODOCTL_DISK_FULL)
            of 512 MB
            Free some space.

    1 of 2 checks failed
    "
  `);
  expect(doctorText({ environment: 'local', ok: true, deployed: true, checks: checks.slice(0, 1) }, wide)).toContain('Everything is fine');
  expect(doctorText({ environment: 'far', ok: true, deployed: false, checks: checks.slice(0, 1) }, wide)).toContain('\nNothing of far runs; all that a deploy needs is there\n');
});

test('doctor: what a provider says in many words stays within the terminal, below itself', () => {
  const message = 'GET /v2/account: 401 Unable to authenticate you. (request 11f13bc5-508c-45e5-a80f-e8456d6ce91f)';
  const checks = [{ title: 'DigitalOcean', ok: false, code: 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED', message, next: ['Make a new one at https://cloud.digitalocean.com/account/api/tokens, and run the same command again: it goes on where it was.'] }];
  expect(doctorText({ environment: 'prod', ok: false, deployed: true, checks }, { colour: false, columns: 80 })).toMatchInlineSnapshot(`
    "failed  DigitalOcean: GET /v2/account: 401 Unable to authenticate you. (request
            11f13bc5-508c-45e5-a80f-e8456d6ce91f)
            (TODOCTL_DIGITALOCEAN_TOKEN_REFUSED)
            Make a new one at https://cloud.digitalocean.com/account/api/tokens, and
            run the same command again: it goes on where it was.

    1 of 1 checks failed
    "
  `);
});

describe('logs', () => {
  const time = new Date(2026, 10, 21, 9, 5, 7, 42).getTime();
  const line = { level: 40, time, service: 'audit', replica: 'audit-0', msg: 'kept', event_id: 'e1', ms: 1.5, title: 'two words', err: { message: 'no' } };

  test('a JSON line: when, who, how grave, what, and the fields that are left', () => {
    expect(logLineText({ process: 'audit-0', text: JSON.stringify(line) }, plain, 12)).toBe('09:05:07.042 audit-0      warn  kept event_id=e1 ms=1.5 title="two words" err={"message":"no"}\n');
  });

  test('a line of daprd', () => {
    const text = JSON.stringify({ app_id: 'audit', instance: 'vm', level: 'warning', msg: 'late', scope: 'dapr.runtime', time: new Date(time).toISOString(), type: 'log', ver: '1.18.2' });
    expect(logLineText({ process: 'audit-0.dapr', text }, plain, 12)).toBe('09:05:07.042 audit-0.dapr warn  late scope=dapr.runtime\n');
  });

  test.each(['plain words', '{"half":', '{"level":30}', '{"level":"loud","time":1}'])('what is no log line stays as it is: %s', (text) => {
    expect(logLineText({ process: 'postgres', text }, plain, 10)).toBe(`             postgres         ${text}\n`);
  });

  test('as JSON: the line\'s own fields with the process in front', () => {
    expect(JSON.parse(logLineJson({ process: 'audit-0', text: JSON.stringify(line) }))).toEqual({ process: 'audit-0', ...line });
    expect(logLineJson({ process: 'postgres', text: 'LOG: x' })).toBe('{"process":"postgres","msg":"LOG: x"}\n');
  });
});
