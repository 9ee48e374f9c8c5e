// Known texts stand wherever a secret can be: behind the names of the definition, in the kubeconfig, in live objects, in what Helm keeps.
// Nothing that a plan says, in whichever form, and no error has any of them.
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPlatform } from '../../../../cli/definition/load.ts';
import type { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import type { Resource } from '../../../../cli/kubernetes/discovery.ts';
import { identityOf, type KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import type { Context } from '../../../../cli/operations/context.ts';
import type { Desired } from '../../../../cli/targets/cluster/compare/desired.ts';
import { plan, type PlanResult } from '../../../../cli/operations/plan/plan.ts';
import { render } from '../../../../cli/operations/render/render.ts';
import { SYSTEM_SCHEMAS } from '../../../../cli/systems/all.ts';
import { errorText } from '../../../../cli/views/error.ts';
import { planText } from '../../../../cli/views/plan.ts';
import { desiredIn } from '../../../support/applied.ts';
import { selfSigned } from '../../../support/certificate.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, plainIo, targetWith } from '../stage.ts';
import { type Cluster, cut, refused, resource, type Script, scriptedCluster } from './scripted-cluster.ts';

/** Twelve letters, so that it stays in one piece in base64 too. */
const MARK = 'canary9d41f7';
const canary = (what: string): string => `${MARK}-${what}`;
const CLIENT = selfSigned('me');
/** What must be nowhere: the mark, the mark in base64, and each line of the client's key. */
const SECRETS = [MARK, Buffer.from(MARK).toString('base64'), ...CLIENT.key.split('\n').filter((line) => /^[\w+/=]{16,}$/.test(line))];

const DEFINITION = `platform: todo
topics:
  task-events: { key: task, partitions: 3 }
services:
  task-api: { route: /api, publishes: [task-events], database: true }
  audit: { subscribes: [task-events] }
environments:
  prod:
    provider: existing
    context: mine
    auth: { key: { env: CANARY_AUTH }, issuer: id, audience: todo }
    postgres: { url: { env: CANARY_DATABASE } }
    registry: { server: ghcr.io, repository: todo, credentials: { file: registry-password } }
    monitoring: { slack: { webhook: { env: CANARY_SLACK } }, email: { to: [a@example.com], from: b@example.com, smarthost: 'mail:587', username: me, password: { env: CANARY_MAIL } } }
`;

let cwd: string;
let desired: Desired;
let resources: Resource[];

beforeEach(async () => {
  cwd = await temporaryFolder();
  await Promise.all([writeFile(path.join(cwd, 'todoctl.yaml'), DEFINITION), writeFile(path.join(cwd, 'registry-password'), canary('registry'))]);
  desired = await desiredIn(await loadPlatform({ cwd, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS }));
  const kinds = new Map(desired.objects.map(({ object: { apiVersion, kind, metadata } }) => [`${apiVersion} ${kind}`, resource(apiVersion, kind, { namespaced: metadata.namespace !== undefined })]));
  resources = [...new Map([...kinds, ['v1 Secret', resource('v1', 'Secret')], ['v1 Job', resource('batch/v1', 'Job')]]).values()];
});

/** Everything as it is declared, and by somebody’s hand a secret in every place that can hold one. */
function live(): KubernetesObject[] {
  const tampered = desired.objects.map(({ object }) => tamper(structuredClone(object)));
  const namespaces = [...new Set(desired.releases.map(({ namespace }) => namespace))].filter((name) => !tampered.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name));
  const labels = { 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'prod', 'todoctl.io/system': 'app' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'by-hand', namespace: 'todo', labels }, data: { key: Buffer.from(canary('data')).toString('base64') } };
  // Nothing renders it: it would go.
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'by-hand', namespace: 'todo', labels }, spec: { template: { spec: { containers: [{ name: 'x', env: [{ name: 'X', value: canary('job') }] }] } } } };
  return [...tampered, ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })), secret, job, ...desired.releases.map(recordOf)];
}

function tamper(object: KubernetesObject): KubernetesObject {
  object.metadata.annotations = { ...object.metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { x: canary('last-applied') } }) };
  if (object.kind === 'ConfigMap') object['data'] = { ...(object['data'] as object), address: `https://me:${canary('in-a-url')}@example.com`, password: canary('by-name') };
  const pod = (object['spec'] as { template?: { spec?: { containers?: { env?: object[]; args?: string[] }[] } } } | undefined)?.template?.spec;
  for (const container of pod?.containers ?? []) container.env = [...(container.env ?? []), { name: 'DB_PASSWORD', value: canary('env') }, { name: 'HARMLESS', value: canary('env-of-a-plain-name') }];
  pod?.containers?.push({ env: [{ name: 'HARMLESS', value: canary('env-of-a-container') }] });
  return object;
}

