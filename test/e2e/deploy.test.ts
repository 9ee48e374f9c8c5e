// One small platform through its whole life, by the real command line: PostgreSQL, broker, gateway and two services of the project's own.
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Health } from '../../cli/targets/target.ts';
import { createTestPlatform, ECHO_SERVICE, isAlive, listens, type TestPlatform } from '../support/platform.ts';

interface Wanted {
  replicas?: number;
  ports?: string;
  extra?: string;
}

const yaml = ({ replicas = 1, ports = '{}', extra = '' }: Wanted = {}): string => `platform: small
topics:
  task-events: { key: task, partitions: 3, retention: 7d }
services:
  echo: { route: /api, database: true, replicas: ${replicas} }
  page: { route: / }
${extra}environments:
  local: { provider: local, ports: ${ports} }
`;
const files = { 'services/echo/main.ts': ECHO_SERVICE, 'services/page/main.ts': ECHO_SERVICE };

const pidOf = (processes: readonly Health[], name: string): number | undefined => processes.find((process) => process.name === name)?.pid;
const pidsOf = (processes: readonly Health[]): Record<string, number | undefined> => Object.fromEntries(processes.map(({ name, pid }) => [name, pid]));
const changedSteps = (result: Awaited<ReturnType<TestPlatform['deploy']>>): string[] => result.steps.filter(({ is, step }) => is === 'changed' && step !== 'lock').map(({ step }) => step);

