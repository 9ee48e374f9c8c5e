// `todoctl cluster …` and `sweep` as whole commands at 80 columns, against a simulated DigitalOcean.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ClusterSummary } from '../../../cli/providers/provider.ts';
import { type ApiBehind, startApiBehind } from '../providers/digitalocean/api-behind.ts';
import { addOthers } from '../../simulators/digitalocean/others.ts';
import { type DigitalOcean, startDigitalOcean } from '../../simulators/digitalocean/start.ts';
import { newVolume } from '../../simulators/digitalocean/volumes.ts';
import { newVpc } from '../../simulators/digitalocean/vpcs.ts';
import { PACKAGE } from '../../support/platform.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

interface Said {
  exit: number | null;
  stdout: string;
  stderr: string;
}

/** Milliseconds; commands go by the time of this machine. */
const QUICK = { cluster: 300, nodes: 100, upgrade: 300, clusterGone: 200, member: 0, loadBalancer: 0, loadBalancerGone: 0, volumeGone: 0 };
const PROD = { provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-2vcpu-4gb', count: 2 }, auth: { jwks: 'https://id.example.com/keys' } };
/** Many commands in one test, each a process. */
const PATIENCE_MS = 240_000;
let account: DigitalOcean;
let behind: ApiBehind;

beforeAll(async () => {
  behind = await startApiBehind();
  account = await startDigitalOcean({ speed: 1, start: Date.now(), durations: QUICK, behind: () => ({ server: behind.server, ca: behind.ca, token: () => behind.token }), limits: { perMinute: 100_000, perHour: 1_000_000 } });
});
afterAll(async () => {
  await behind[Symbol.asyncDispose]();
  await account[Symbol.asyncDispose]();
});

const define = (folder: string, environments: object): Promise<void> =>
  writeFile(path.join(folder, 'todoctl.yaml'), stringify({ platform: 'todo', topics: {}, services: { audit: { route: '/', database: true } }, environments: { local: { provider: 'local' }, ...environments } }));

async function project(environments: object = { prod: PROD }): Promise<string> {
  const folder = await temporaryFolder();
  await define(folder, environments);
  return folder;
}

/** UUIDs, tokens' places and times are what differs from run to run. */
async function todoctl(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const child = spawn(process.execPath, [path.join(PACKAGE, 'bin/dev.js'), ...args], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TZ: 'UTC', HOME: folder, DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: account.token, ...env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [exit] = (await once(child, 'close')) as [number | null];
  const told = (text: string): string => text.replaceAll(folder, '/project').replaceAll(behind.server, 'https://cluster').replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replaceAll(/\b\d+(?:\.\d+)? s\b/g, '1 s');
  return { exit, stdout: told(said.stdout), stderr: told(said.stderr) };
}

const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shape(one)])) : typeof value;
};

