// Whole outputs of the commands, as a person at 80 columns and as a program with --json sees them, on folders where nothing runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE } from '../../support/platform.ts';
import { temporaryFolder, TODO } from '../targets/local/platforms.ts';

interface Said { exit: number | null; stdout: string; stderr: string }

/** The command line from its sources; paths of the test's own folder are written /project. */
function todoctl(folder: string, ...args: string[]): Said {
  const ran = spawnSync(process.execPath, [path.join(PACKAGE, 'bin/dev.js'), ...args], { cwd: folder, encoding: 'utf8', input: '', env: { PATH: process.env['PATH'], TZ: 'UTC' } });
  const told = (text: string): string => text.replaceAll(folder, '/project');
  return { exit: ran.status, stdout: told(ran.stdout), stderr: told(ran.stderr) };
}

function project(files: Readonly<Record<string, string>> = {}, yaml = TODO): string {
  const folder = temporaryFolder();
  for (const [file, text] of Object.entries({ 'todoctl.yaml': yaml, ...files })) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

const jsonOf = ({ stdout }: Said): unknown => JSON.parse(stdout);

describe('where nothing is deployed', () => {
  test('status says so, and what to do; its exit code is that of a difference', () => {
    const folder = project();
    expect(todoctl(folder, 'status')).toEqual({ exit: 6, stdout: 'local is not deployed here\n\nNext  todoctl deploy\n', stderr: '' });
    expect(jsonOf(todoctl(folder, 'status', '--json'))).toEqual({ environment: 'local', ready: false, folder: '/project/.todoctl/local', processes: [] });
  });

  test('logs are an error with a next step', () => {
    const { exit, stdout, stderr } = todoctl(project(), 'logs', 'task-api');
    expect([exit, stdout]).toEqual([expect.any(Number), '']);
    expect(exit).not.toBe(0);
    expect(stderr).toMatch(/^Error .*\n(.*\n)*Next .*todoctl deploy/);
    expect(stderr).toMatch(/\nCode {2}TODOCTL_NOT_DEPLOYED \(todoctl explain TODOCTL_NOT_DEPLOYED\)\n$/);
  });

  test('teardown has nothing to do, and asks nobody', () => {
    const folder = project();
    expect(todoctl(folder, 'teardown')).toEqual({ exit: 0, stdout: 'Nothing of local is here\n', stderr: '' });
    expect(jsonOf(todoctl(folder, 'teardown', '--json'))).toEqual({ environment: 'local', dryRun: false, removed: [], kept: [], seconds: expect.any(Number) as number });
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });

  test('commands on events say that nothing is deployed', () => {
    const { exit, stdout } = todoctl(project(), 'events', 'topics', '--json');
    expect(exit).not.toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TODOCTL_NOT_DEPLOYED' } });
  });
});

test('where no todoctl.yaml is, every command says so in the same words', () => {
  const folder = temporaryFolder();
  const said = ['status', 'deploy', 'teardown'].map((command) => todoctl(folder, command));
  expect(new Set(said.map(({ stderr }) => stderr)).size).toBe(1);
  for (const { exit, stdout, stderr } of said) {
    expect([exit, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/\nCode {2}TODOCTL_DEFINITION_NOT_FOUND\s/);
    for (const line of stderr.split('\n').filter((one) => !one.startsWith('Code'))) expect(line.length).toBeLessThanOrEqual(80);
  }
  expect(readdirSync(folder)).toEqual([]);
});

describe('a todoctl.yaml that is broken', () => {
  test('stops a deploy before anything is made', () => {
    const folder = project({}, TODO.replace('retention: 7d', 'retention: soon'));
    const { exit, stdout, stderr } = todoctl(folder, 'deploy');
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('todoctl.yaml:3:');
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });

  test('does not stop a look at what is there, nor its removal', () => {
    const folder = project({ '.todoctl/local/logs/broker.log': 'x\n' }, 'platform: [');
    expect(todoctl(folder, 'logs').stdout).toContain('broker');
    expect(todoctl(folder, 'teardown', '--yes').exit).toBe(0);
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });
});

describe('doctor', () => {
  test('names every check, what is wrong with one, and what to do', () => {
    const folder = project({}, TODO.replace('web: { route: / }', 'hello: { route: / }'));
    const { exit, stdout, stderr } = todoctl(folder, 'doctor');
    expect([exit, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(/^ok {6}Node\n/);
    expect(stdout).toContain('\nfailed  Code of the services: The service hello has no code:\n        services/hello/main.ts does not exist (TODOCTL_SERVICE_MISSING)\n');
    expect(stdout).toMatch(/\n\n1 of 7 checks failed\n$/);
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });

  test('--json: the same for a program', () => {
    const said = todoctl(project({}, TODO.replace('partitions: 3', 'partitions: many')), 'doctor', '--json');
    expect(said.exit).toBe(3);
    const { ok, checks } = jsonOf(said) as { ok: boolean; checks: { title: string; ok: boolean; next?: string[] }[] };
    expect(ok).toBe(false);
    expect(checks.filter((check) => !check.ok).map(({ title }) => title)).toEqual(['todoctl.yaml']);
    for (const check of checks) expect((check.next ?? []).length > 0).toBe(!check.ok);
  });
});

describe('logs', () => {
  const at = (second: number): number => Date.UTC(2026, 10, 21, 9, 5, second);
  const LOGS = {
    '.todoctl/local/logs/task-api-0.log': `${JSON.stringify({ level: 30, time: at(1), name: 'task-api', msg: 'listening', port: 20_001 })}\n${JSON.stringify({ level: 50, time: at(4), msg: 'lost the database', err: { message: 'ECONNREFUSED' } })}\n`,
    '.todoctl/local/logs/postgres.log': '2026-11-21 09:05:02.500 UTC LOG:  ready\n\tand a second line\n',
    '.todoctl/local/logs/audit-0.dapr.log': '{"app_id":"audit","level":"warning","msg":"late","time":"2026-11-21T09:05:03Z","type":"log"}\n',
  };

  test('of everything are merged by time; a line without one stays with the line before it', () => {
    expect(todoctl(project(LOGS), 'logs').stdout).toMatchInlineSnapshot(`
      "09:05:01.000 task-api-0     info  listening port=20001
                   postgres             2026-11-21 09:05:02.500 UTC LOG:  ready
                   postgres             	and a second line
      09:05:03.000 audit-0.dapr   warn  late
      09:05:04.000 task-api-0     error lost the database err={"message":"ECONNREFUSED"}
      "
    `);
  });

  test('of one service, of some lines, for a program', () => {
    const folder = project(LOGS);
    expect(todoctl(folder, 'logs', 'task-api', '--tail', '1').stdout).toMatch(/^09:05:04\.000 task-api-0 .* lost the database err=/);
    const lines = todoctl(folder, 'logs', '--json').stdout.trim().split('\n').map((line) => JSON.parse(line) as { process: string; msg: string });
    expect(lines.map(({ process: name, msg }) => [name, msg])).toEqual([
      ['task-api-0', 'listening'], ['postgres', '2026-11-21 09:05:02.500 UTC LOG:  ready'], ['postgres', '\tand a second line'], ['audit-0.dapr', 'late'], ['task-api-0', 'lost the database'],
    ]);
  });

  test('of a service that there is not: the nearest is offered', () => {
    const { exit, stderr } = todoctl(project(LOGS), 'logs', 'task-ap');
    expect(exit).toBe(2);
    expect(stderr).toContain('Next  Did you mean task-api?\n');
  });

  test('show no secret that lies in the state folder', () => {
    const folder = project({ '.todoctl/local/secrets/postgres': 'correct-horse\n', '.todoctl/local/logs/postgres.log': 'FATAL: password "correct-horse" is wrong\n' });
    for (const args of [['logs'], ['logs', '--json']]) {
      const { stdout } = todoctl(folder, ...args);
      expect(stdout).toContain('***');
      expect(stdout).not.toContain('correct-horse');
    }
  });
});

describe('teardown of what a crash has left', () => {
  const LEFT = { '.todoctl/local/record.json': '{"version":1,"super', '.todoctl/local/ports.json': '{"ports":', '.todoctl/local/data/broker/meta.json': '{}', '.todoctl/local/secrets/postgres': '' };

  test('without --yes, and nobody to ask: refused, nothing is gone', () => {
    const folder = project(LEFT);
    const { stderr, exit } = todoctl(folder, 'teardown');
    expect(exit).not.toBe(0);
    expect(stderr).toContain('TODOCTL_NEEDS_YES');
    expect(existsSync(path.join(folder, '.todoctl/local/data/broker/meta.json'))).toBe(true);
  });

  test('--dry-run names what would go', () => {
    const folder = project(LEFT);
    expect(todoctl(folder, 'teardown', '--dry-run').stdout).toBe('Would remove local\n  4 files and folders of .todoctl/local: data, ports.json, record.json, secrets\n');
    expect(existsSync(path.join(folder, '.todoctl/local/data'))).toBe(true);
  });

  test('--keep-data keeps it and says so; then --yes removes the rest, and a third finds nothing', () => {
    const folder = project(LEFT);
    const kept = todoctl(folder, 'teardown', '--keep-data');
    expect(kept.exit).toBe(0);
    expect(kept.stdout.replace(/in [\d.]+ s/, 'in 0.1 s')).toMatchInlineSnapshot(`
      "Gone  local in 0.1 s
            1 file or folder of .todoctl/local: record.json
      Kept  3 files and folders of .todoctl/local: data, ports.json, secrets
      Left  nothing else
      "
    `);
    expect(readdirSync(path.join(folder, '.todoctl/local')).sort()).toEqual(['data', 'ports.json', 'secrets']);
    const gone = todoctl(folder, 'teardown', '--yes', '--json');
    expect((jsonOf(gone) as { removed: { name: string }[] }).removed.map(({ name }) => name)).toEqual(['.todoctl/local/data', '.todoctl/local/ports.json', '.todoctl/local/secrets']);
    expect(todoctl(folder, 'teardown').stdout).toBe('Nothing of local is here\n');
    expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
  });
});

test('an unknown environment is told with the nearest, and nothing is made', () => {
  const folder = project();
  for (const command of ['status', 'deploy']) {
    const { exit, stderr } = todoctl(folder, command, '--env', 'locla');
    expect([command, exit]).toEqual([command, 2]);
    expect(stderr).toContain('Did you mean --env local?');
  }
  expect(readdirSync(folder)).toEqual(['todoctl.yaml']);
});