describe('a platform through its life', () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await createTestPlatform({ yaml: yaml(), files }); });
  afterAll(() => platform.dispose());

  test('before the first deploy: status says so, a dry run tells what would be made, and makes nothing', async () => {
    const status = await platform.run('status');
    expect(status).toMatchObject({ exit: 6, stdout: 'local is not deployed here\n\nNext  todoctl deploy\n' });
    const plan = await platform.run('deploy', '--dry-run');
    expect(plan.exit).toBe(0);
    expect(plan.stdout).toContain('PostgreSQL and Kafka: postgres, broker');
    expect(await readdir(platform.folder)).toEqual(['services', 'todoctl.yaml']);
    expect(await platform.run('events', 'tail', 'task-events')).toMatchObject({ exit: 3, stderr: expect.stringContaining('TODOCTL_NOT_DEPLOYED') as string });
  });

  test('deploy returns when all is ready, and leaves it running', async () => {
    const { running, changed } = await platform.deploy();
    expect(changed).toBeGreaterThan(5);
    const answer = (await (await fetch(new URL('/api/hello', running?.entrance))).json()) as { url: string; replica: string };
    expect(answer).toMatchObject({ url: '/api/hello', replica: 'echo-0' });
    const { ready, processes } = await platform.status();
    expect(ready).toBe(true);
    expect(processes.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['broker ready', 'echo-0 ready', 'gateway ready', 'page-0 ready', 'postgres ready', 'supervisor ready']);
  });

  test('secrets and state are for their owner alone, and no secret is in an argument or an environment', async () => {
    const state = path.join(platform.folder, '.todoctl/local');
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    const secrets = await readdir(path.join(state, 'secrets'));
    expect(secrets).toEqual(['database-url', 'postgres', 'todo-user']);
    const values: string[] = [];
    for (const name of secrets) {
      expect((await stat(path.join(state, 'secrets', name))).mode & 0o777).toBe(0o600);
      values.push((await readFile(path.join(state, 'secrets', name), 'utf8')).trim());
    }
    for (const pid of platform.pids()) {
      const seen = (await readFile(`/proc/${pid}/cmdline`, 'utf8')) + (await readFile(`/proc/${pid}/environ`, 'utf8'));
      for (const value of values) expect(seen).not.toContain(value);
    }
    expect(await readFile(path.join(platform.folder, '.todoctl/.gitignore'), 'utf8')).toBe('*\n');
  });

  test('a second deploy changes nothing and restarts nothing', async () => {
    const before = pidsOf((await platform.status()).processes);
    const result = await platform.deploy();
    expect(changedSteps(result)).toEqual([]);
    expect(result.changed).toBe(0);
    expect(pidsOf((await platform.status()).processes)).toEqual(before);
    expect((await platform.run('deploy', '--dry-run')).stdout).toBe('Nothing would change in local\n');
  });

  test('another number of replicas starts only those, and the gateway that must know them', async () => {
    const before = pidsOf((await platform.status()).processes);
    await platform.define(yaml({ replicas: 2 }));
    const plan = await platform.run('deploy', '--dry-run');
    expect(plan.stdout).toContain('echo-1');
    const result = await platform.deploy();
    expect(changedSteps(result).sort()).toEqual(['echo', 'gateway', 'ports']);
    const after = pidsOf((await platform.status()).processes);
    const { gateway: _, ...others } = before;
    expect(after).toMatchObject(others);
    expect(after['gateway']).not.toBe(before['gateway']);
    const replicas = await Promise.all([1, 2, 3, 4].map(async () => ((await (await fetch(new URL('/api', result.running?.entrance))).json()) as { replica: string }).replica));
    expect(new Set(replicas)).toEqual(new Set(['echo-0', 'echo-1']));
  });

  test('changed code restarts that service alone', async () => {
    const before = pidsOf((await platform.status()).processes);
    await platform.write('services/page/main.ts', ECHO_SERVICE.replace("process.env['REPLICA']", "'changed'"));
    const result = await platform.deploy();
    expect(changedSteps(result).sort()).toEqual(['code', 'page']);
    const after = pidsOf((await platform.status()).processes);
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['page-0']);
    expect(((await (await fetch(new URL('/', result.running?.entrance))).json()) as { replica: string }).replica).toBe('changed');
  });

  test('code that does not compile: nothing is changed, what runs goes on', async () => {
    const before = pidsOf((await platform.status()).processes);
    await platform.write('services/page/main.ts', 'const = 1;');
    const { exit, stderr } = await platform.run('deploy');
    expect(exit).toBe(3);
    expect(stderr).toContain('services/page/main.ts:1:7');
    expect(stderr).toContain('TODOCTL_BUNDLE_FAILED');
    expect(pidsOf((await platform.status()).processes)).toEqual(before);
    await platform.write('services/page/main.ts', ECHO_SERVICE);
    await platform.deploy();
  });

  test('a service that is taken out of todoctl.yaml is stopped', async () => {
    await platform.define(yaml({ replicas: 2 }).replace('  page: { route: / }\n', ''));
    const result = await platform.deploy();
    expect(changedSteps(result)).toContain('obsolete');
    expect(pidOf((await platform.status()).processes, 'page-0')).toBeUndefined();
    await platform.define(yaml({ replicas: 2 }));
    await platform.deploy();
  });

  test('topics can grow; fewer partitions are refused', async () => {
    await platform.define(yaml({ replicas: 2 }).replace('partitions: 3, retention: 7d', 'partitions: 5, retention: 1d'));
    expect(changedSteps(await platform.deploy())).toEqual(['topics']);
    await platform.define(yaml({ replicas: 2 }));
    expect(await platform.run('deploy')).toMatchObject({ exit: 3, stderr: expect.stringContaining('task-events has 5 partitions, todoctl.yaml says 3') as string });
    await platform.define(yaml({ replicas: 2 }).replace('partitions: 3', 'partitions: 5'));
    await platform.deploy();
  });

  test('kill -9 of a service: it comes back by itself, and status tells', async () => {
    const pid = pidOf((await platform.status()).processes, 'echo-0') ?? 0;
    process.kill(pid, 'SIGKILL');
    await untilGone(pid);
    const { processes } = await platform.waitReady();
    expect(pidOf(processes, 'echo-0')).not.toBe(pid);
    expect(processes.find(({ name }) => name === 'echo-0')?.restarts).toBe(1);
  });

  test('logs are merged, and a service stands for its replicas', async () => {
    const { stdout } = await platform.run('logs', 'echo', '--json');
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { process: string; msg: string; time: number });
    expect(new Set(lines.map(({ process }) => process))).toEqual(new Set(['echo-0', 'echo-1']));
    expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).sort((a, b) => a - b));
    expect(await platform.run('logs', 'ecko')).toMatchObject({ exit: 2, stderr: expect.stringContaining('Did you mean echo?') as string });
  });

  test('logs --follow shows what comes, and Ctrl-C ends it', async () => {
    const following = platform.start('logs', 'echo-0', '--follow', '--tail', '0');
    const line = once(following.child.stdout ?? following.child, 'data');
    const pid = pidOf((await platform.status()).processes, 'echo-0') ?? 0;
    process.kill(pid, 'SIGKILL');
    expect(String((await line)[0])).toContain('listening');
    following.child.kill('SIGINT');
    expect((await following.ended).exit).toBe(0);
    await platform.waitReady();
  });

  test('doctor finds nothing wrong', async () => {
    const { exit, stdout } = await platform.run('doctor');
    expect(stdout).toContain('Everything is fine');
    expect(exit).toBe(0);
  });

  test('teardown --keep-data, then deploy: the same ports, the same data', async () => {
    const before = (await platform.status()).entrance;
    const receipt = await platform.teardown('--keep-data');
    expect(receipt.kept.map(({ name }) => path.basename(name))).toEqual(['build', 'data', 'ports.json', 'secrets']);
    expect(platform.pids()).toEqual([]);
    expect((await platform.run('status')).exit).toBe(6);
    const result = await platform.deploy();
    expect(result.running?.entrance).toBe(before);
    expect(changedSteps(result)).not.toContain('topics');
    expect(changedSteps(result)).not.toContain('database');
  });

  test('teardown leaves no process, no port and no file, and says what it removed', async () => {
    const { processes } = await platform.status();
    const ports = processes.flatMap(({ port }) => (port === undefined ? [] : [port]));
    const receipt = await platform.teardown();
    expect(receipt.kept).toEqual([]);
    expect(receipt.removed.filter(({ kind }) => kind === 'process').map(({ name }) => name).sort()).toEqual([...processes.map(({ name }) => name), 'supervisor (guard)'].sort());
    expect(processes.filter(({ pid }) => pid !== undefined && isAlive(pid))).toEqual([]);
    expect(await Promise.all(ports.map(listens))).toEqual(ports.map(() => false));
    expect(existsSync(path.join(platform.folder, '.todoctl'))).toBe(false);
    expect(await platform.run('teardown')).toMatchObject({ exit: 0, stdout: 'Nothing of local is here\n' });
  });
});