describe('what is refused, with the next step and nothing changed', { timeout: PATIENCE_MS }, () => {
  const environment = (more: object): object => ({ prod: { ...PROD, ...more } });
  const REFUSED: [what: string, args: string[], exit: number, code: string, says: string, environments?: object, env?: NodeJS.ProcessEnv][] = [
    ['an unknown environment', ['cluster', 'create', '--env', 'prdo'], 2, 'TODOCTL_ENVIRONMENT_UNKNOWN', 'prod'],
    ['an environment on this machine', ['cluster', 'show', '--env', 'local'], 3, 'TODOCTL_PROVIDER_UNSUPPORTED', 'prod'],
    ['a cluster that todoctl does not make', ['cluster', 'create', '--env', 'far'], 3, 'TODOCTL_PROVIDER_UNSUPPORTED', 'neither makes nor changes', { far: { provider: 'existing', context: 'a', auth: PROD.auth } }],
    ['no token', ['cluster', 'create', '--env', 'prod'], 3, 'TODOCTL_DIGITALOCEAN_NO_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', { prod: PROD }, { DIGITALOCEAN_ACCESS_TOKEN: '' }],
    ['a token that nobody knows', ['cluster', 'list'], 4, 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED', 'Unable to authenticate', { prod: PROD }, { DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_0' }],
    ['a region that there is not', ['cluster', 'create', '--env', 'prod'], 2, 'TODOCTL_DIGITALOCEAN_REGION_UNKNOWN', 'nyc3', environment({ region: 'nyc33' })],
    ['a size that there is not', ['cluster', 'create', '--env', 'prod'], 2, 'TODOCTL_DIGITALOCEAN_SIZE_UNKNOWN', 's-2vcpu-4gb', environment({ nodes: { size: 's-2vcpu-44gb', count: 2 } })],
    ['a version that there is not', ['cluster', 'create', '--env', 'prod'], 2, 'TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN', '1.36.1-do.0', environment({ controlPlane: { version: '1.21' } })],
    ['a database that there is not', ['cluster', 'create', '--env', 'prod'], 2, 'TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN', 'db-s-1vcpu-1gb', environment({ postgres: { provider: 'digitalocean', size: 'db-s-99vcpu-1gb' } })],
    ['more nodes than the account may have', ['cluster', 'create', '--env', 'prod'], 3, 'TODOCTL_DIGITALOCEAN_LIMIT', '25', environment({ nodes: { size: 's-2vcpu-4gb', count: 2, max: 26 } })],
    ['a protected environment without --yes', ['cluster', 'create', '--env', 'prod'], 2, 'TODOCTL_NEEDS_YES', '--yes', environment({ protected: true })],
    ['a deploy of it', ['deploy', '--env', 'prod'], 2, 'TODOCTL_NEEDS_YES', '--yes', environment({ protected: true })],
    ['a deploy without a token', ['deploy', '--env', 'prod', '--yes'], 3, 'TODOCTL_DIGITALOCEAN_NO_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN', { prod: PROD }, { DIGITALOCEAN_ACCESS_TOKEN: '' }],
    ['addresses that others have', ['cluster', 'create', '--env', 'prod'], 3, 'TODOCTL_DIGITALOCEAN_CIDR_OVERLAP', '10.200.0.0/20 of VPC theirs', environment({ controlPlane: { network: 200 } })],
    ['a name that others have', ['cluster', 'create', '--env', 'staging'], 3, 'TODOCTL_DIGITALOCEAN_NAME_TAKEN', 'There is a VPC todo-staging in nyc3 that is not ours', { staging: PROD }],
    ['the kubeconfig of a cluster that is not there', ['cluster', 'kubeconfig', '--env', 'prod'], 3, 'TODOCTL_NOT_DEPLOYED', 'has no cluster yet'],
    ['a look at a cluster that is not there', ['cluster', 'show', '--env', 'prod'], 3, 'TODOCTL_NOT_DEPLOYED', 'todoctl cluster create'],
  ];
  let others: string[];
  beforeAll(() => {
    others = (['theirs', 'todo-staging'] as const).map((name, index) => newVpc(account.world, { name, region: 'nyc3', description: 'not yours', ip_range: `10.${200 + index}.0.0/20` }).id);
  });
  afterAll(() => others.forEach((id) => account.state.vpcs.delete(id)));
  test.each(REFUSED)('%s', async (_, args, exit, code, says, environments = { prod: PROD }, env = {}) => {
    const said = await todoctl(await project(environments), args, env);
    expect([said.exit, said.stdout], said.stderr).toEqual([exit, '']);
    expect(said.stderr).toContain(says);
    expect(said.stderr).toMatch(new RegExp(`\\nNext {2}(?:.*\\n)+Code {2}${code}\\s`));
    for (const line of said.stderr.split('\n').filter((one) => !one.startsWith('Code'))) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(said.stderr).not.toContain(account.token);
    expect(account.changes()).toEqual([]);
  });

  test('a token that may only look: all scopes that are missing, as --json', async () => {
    const token = account.grant('account:read', 'kubernetes:read', 'sizes:read');
    const said = await todoctl(await project(), ['cluster', 'create', '--env', 'prod', '--json'], { DIGITALOCEAN_ACCESS_TOKEN: token });
    const { error } = JSON.parse(said.stdout) as { error: { code: string; details: string[] } };
    expect([said.exit, error.code]).toEqual([4, 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING']);
    expect(error.details).toEqual(expect.arrayContaining(['vpc:read', 'database:read', 'load_balancer:read'].map((scope) => `it needs the scope ${scope}`)));
    expect(said.stdout + said.stderr).not.toContain(token);
    expect(account.changes()).toEqual([]);
  });
});

// The steps of one cluster's life, each from where the one before left it.
describe('a cluster', { timeout: PATIENCE_MS }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cluster-commands-'));
    await define(folder, { prod: PROD });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const said = (...args: string[]): Promise<Said> => todoctl(folder, args);

  test('a dry run says what would be made', async () => {
    const { exit, stdout } = await said('cluster', 'create', '--env', 'prod', '--dry-run');
    expect([exit, stdout]).toEqual([0, 'Would change prod\n  Private network: VPC todo-prod in nyc3\n  Cluster: cluster todo-prod in nyc3: 2 nodes s-2vcpu-4gb\n']);
    expect(account.changes()).toEqual([]);
  });

  test('is made without a question where nothing is protected, through bursts of refusals, and found again', async () => {
    const bursts = [account.fail({ times: 4, status: 429, retryAfter: 0 }), account.fail({ times: 3, after: 6, status: 503 })];
    const made = await said('cluster', 'create', '--env', 'prod');
    expect(bursts.map(({ times }) => times), made.stderr).toEqual([4, 3]);
    expect(made.stdout).toBe('Ready       todo-prod in nyc3 in 1 s\nKubeconfig  /project/.todoctl/prod/kubeconfig\nNext        todoctl deploy --env prod\n            todoctl cluster delete --env prod\n');
    const again = await said('cluster', 'create', '--env', 'prod', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ environment: 'prod', dryRun: false, changed: 0, cluster: { name: 'todo-prod in nyc3', id: 'UUID', uid: 'uid-of-the-first', kubeconfig: '/project/.todoctl/prod/kubeconfig' } });
    expect(account.changes()).toEqual(['POST /v2/vpcs', 'POST /v2/kubernetes/clusters']);
  });

  test('list, show and kubeconfig, for a person and for a program', async () => {
    const [list, show, kubeconfig, listJson, showJson, kubeconfigJson] = await Promise.all([
      said('cluster', 'list'), said('cluster', 'show', '--env', 'prod'), said('cluster', 'kubeconfig', '--env', 'prod'),
      said('cluster', 'list', '--json'), said('cluster', 'show', '--env', 'prod', '--json'), said('cluster', 'kubeconfig', '--env', 'prod', '--json'),
    ]);
    expect(list.stdout).toMatchInlineSnapshot(`
      "CLUSTER    OURS       REGION  VERSION      STATE    NODES  A MONTH
      todo-prod  todo/prod  nyc3    1.36.1-do.0  running  2      $48
      "
    `);
    expect(show.stdout).toMatchInlineSnapshot(`
      "todo-prod is running
      Id          UUID
      Region      nyc3
      Version     1.36.1-do.0
      Control     one machine
      Nodes       2 × s-2vcpu-4gb in pool main
      Nodes cost  $48 a month
      API         https://cluster
      "
    `);
    expect(kubeconfig.stdout).toBe('/project/.todoctl/prod/kubeconfig\n');
    const summary = { id: 'string', name: 'string', region: 'string', version: 'string', ha: 'boolean', state: 'string', platform: 'string', environment: 'string', endpoint: 'string', pools: [{ name: 'string', size: 'string', count: 'number' }], since: 'number', nodesMonthly: 'number' };
    expect(shape(JSON.parse(listJson.stdout))).toEqual([summary]);
    expect(shape(JSON.parse(showJson.stdout))).toEqual({ ...summary, upgrades: expect.any(Array) as unknown });
    expect(JSON.parse(kubeconfigJson.stdout)).toEqual({ environment: 'prod', cluster: 'todo-prod in nyc3', uid: 'uid-of-the-first', context: 'do-nyc3-todo-prod', file: '/project/.todoctl/prod/kubeconfig', merged: false });
    for (const { stdout } of [list, show]) for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('goes into the kubeconfig of a person, whose context stays', async () => {
    const own = path.join(folder, '.kube/config');
    await mkdir(path.dirname(own), { recursive: true });
    await writeFile(own, stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'mine', clusters: [{ name: 'mine', cluster: { server: 'https://127.0.0.1:1' } }], contexts: [{ name: 'mine', context: { cluster: 'mine', user: 'me' } }], users: [{ name: 'me', user: { token: 'x' } }] }));
    const merged = await said('cluster', 'kubeconfig', '--env', 'prod', '--merge', '--json');
    expect(JSON.parse(merged.stdout), merged.stderr).toMatchObject({ context: 'do-nyc3-todo-prod', file: '/project/.kube/config', merged: true });
    const after = parse(await readFile(own, 'utf8')) as { 'current-context': string; contexts: { name: string }[] };
    expect([after['current-context'], after.contexts.map(({ name }) => name)]).toEqual(['mine', ['mine', 'do-nyc3-todo-prod']]);
  });

  test('is upgraded only when that is confirmed', async () => {
    for (const row of account.state.clusters.values()) row.version = '1.35.4-do.1';
    const before = account.changes();
    const [dry, unasked, unknown] = await Promise.all([said('cluster', 'upgrade', '--env', 'prod', '--dry-run'), said('cluster', 'upgrade', '--env', 'prod'), said('cluster', 'upgrade', '--env', 'prod', '--to', '1.21')]);
    expect(dry.stdout).toMatch(/^Would change prod\n.*1\.35\.4-do\.1 → 1\.36\./);
    expect([unasked.exit, unasked.stderr]).toEqual([2, expect.stringContaining('TODOCTL_NEEDS_YES') as string]);
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('TODOCTL_DIGITALOCEAN_VERSION_UNKNOWN') as string]);
    expect(account.changes()).toEqual(before);
    const done = await said('cluster', 'upgrade', '--env', 'prod', '--yes', '--json');
    expect(JSON.parse(done.stdout), done.stderr).toMatchObject({ environment: 'prod', dryRun: false, changed: true, version: expect.stringMatching(/^1\.36\./) as string });
    expect((await said('cluster', 'upgrade', '--env', 'prod')).stdout).toMatch(/^Nothing to upgrade: prod has 1\.36\./);
  });

  test('is deleted only when that is confirmed; what others have stays', async () => {
    addOthers(account.world, 40);
    const before = account.changes();
    const [dry, unasked] = await Promise.all([said('cluster', 'delete', '--env', 'prod', '--dry-run'), said('cluster', 'delete', '--env', 'prod')]);
    expect(dry.stdout).toMatchInlineSnapshot(`
      "Would remove prod
        cluster todo-prod (UUID)
        node pool main, 2 × s-2vcpu-4gb (UUID), $48 a month
        vpc todo-prod (UUID)
      "
    `);
    expect([unasked.exit, unasked.stderr]).toEqual([2, expect.stringContaining('TODOCTL_NEEDS_YES') as string]);
    expect(account.changes()).toEqual(before);
    const bursts = [account.fail({ times: 4, status: 429, retryAfter: 0 }), account.fail({ times: 3, after: 6, status: 502 })];
    const gone = await said('cluster', 'delete', '--env', 'prod', '--yes', '--json');
    expect(bursts.map(({ times }) => times), gone.stderr).toEqual([4, 3]);
    expect(JSON.parse(gone.stdout), gone.stderr).toMatchObject({ environment: 'prod', dryRun: false, removed: [{ kind: 'cluster' }, { kind: 'node pool' }, { kind: 'vpc' }], kept: [] });
    expect([account.state.clusters.size, account.state.loadBalancers.size]).toEqual([0, 40]);
    expect((await said('cluster', 'delete', '--env', 'prod')).stdout).toBe('Nothing of the cluster of prod is there\n');
    expect((await said('cluster', 'list')).stdout).toBe('The account has no clusters\n');
  });
});

