// The four commands as processes: parsing, exit codes, pipes and Ctrl-C, on the embedded broker.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Client, values } from '../../contract/kafka/client.ts';
import { type EmbeddedKafka, startEmbedded } from '../../contract/kafka/embedded.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DEV = path.resolve(import.meta.dirname, '../../../bin/dev.js');

let kafka: EmbeddedKafka;
let client: Client;
let cwd: string;

beforeAll(async () => {
  kafka = await startEmbedded();
  client = await Client.dial(kafka.bootstrap);
  cwd = mkdtempSync(path.join(tmpdir(), 'todoctl-events-'));
  const [host, port] = kafka.bootstrap.split(':');
  mkdirSync(path.join(cwd, '.todoctl/local'), { recursive: true });
  writeFileSync(path.join(cwd, 'todoctl.yaml'), 'platform: todo\nenvironments: { local: { provider: local } }\n');
  writeFileSync(path.join(cwd, '.todoctl/local/ports.json'), JSON.stringify({ ports: { entrance: 1 }, bootstrap: [{ host, port: Number(port) }] }));
});
afterAll(async () => {
  client.close();
  await kafka.stop();
  rmSync(cwd, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Running {
  child: ChildProcess;
  out(): string;
  ended: Promise<Ended>;
}

function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [DEV, 'events', ...args], { cwd, env: { PATH: process.env['PATH'] }, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, out: () => stdout, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })) };
}

async function run(args: readonly string[], stdin = ''): Promise<Ended> {
  const running = start(...args);
  running.child.stdin?.end(stdin);
  return running.ended;
}

async function topicWith(...texts: string[]): Promise<string> {
  const topic = await client.newTopic(1);
  if (texts.length > 0) await client.produce(topic, values(...texts));
  return topic;
}

describe('events tail', () => {
  test('data on stdout, talk on stderr, exit 0', async () => {
    const topic = await topicWith('a', 'b');
    const { code, stdout, stderr } = await run(['tail', topic, '--no-follow', '--format', '%o %v']);
    expect(stdout).toBe('0 a\n1 b\n');
    expect(stderr).toBe(`Reading ${topic} (partition 0) of Kafka at local (${kafka.bootstrap}) from the beginning; to the end\n2 events seen; ended: the end\n`);
    expect(code).toBe(0);
  });

  test('--json is one object per line', async () => {
    const topic = await topicWith('{"a":1}', 'text');
    const { stdout } = await run(['tail', topic, '--no-follow', '--json']);
    expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as { value: unknown }).value)).toEqual([{ a: 1 }, 'text']);
  });

  test('a reader that has read enough ends it with exit 0', async () => {
    const topic = await topicWith(...Array.from({ length: 2000 }, (_, number) => `event ${number} ${'x'.repeat(500)}`));
    const running = start('tail', topic, '--no-follow', '--format', 'raw');
    running.child.stdout?.once('data', () => running.child.stdout?.destroy());
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain('EPIPE');
  });

  test('Ctrl-C ends a follower with exit 0, and it says how many were seen', async () => {
    const topic = await topicWith('first');
    const running = start('tail', topic, '--format', '%v');
    await vi.waitFor(() => expect(running.out()).toBe('first\n'), 20_000);
    await client.produce(topic, values('second'));
    await vi.waitFor(() => expect(running.out()).toBe('first\nsecond\n'), 20_000);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(stderr).toContain('2 events seen; ended: you stopped it\n');
    expect(code).toBe(0);
  });

  test('what waits on stdin is never taken for a topic', async () => {
    const { code, stderr } = await run(['tail'], 'task-events\n');
    expect(code).toBe(2);
    expect(stderr).toContain('TODOCTL_USAGE');
  });

  test('a broken --where has a caret under the place and exit 2', async () => {
    const { code, stdout, stderr } = await run(['tail', 'any', '--where', 'data.priority = high and']);
    expect(stderr).toContain('      data.priority = high and\n                              ^\n');
    expect(stderr).toContain('TODOCTL_WHERE_SYNTAX');
    expect([code, stdout]).toEqual([2, '']);
  });

  test.each([
    [['--since', '2099-01-01'], 'TODOCTL_TIME_IN_FUTURE'],
    [['--since', 'soon'], 'TODOCTL_TIME_SYNTAX'],
    [['--since', '1h', '--from', 'end'], 'TODOCTL_USAGE'],
    [['--last', '5', '--from', 'end'], 'TODOCTL_USAGE'],
    [['--partition', '7', '--no-follow'], 'TODOCTL_PARTITION_UNKNOWN'],
    [['--limit', '-1'], 'TODOCTL_USAGE'],
  ])('%j is refused with %s', async (flags, code) => {
    const topic = await topicWith();
    const ended = await run(['tail', topic, ...flags, '--json']);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  });
});

describe('events publish', () => {
  test('takes an event from stdin and says where it went', async () => {
    const topic = await topicWith();
    const sent = await run(['publish', topic, '--file', '-', '--key', 'k1', '--json'], '{"specversion":"1.0","type":"task.created.v1","data":{"title":"milk"}}');
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({ topic, partition: 0, offset: 0, key: 'k1', type: 'task.created.v1' });
    expect((await run(['tail', topic, '--no-follow', '--format', '%k %v{data.title}'])).stdout).toBe('k1 milk\n');
  });

  test('says it for a person too', async () => {
    const topic = await topicWith();
    const { stdout } = await run(['publish', topic, '--data', '{}', '--type', 'x.v1']);
    expect(stdout).toMatch(new RegExp(`^Published x\\.v1 to ${topic}/0@0 id [-0-9a-f]{36}, no key\n$`));
  });

  test.each([
    [['--data', '{}'], 'TODOCTL_EVENT_INVALID'],
    [['--type', 'x.v1'], 'TODOCTL_USAGE'],
    [['--data', '{}', '--file', '-'], 'TODOCTL_USAGE'],
  ])('%j is refused with %s', async (flags, code) => {
    const ended = await run(['publish', 'any', ...flags, '--json']);
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  });
});

describe('events topics and lag', () => {
  test('say what there is, for programs and for people', async () => {
    const topic = await topicWith('a');
    const { topics } = JSON.parse((await run(['topics', '--json'])).stdout) as { topics: { topic: string; messages: number }[] };
    expect(topics.find((row) => row.topic === topic)).toMatchObject({ partitions: 1, messages: 1, groups: [] });
    expect((await run(['topics'])).stdout).toMatch(/^TOPIC +PARTITIONS +KEY +RETENTION +MESSAGES +GROUPS\n/);
    expect(JSON.parse((await run(['lag', '--json'])).stdout)).toEqual({ total: 0, groups: [] });
    expect((await run(['lag', 'nobody'])).stderr).toContain('TODOCTL_GROUP_UNKNOWN');
  });

  test('say that no broker answers, with exit 3', async () => {
    const folder = await temporaryFolder();
    mkdirSync(path.join(folder, '.todoctl/local'), { recursive: true });
    writeFileSync(path.join(folder, 'todoctl.yaml'), 'platform: todo\n');
    writeFileSync(path.join(folder, '.todoctl/local/ports.json'), JSON.stringify({ ports: { entrance: 1 }, bootstrap: [{ host: '127.0.0.1', port: 1 }] }));
    const child = spawn(process.execPath, [DEV, 'events', 'topics', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TODOCTL_KAFKA_UNREACHABLE', details: [expect.stringContaining('127.0.0.1:1: connect ECONNREFUSED')] } });
  });
});