describe('a deploy that is interrupted', () => {
  let platform: TestPlatform;
  afterEach(() => platform.dispose());

  test('by Ctrl-C: says that it was stopped, and goes on when it is run again', async () => {
    platform = await createTestPlatform({ yaml: yaml(), files });
    const deploying = platform.start('deploy');
    await deploying.says('PostgreSQL data directory');
    deploying.child.kill('SIGINT');
    const { exit, stderr } = await deploying.ended;
    expect(exit).toBe(130);
    expect(stderr).toContain('TODOCTL_INTERRUPTED');
    await platform.deploy();
    expect((await platform.status()).ready).toBe(true);
  });

  test.each(['Secrets', 'Supervisor', 'PostgreSQL data directory: initdb', 'PostgreSQL and Kafka', 'Topics', 'Database', 'Gateway'])('by kill -9 at "%s": the next one converges', async (moment) => {
    platform = await createTestPlatform({ yaml: yaml(), files });
    const deploying = platform.start('deploy');
    await deploying.says(moment);
    deploying.child.kill('SIGKILL');
    expect((await deploying.ended).exit).toBe(137);
    await platform.deploy();
    const { ready, processes } = await platform.status();
    expect(ready).toBe(true);
    expect(new Set(processes.map(({ name }) => name)).size).toBe(processes.length);
    const receipt = await platform.teardown();
    expect(receipt.kept).toEqual([]);
    expect(platform.pids()).toEqual([]);
  });

  test('while another one runs: refused, with who holds the lock', async () => {
    platform = await createTestPlatform({ yaml: yaml(), files });
    const first = platform.start('deploy');
    await first.says('initdb');
    const second = await platform.run('deploy');
    expect(second).toMatchObject({ exit: 3, stderr: expect.stringContaining(`pid ${first.child.pid}`) as string });
    expect(second.stderr).toContain('TODOCTL_LOCKED');
    expect((await first.ended).exit).toBe(0);
  });
});

