// The command itself as its own process, against a cluster that repeats whatever it is sent: stdout and stderr of each way it is run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { object, refused, scriptedCluster, TOKEN, type Script } from './scripted-cluster.ts';

const DEV = path.resolve(import.meta.dirname, '../../../../bin/dev.js');
const DEFINITION = `platform: todo
topics: { task-events: { key: task } }
services: { task-api: { publishes: [task-events] } }
environments: { prod: { provider: existing, context: mine, auth: { key: { env: TOKEN_KEY }, issuer: id, audience: todo } } }
`;
const all: Script = ({ headers, body }, response) => refused(response, 422, `${JSON.stringify(headers)} ${body.slice(0, 100)}`);
const WAYS: [string, Script, number][] = [
  ['that takes all', () => false, 6],
  ['that refuses all objects', (request, response) => request.method === 'PATCH' && all(request, response), 4],
  ['that is no API of Kubernetes', (request, response) => request.path === '/api' && all(request, response), 3],
  ['that does not know who asks', (_, response) => refused(response, 401, `unknown token ${TOKEN}`), 4],
];

test.each(WAYS.flatMap(([what, script, exit]) => [[], ['--json']].map((flags) => [what, flags.join(' '), script, exit, flags] as const)))('a cluster %s %s', async (_, __, script, exit, flags) => {
  const cwd = await temporaryFolder();
  const cluster = await scriptedCluster([object('ConfigMap', 'old', { data: { password: 'canary-of-a-map' } })], script);
  await writeFile(path.join(cwd, 'todoctl.yaml'), DEFINITION);
  await writeFile(path.join(cwd, 'config'), stringify({
    contexts: [{ name: 'mine', context: { cluster: 'c', user: 'u' } }], users: [{ name: 'u', user: { token: TOKEN } }],
    clusters: [{ name: 'c', cluster: { server: cluster.server.href, 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') } }],
  }));
  const env = { PATH: process.env['PATH'], KUBECONFIG: path.join(cwd, 'config'), TOKEN_KEY: 'canary-of-the-definition', TODOCTL_DEBUG: '1' };
  const child = spawn(process.execPath, [DEV, 'plan', '--env', 'prod', ...flags], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  expect([code, `${stdout}${stderr}`]).toEqual([exit, expect.not.stringContaining('canary')]);
  expect(`${stdout}${stderr}`.length).toBeGreaterThan(100);
  expect(cluster.asked.some(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true);
});
