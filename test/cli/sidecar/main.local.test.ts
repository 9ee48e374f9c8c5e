import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../../support/free-ports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../cli/sidecar/main.ts');

interface Started {
  child: ChildProcess;
  url: string;
  folder: string;
  /** Exit code and log lines, once it has ended. */
  ended: Promise<{ code: number | null; lines: Record<string, unknown>[] }>;
}

/** Starts the process on these resource files, in a folder of its own that is also its working directory. */
async function start(files: Record<string, string>, app: object = {}): Promise<Started> {
  const folder = await temporaryFolder();
  const [appPort, httpPort] = (await freePorts(2)) as [number, number];
  await mkdir(path.join(folder, 'resources'));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, 'resources', name), content);
  const config = path.join(folder, 'sidecar.json');
  const port = (app as { httpPort?: number }).httpPort ?? httpPort;
  await writeFile(config, JSON.stringify({ resourcesPath: 'resources', apps: [{ appId: 'audit', podName: 'audit-0', appPort, httpPort, ...app }] }));
  const child = spawn(process.execPath, [MAIN, '--config', config], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines: output.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>),
  }));
  return { child, folder, ended, url: `http://127.0.0.1:${port}` };
}

async function answers(url: string, path = '/v1.0/healthz/outbound'): Promise<Response> {
  return until('the sidecar answers', () => fetch(url + path, { headers: { connection: 'close' } }).catch(() => undefined));
}

const component = (spec: string): string => `apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: it }\nspec: ${spec}\n`;

describe('the sidecar process', () => {
  it('answers, logs JSON lines, and ends with 0 when it is told to', async () => {
    const { child, url, ended } = await start({});
    expect((await answers(url)).status).toBe(204);
    child.kill('SIGTERM');
    const { code, lines } = await ended;
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ level: 30, name: 'sidecar', msg: expect.stringMatching(/^ready after \d+ ms$/) as unknown });
  });

  it('ends when its own API is asked to', async () => {
    const { url, ended } = await start({});
    await answers(url);
    expect((await fetch(`${url}/v1.0/shutdown`, { method: 'POST' })).status).toBe(204);
    expect((await ended).code).toBe(0);
  });

  it('finds a relative secrets file in its working directory', async () => {
    const { folder, url, child, ended } = await start({ 'secrets.yaml': component('{ type: secretstores.local.file, metadata: [{ name: secretsFile, value: ../own.json }] }') });
    expect(await ended).toMatchObject({ code: 1, lines: [{ level: 50, msg: 'resources/secrets.yaml: Component it: ../own.json: ENOENT' }] });
    expect([folder, url, child.exitCode]).toHaveLength(3);
  });

  it.each([
    ['an unknown type', component('{ type: pubsub.redis }'), 'resources/a.yaml: Component it: the local sidecar has no pubsub.redis; it has pubsub.kafka, state.postgresql, secretstores.local.file'],
    ['the old state store', component('{ type: state.postgresql, version: v1, metadata: [{ name: connectionString, value: x }] }'), 'resources/a.yaml: Component it: state.postgresql v1 is not supported by the local sidecar; use version: v2'],
    ['no broker', component('{ type: pubsub.kafka, metadata: [{ name: authType, value: none }] }'), 'resources/a.yaml: Component it: missing brokers'],
    ['a bad table name', component('{ type: state.postgresql, version: v2, metadata: [{ name: connectionString, value: x }, { name: tablePrefix, value: "a;b" }] }'), 'resources/a.yaml: Component it: invalid identifier: a;bstate'],
    ['no YAML', 'kind: [', 'resources/a.yaml: '],
  ])('refuses %s with one line that names the file', async (_what, yaml, message) => {
    const { code, lines } = await (await start({ 'a.yaml': yaml })).ended;
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.['msg']).toContain(message);
    expect(lines[0]?.['msg']).not.toContain('    at ');
  });

  it('ends when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, lines } = await (await start({}, { httpPort: port })).ended;
    expect(code).toBe(1);
    expect(lines[0]?.['msg']).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  });

  it('ends when its state store cannot be reached, and keeps the password out of its log', async () => {
    const url = 'postgres://user:very-secret@127.0.0.1:1/db';
    const { code, lines } = await (await start({ 'a.yaml': component(`{ type: state.postgresql, version: v2, metadata: [{ name: connectionString, value: "${url}" }] }`) })).ended;
    expect(code).toBe(1);
    expect(lines[0]?.['msg']).toContain('ECONNREFUSED');
    expect(JSON.stringify(lines)).not.toContain('very-secret');
  });

  it('reads tokens from files and never logs them', async () => {
    const token = path.join(await temporaryFolder(), 'token');
    await writeFile(token, 'api-secret-word\n', { mode: 0o600 });
    const { child, url, ended } = await start({}, { daprApiToken: { file: token }, appApiToken: { file: token } });
    await answers(url);
    expect((await fetch(`${url}/v1.0/metadata`)).status).toBe(401);
    expect((await fetch(`${url}/v1.0/metadata`, { headers: { 'dapr-api-token': 'api-secret-word' } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(JSON.stringify(await ended)).not.toContain('api-secret-word');
  });
});