describe('two on one machine', () => {
  const made: TestPlatform[] = [];
  const make = async (text: string): Promise<TestPlatform> => {
    const platform = await createTestPlatform({ yaml: text, files });
    made.push(platform);
    return platform;
  };
  afterEach(async () => { for (const platform of made.splice(0)) await platform.dispose(); });

  test('two checkouts run side by side, and the teardown of one leaves the other alone', async () => {
    const [one, two] = [await make(yaml()), await make(yaml())];
    await one.deploy();
    const { running } = await two.deploy();
    await one.teardown();
    expect((await two.status()).ready).toBe(true);
    expect((await fetch(new URL('/api/health', running?.entrance))).status).toBe(200);
  });

  test('fixed ports are used; one that is taken is refused with its holder, before anything is changed', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const platform = await make(yaml({ ports: `{ entrance: ${port} }` }));
    const { exit, stderr } = await platform.run('deploy');
    expect(exit).toBe(3);
    expect(stderr).toContain(`Port ${port} (entrance) is taken by`);
    expect(stderr).toContain(`(pid ${process.pid})`);
    expect(existsSync(path.join(platform.folder, '.todoctl'))).toBe(false);
    holder.close();
    await once(holder, 'close');
    expect((await platform.deploy()).running?.entrance).toBe(`http://127.0.0.1:${port}/`);
    // Held by itself is not taken.
    expect((await platform.deploy()).changed).toBe(0);
  });

  test('a free port that was taken meanwhile is exchanged for another', async () => {
    const platform = await make(yaml());
    const first = await platform.deploy();
    await platform.teardown('--keep-data');
    const holder = createServer().listen(Number(new URL(first.running?.entrance ?? '').port), '127.0.0.1');
    await once(holder, 'listening');
    const second = await platform.deploy();
    expect(second.running?.entrance).not.toBe(first.running?.entrance);
    holder.close();
  });
});

describe('what stops a deploy before it begins', () => {
  let platform: TestPlatform;
  afterEach(() => platform.dispose());
  const refused = async (): Promise<string> => {
    const { exit, stderr } = await platform.run('deploy');
    expect(exit).toBe(3);
    expect(existsSync(path.join(platform.folder, '.todoctl'))).toBe(false);
    return stderr;
  };

  test('no free space', async () => {
    platform = await createTestPlatform({ yaml: yaml(), files, env: { TODOCTL_MIN_FREE_MB: '999999999' } });
    expect(await refused()).toContain('TODOCTL_DISK_FULL');
    expect((await platform.run('doctor')).stdout).toContain('failed  Free disk space');
  });

  test('a service without code, and a daprd that is not there: both at once', async () => {
    platform = await createTestPlatform({ yaml: yaml({ extra: '  ghost: {}\n' }).replace('ports: {}', 'dapr: { binary: ./nowhere/daprd }'), files });
    const stderr = await refused();
    expect(stderr).toContain('TODOCTL_SERVICE_MISSING');
    expect(stderr).toContain('TODOCTL_DAPRD_MISSING');
  });

  test('a Kafka of one\'s own that does not answer', async () => {
    platform = await createTestPlatform({ yaml: yaml().replace('ports: {}', 'kafka: { bootstrap: "127.0.0.1:1" }'), files });
    expect(await refused()).toContain('No Kafka answers at 127.0.0.1:1');
  });

  test('a PostgreSQL of one\'s own whose URL is not set', async () => {
    platform = await createTestPlatform({ yaml: yaml().replace('ports: {}', 'postgres: { url: { env: NOBODY_SET_THIS } }'), files });
    expect(await refused()).toContain('The environment variable NOBODY_SET_THIS is not set');
  });
});

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}