/** What Helm keeps of a release that was given secrets as values. */
function recordOf({ release, namespace, chart, version, values }: Desired['releases'][number]): KubernetesObject {
  const config = { ...(values as object), auth: { password: canary('value') }, env: [{ name: 'X', value: canary('value-of-env') }], grafana: { adminPassword: canary('grafana') } };
  const record = JSON.stringify({ chart: { metadata: { name: chart.split('/').at(-1), version } }, config });
  return {
    apiVersion: 'v1', kind: 'Secret', metadata: { name: `sh.helm.release.v1.${release}.v1`, namespace, labels: { owner: 'helm', name: release, status: 'deployed', version: '1' } },
    data: { release: Buffer.from(gzipSync(record).toString('base64')).toString('base64') },
  };
}

const USERS: [string, () => Promise<object>][] = [
  ['a token', async () => ({ token: canary('token') })],
  ['a file of a token', async () => {
    await writeFile(path.join(cwd, 'token'), canary('token-of-a-file'));
    return { tokenFile: 'token' };
  }],
  ['a password', async () => ({ username: 'me', password: canary('password') })],
  ['a client certificate', async () => ({ 'client-certificate-data': Buffer.from(CLIENT.cert).toString('base64'), 'client-key-data': Buffer.from(CLIENT.key).toString('base64') })],
  ['a program', async () => {
    const command = path.join(cwd, 'plugin');
    await writeFile(command, `#!/bin/sh\necho "{\\"status\\": {\\"token\\": \\"$GIVEN\\"}}"\n`);
    await chmod(command, 0o755);
    return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', env: [{ name: 'GIVEN', value: canary('token-of-a-plugin') }] } };
  }],
];

async function kubeconfig({ server, ca }: Pick<Cluster, 'server' | 'ca'>, user: object): Promise<string> {
  const file = path.join(cwd, 'kubeconfig');
  await writeFile(file, stringify({
    'current-context': 'mine', contexts: [{ name: 'mine', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: server.href, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }], users: [{ name: 'u', user }],
  }));
  return file;
}

/** All environment variables that the definition names hold a secret. */
function contextHere(redactor = new Redactor()): Context {
  const names = ['CANARY_AUTH', 'CANARY_DATABASE', 'CANARY_SLACK', 'CANARY_MAIL'];
  return { ...contextOn(targetWith()), io: { ...plainIo, redactor }, env: { PATH: process.env['PATH'], ...Object.fromEntries(names.map((name) => [name, canary(name)])) }, cwd, environment: 'prod' };
}

/** All that a person or a program gets to see of a plan, as the command prints it. */
function shown(result: PlanResult, redactor: Redactor): string {
  return [planText(result, cwd, { colour: false, columns: 10_000 }), planText(result, cwd, { colour: true, columns: 80 }), JSON.stringify(result, null, 2)].map((text) => redactor.redact(text)).join('\n');
}
function shownOf(error: TodoctlError, redactor: Redactor): string {
  return [errorText(error, { colour: false, columns: 10_000 }), JSON.stringify(error), String(error.stack)].map((text) => redactor.redact(text)).join('\n');
}
const leaks = (text: string): string[] => SECRETS.filter((secret) => text.includes(secret));