test('sweep finds what an environment left that todoctl.yaml no longer has, and leaves what lives', { timeout: PATIENCE_MS }, async () => {
  const folder = await project({ prod: PROD, old: PROD });
  const said = (...args: string[]): Promise<Said> => todoctl(folder, args);
  const made = await Promise.all(['prod', 'old'].map((name) => said('cluster', 'create', '--env', name)));
  expect(made.map(({ exit }) => exit), made.map(({ stderr }) => stderr).join()).toEqual([0, 0]);
  const old = await until('its cluster', () => [...account.state.clusters.values()].find(({ name }) => name === 'todo-old'));
  newVolume(account.world, { name: 'pvc-1', region: 'nyc3', size_gigabytes: 10, tags: [`k8s:${old.id}`] });
  await define(folder, { prod: PROD });

  const before = account.changes();
  const [dry, unasked] = await Promise.all([said('sweep', '--dry-run'), said('sweep')]);
  expect(dry.stdout).toMatchInlineSnapshot(`
    "Would remove
    old (todoctl.yaml has no such environment)
      cluster todo-old (UUID)
      node pool main, 2 × s-2vcpu-4gb (UUID), $48 a month
      volume pvc-1 (UUID), $1 a month
      vpc todo-old (UUID)
    It costs $49 a month, as far as prices are known.
    "
  `);
  expect([unasked.exit, unasked.stderr]).toEqual([2, expect.stringContaining('TODOCTL_NEEDS_YES') as string]);
  expect(account.changes()).toEqual(before);

  const swept = await said('sweep', '--yes', '--json');
  expect(JSON.parse(swept.stdout), swept.stderr).toMatchObject({ platform: 'todo', dryRun: false, monthly: 49, found: [{ environment: 'old', why: 'todoctl.yaml has no such environment' }] });
  const left = JSON.parse((await said('cluster', 'list', '--json')).stdout) as ClusterSummary[];
  expect(left.map(({ name }) => name)).toEqual(['todo-prod']);
  expect((await said('sweep')).stdout).toBe('Nothing of todo is left over\n');

  // Of another platform nothing is known here, so all of it is left over.
  const elsewhere = await todoctl(await temporaryFolder(), ['sweep', '--platform', 'todo', '--yes']);
  expect([elsewhere.exit, account.state.clusters.size], elsewhere.stderr).toEqual([0, 0]);
  expect(account.state.loadBalancers.size).toBe(40);
});