describe('a plan', () => {
  test.each(USERS)('against a cluster full of secrets, by %s', async (_, user) => {
    const redactor = new Redactor();
    const cluster = await scriptedCluster(live(), undefined, resources);
    const result = await plan(contextHere(redactor), { kubeconfig: await kubeconfig(cluster, await user()) });
    const text = shown(result, redactor);
    expect(text.split('\n').filter((l) => leaks(l).length > 0).slice(0, 5)).toEqual([]);
    // The secrets were in reach: all that holds one is told as changed, and masked.
    const masked = result.changes.filter(({ fields }) => fields.some((field) => field.masked));
    expect(masked.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Deployment', 'HelmRelease']));
    expect(result.changes).toContainEqual(expect.objectContaining({ action: 'prune', kind: 'Job', name: 'by-hand' }));
    expect(cluster.asked.length).toBeGreaterThan(desired.objects.length);
    expect(text).toContain('changed, masked');
  });

  test('by a reader, who compares what is declared', async () => {
    const redactor = new Redactor();
    const readOnly: Script = ({ method, path: at }, response) => method === 'PATCH' && refused(response, 403, `${at} is forbidden: User "me" cannot patch resource "x"`);
    const cluster = await scriptedCluster(live(), readOnly, resources);
    const result = await plan(contextHere(redactor), { kubeconfig: await kubeconfig(cluster, { token: canary('token') }) });
    expect([result.approximate, leaks(shown(result, redactor))]).toEqual([true, []]);
  });

  test('against a render that somebody wrote secrets into, and one of nothing', async () => {
    await render(contextHere(), { only: [], out: undefined, check: false });
    const { object } = desired.objects.find(({ object: { kind } }) => kind === 'Deployment') as Desired['objects'][number];
    const index = path.join(cwd, 'rendered/prod');
    const all = (await readdir(index, { recursive: true })).filter((file) => file.includes('deployment') && file.endsWith('.yaml'));
    await Promise.all(all.map((file) => writeFile(path.join(index, file), stringify(tamper(structuredClone(object))))));
    const redactor = new Redactor();
    const result = await plan(contextHere(redactor), { against: 'rendered/prod' });
    expect([all.length > 0, result.changes.length > 0, leaks(shown(result, redactor))]).toEqual([true, true, []]);
    expect(leaks(shown(await plan(contextHere(), { kubeconfig: await kubeconfig(await scriptedCluster([], undefined, resources), { token: canary('token') }) }), new Redactor()))).toEqual([]);
  });
});

describe('an error', () => {
  const all = (request: Parameters<Script>[0]): string => JSON.stringify([request.headers, request.body.slice(0, 2000), decodeURIComponent(String(request.headers.authorization)), Buffer.from(String(request.headers.authorization).replace('Basic ', ''), 'base64').toString()]);
  const WAYS: [string, Script][] = [
    ['a refusal of an object that repeats all that was sent', (request, response) => request.method === 'PATCH' && refused(response, 422, all(request))],
    ['a refusal that repeats what is there', ({ method }, response) => method === 'PATCH' && refused(response, 422, `spec.template: Invalid value: core.PodTemplateSpec{Env: {Value:"${canary('go')}"}}: field is immutable`)],
    ['a list that fails and repeats all', (request, response) => request.query.has('limit') && refused(response, 500, all(request))],
    ['a cluster that does not say its kinds', (request, response) => request.path === '/apis' && refused(response, 403, all(request))],
    ['a proxy that answers with a page', (request, response) => request.path === '/api' && Boolean(response.writeHead(502).end(`<pre>${all(request)}</pre>`))],
    ['credentials that are not known', (request, response) => refused(response, 401, all(request))],
    ['a connection that breaks off', ({ method }, response) => method === 'PATCH' && cut(response)],
  ];

  describe.each(USERS)('by %s', (_, user) => {
    test.each(WAYS)('%s', async (__, script) => {
      const redactor = new Redactor();
      const cluster = await scriptedCluster(live(), script, resources);
      const error = await refusal(plan(contextHere(redactor), { kubeconfig: await kubeconfig(cluster, await user()) }));
      expect(leaks(shownOf(error, redactor))).toEqual([]);
      expect(error.code).toMatch(/^TODOCTL_CLUSTER_/);
    });
  });

  const fake = { server: new URL('https://127.0.0.1:9'), ca: CLIENT.cert };
  test.each<[string, string, (text: string) => string]>([
    ['a kubeconfig that is no YAML', 'TODOCTL_KUBECONFIG_BROKEN', (text) => text.replace('token: ', 'token: "')],
    ['a kubeconfig with a key twice', 'TODOCTL_KUBECONFIG_BROKEN', (text) => text.replace(/( *)token: (.*)/, '$1token: $2\n$1token: $2')],
    ['a context that is not there', 'TODOCTL_CONTEXT_UNKNOWN', (text) => text.replace('name: mine', 'name: yours')],
    ['a user that is not there', 'TODOCTL_KUBECONFIG_BROKEN', (text) => text.replace('name: u', 'name: v')],
    ['a cluster without an address', 'TODOCTL_KUBECONFIG_BROKEN', (text) => text.replace(/server: .*/, 'server: nowhere')],
    ['an authority that is not to be read', 'TODOCTL_CLUSTER_UNREACHABLE', (text) => text.replace(/certificate-authority-data: .*/, 'certificate-authority-data: eA==')],
    ['nobody there', 'TODOCTL_CLUSTER_UNREACHABLE', (text) => text],
  ])('%s', async (_, code, change) => {
    const redactor = new Redactor();
    const file = await kubeconfig(fake, { token: canary('token'), 'client-key-data': Buffer.from(CLIENT.key).toString('base64') });
    await writeFile(file, change(await readFile(file, 'utf8')));
    const error = await refusal(plan(contextHere(redactor), { kubeconfig: file }));
    expect([error.code, leaks(shownOf(error, redactor))]).toEqual([code, []]);
  });

  test('a program that fails and says all that it knows', async () => {
    const command = path.join(cwd, 'plugin');
    await writeFile(command, '#!/bin/sh\necho "$AWS_SECRET" >&2\nexit 1\n');
    await chmod(command, 0o755);
    const redactor = new Redactor();
    const file = await kubeconfig(fake, { exec: { command: './plugin', env: [{ name: 'AWS_SECRET', value: canary('env-of-a-plugin') }] } });
    const error = await refusal(plan(contextHere(redactor), { kubeconfig: file }));
    expect([error.code, leaks(shownOf(error, redactor))]).toEqual(['TODOCTL_CREDENTIALS_FAILED', []]);
  });
});

test('all live objects have a secret that a plan could show', () => {
  const holding = live().filter((object) => leaks(JSON.stringify(object)).length > 0 || object.kind === 'Secret').map(identityOf);
  expect(holding.length).toBeGreaterThanOrEqual(desired.objects.length);
});
