// registry create, login, show, clean and delete as whole commands, on a simulated account, without a terminal.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { sourceTags } from '../../../cli/images/source-tags.ts';
import { newRegistry } from '../../simulators/digitalocean/registries/routes.ts';
import type { RegistryRow } from '../../simulators/digitalocean/registries/row.ts';
import { type DigitalOcean, startDigitalOcean } from '../../simulators/digitalocean/start.ts';
import { type Scripted, scriptedPrograms } from '../../support/scripted-programs.ts';
import { type Said, type SmallProject, smallProject } from '../../support/small-project.ts';

// Each is several processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

const PROD = { provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-2vcpu-4gb', count: 2 }, auth: { jwks: 'https://id.example.com/keys' } };
const MARK = 'todoctl:todo:registry:todo';

interface Scene extends AsyncDisposable {
  account: DigitalOcean;
  project: SmallProject;
  programs: Scripted;
  /** Everything that was said. */
  said: Said[];
  todoctl(...args: string[]): Promise<Said>;
  /** As `token`, on whatever environment. */
  as(token: string | undefined, ...args: string[]): Promise<Said>;
}

async function scene({ environments = {}, programs = [] }: { environments?: object; programs?: string[] } = {}): Promise<Scene> {
  const account = await startDigitalOcean({ speed: 50, durations: { garbageCollection: 20_000 }, limits: { perMinute: 100_000, perHour: 1_000_000 } });
  account.state.takenNames.clear();
  const project = await smallProject({ prod: PROD, staging: PROD, ...environments });
  const scripted = await scriptedPrograms(project.folder, programs);
  const at: Scene = {
    account, project, programs: scripted, said: [],
    async as(token, ...args) {
      const answer = await project.todoctl(args, { PATH: scripted.bin, DIGITALOCEAN_API_URL: account.url, ...(token === undefined ? {} : { DIGITALOCEAN_ACCESS_TOKEN: token }) });
      at.said.push(answer);
      return answer;
    },
    todoctl: (...args) => at.as(account.token, ...args, '--env', 'prod'),
    [Symbol.asyncDispose]: () => account[Symbol.asyncDispose](),
  };
  return at;
}

const json = <T>({ stdout }: Said): T => JSON.parse(stdout) as T;

/** The registry, with these tags: each an image of its own unless it is written `digest=tag`. */
function filled({ account }: Scene, ...tags: string[]): RegistryRow {
  const row = account.state.registries.get('todo') ?? newRegistry(account.world, { name: 'todo', subscription_tier_slug: 'basic' });
  const manifests = Map.groupBy(tags, (tag) => tag.split('=')[0] ?? '');
  row.repositories.set('todo', [...manifests].map(([digest, of]) => ({ digest: `sha256:${digest}`, tags: of.map((tag) => tag.split('=').at(-1) ?? ''), size: 3 * 2 ** 20, updated: 0 })));
  return row;
}

const tagsOf = ({ account }: Scene): string[] => (account.state.registries.get('todo')?.repositories.get('todo') ?? []).flatMap(({ tags }) => tags).sort();

describe('a registry from making to deleting', () => {
  test('create says what it would make, makes it once, and finds it', async () => {
    await using at = await scene();
    expect(await at.todoctl('registry', 'create', '--dry-run')).toMatchObject({ exit: 0, stdout: 'Would make  registry todo at registry.digitalocean.com\n' });
    expect(at.account.changes()).toEqual([]);
    expect(await at.todoctl('registry', 'create')).toMatchObject({ exit: 0, stdout: 'Made  registry todo at registry.digitalocean.com\n' });
    expect(at.account.changes()).toEqual(['POST /v2/tags', 'POST /v2/registries']);
    expect(await at.todoctl('registry', 'create')).toMatchObject({ exit: 0, stdout: 'There  registry todo at registry.digitalocean.com\n' });
    expect(json(await at.as(at.account.token, 'registry', 'create', '--env', 'staging', '--json'))).toEqual({ name: 'todo', server: 'registry.digitalocean.com', dryRun: false, created: false });
    expect(at.account.changes()).toHaveLength(2);
  });

  test('show: plan, price, what is stored; before it is made, what makes it', async () => {
    await using at = await scene();
    const none = await at.todoctl('registry', 'show');
    expect([none.exit, none.stdout]).toEqual([3, '']);
    expect(none.stderr).toContain('todoctl registry create --env prod');
    newRegistry(at.account.world, { name: 'todo', subscription_tier_slug: 'basic' });
    filled(at, 'a=one', 'a=two', 'b=three');
    expect((await at.todoctl('registry', 'show')).stdout).toBe('todo  registry.digitalocean.com/todo in nyc3, not made by todoctl\nPlan    Basic, $5.00 a month\nStored  6 MiB of 5.0 GiB, 3 tags\n');
    expect(json(await at.todoctl('registry', 'show', '--json'))).toMatchObject({ name: 'todo', ours: false, bytes: 6 * 2 ** 20, plan: { monthly: 5 }, tags: [{ tag: 'one', digest: 'sha256:a' }, { tag: 'two' }, { tag: 'three' }] });
  });

  test('delete needs its name or --yes; then it is gone, and gone again', async () => {
    await using at = await scene();
    await at.todoctl('registry', 'create');
    const unasked = await at.todoctl('registry', 'delete');
    expect([unasked.exit, unasked.stderr.includes('TODOCTL_NEEDS_YES')]).toEqual([2, true]);
    expect(await at.todoctl('registry', 'delete', '--dry-run')).toMatchObject({ exit: 0, stdout: 'Would delete  registry todo with all its images\n' });
    expect(at.account.state.registries.size).toBe(1);
    expect(json(await at.todoctl('registry', 'delete', '--yes', '--json'))).toEqual({ name: 'todo', dryRun: false, deleted: true });
    expect([at.account.state.registries.size, at.account.state.tags.has(MARK)]).toEqual([0, false]);
    expect(await at.todoctl('registry', 'delete', '--yes')).toMatchObject({ exit: 0, stdout: 'Gone  there is no registry todo\n' });
  });
});

describe('login', () => {
  test('writes a private configuration, whose credentials only read and end', async () => {
    await using at = await scene();
    await at.todoctl('registry', 'create');
    const { server, access, until, config } = json<{ server: string; access: string; until: string; config: string }>(await at.todoctl('registry', 'login', '--json'));
    expect([server, access]).toEqual(['registry.digitalocean.com', 'read']);
    expect(Date.parse(until)).toBeGreaterThan(Date.now());
    const folder = config.replace('/project', at.project.folder);
    expect([folder, path.join(folder, 'config.json')].map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['700', '600']);
    const { auths } = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8')) as { auths: Record<string, { auth: string }> };
    const secret = Buffer.from(auths[server]?.auth ?? '', 'base64').toString('utf8');
    expect(secret).toMatch(/^dop_v1_read_(\w+):dop_v1_read_\1$/);

    expect((await at.todoctl('registry', 'login', '--write', '--for', '30m')).stdout).toMatch(/^Signed in {2}to registry\.digitalocean\.com, to write, until .*\nUse it with DOCKER_CONFIG=\/project\/\.todoctl\/prod\/docker-login\n$/);
    expect(at.account.requests.filter(({ path: asked }) => asked.endsWith('docker-credentials')).map(({ query }) => query)).toEqual([{ expiry_seconds: '3600' }, { expiry_seconds: '1800', read_write: 'true' }]);
    expect(readdirSync(folder)).toEqual(['config.json']);
    for (const one of [secret, secret.split(':')[0] ?? '', auths[server]?.auth ?? '']) expect(JSON.stringify(at.said)).not.toContain(one);
  });

  test('--global is docker’s to keep: it reads the password from its input, and no argument has it', async () => {
    await using at = await scene({ programs: ['docker'] });
    await at.todoctl('registry', 'create');
    const { exit, stdout } = await at.todoctl('registry', 'login', '--global');
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^Signed in .* until .*\n$/)]);
    const [call] = await at.programs.calls();
    const password = readFileSync(path.join(at.programs.bin, 'login'), 'utf8');
    expect(password).toMatch(/^dop_v1_read_/);
    expect(call?.args).toEqual(['login', 'registry.digitalocean.com', '--username', expect.any(String), '--password-stdin']);
    expect(JSON.stringify([call?.args, call?.env])).not.toMatch(/dop_v1/);
    await at.programs.fail('^login', `Error: ${password} is refused`);
    expect((await at.todoctl('registry', 'login', '--global')).exit).toBe(4);
  });

  test('--global without docker, --for what is no duration, and no registry', async () => {
    await using at = await scene();
    const codes = async (...args: string[]): Promise<[number | null, string | undefined]> => {
      const { exit, stderr } = await at.todoctl('registry', 'login', ...args);
      return [exit, /TODOCTL_\w+/.exec(stderr)?.[0]];
    };
    expect(await codes()).toEqual([3, 'TODOCTL_REGISTRY_NONE']);
    expect(await codes('--for', 'soon')).toEqual([2, 'TODOCTL_USAGE']);
    expect(await codes('--for', '30s')).toEqual([2, 'TODOCTL_USAGE']);
    await at.todoctl('registry', 'create');
    expect(await codes('--global')).toEqual([3, 'TODOCTL_PROGRAM_MISSING']);
  });
});

describe('clean', () => {
  /** Made by us, with one image that these sources need and two that nobody has. */
  async function used(): Promise<Scene> {
    const at = await scene();
    await at.todoctl('registry', 'create');
    const { hello = '' } = await sourceTags(at.project.folder, ['hello', 'web']);
    filled(at, `a=${hello}`, 'a=image-111111111111', 'b=old', 'c=older');
    return at;
  }

  test('shows first, asks, deletes what nobody has with what it held, and waits until that has ended', async () => {
    await using at = await used();
    const plan = await at.todoctl('registry', 'clean', '--dry-run');
    expect(plan.stdout).toMatch(/^Would delete {2}2 tags of todo; 2 tags stay\n {2}old {2}\S+ {2}3 MiB\n {2}older {2}\S+ {2}3 MiB\n$/);
    const unasked = await at.todoctl('registry', 'clean');
    expect([unasked.exit, unasked.stderr.includes('TODOCTL_NEEDS_YES')]).toEqual([2, true]);
    expect(tagsOf(at)).toHaveLength(4);
    const { exit, stdout } = await at.todoctl('registry', 'clean', '--yes');
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^Deleted {2}2 tags of todo; 2 tags stay\n/)]);
    expect(at.account.state.registries.get('todo')?.repositories.get('todo')?.map(({ digest }) => digest)).toEqual(['sha256:a']);
    expect(at.account.state.registries.get('todo')?.collections).toMatchObject([{ status: 'succeeded', blobs_deleted: 2 }]);
    expect(json(await at.todoctl('registry', 'clean', '--yes', '--json'))).toMatchObject({ name: 'todo', removed: [], kept: [{}, {}] });
    expect(at.account.state.registries.get('todo')?.collections).toHaveLength(1);
  });

  test('one that is under way is shown, and can be ended', async () => {
    await using at = await used();
    expect(await at.todoctl('registry', 'clean', '--cancel')).toMatchObject({ exit: 0, stdout: 'No cleaning is under way in todo\n' });
    at.account.state.registries.get('todo')?.collections.unshift({ uuid: '0f1e2d3c-0000-4000-8000-000000000000', status: 'scanning manifests', blobs_deleted: 0, freed_bytes: 0, created: 0, updated: 0 });
    expect((await at.todoctl('registry', 'show')).stdout).toContain('Clean   scanning manifests; nothing can be pushed until it has ended\n');
    expect(json(await at.todoctl('registry', 'clean', '--cancel', '--json'))).toEqual({ name: 'todo', cancelled: true });
    expect(at.account.state.registries.get('todo')?.collections).toMatchObject([{ status: 'cancelled' }]);
  });

  test('an environment that cannot be asked stops it: its images could be in use', async () => {
    await using at = await scene({ environments: { far: { provider: 'existing', context: 'nowhere', auth: PROD.auth } } });
    await at.todoctl('registry', 'create');
    filled(at, 'b=old');
    const { exit } = await at.todoctl('registry', 'clean', '--yes');
    expect(exit).toBeGreaterThan(0);
    expect(tagsOf(at)).toEqual(['old']);
  });
});

describe('what is not ours', () => {
  test('a registry of the account that somebody else made is neither taken, cleaned nor deleted', async () => {
    await using at = await scene();
    filled(at, 'b=old');
    for (const args of [['create'], ['clean', '--yes'], ['delete', '--yes']]) {
      const { exit, stdout, stderr } = await at.todoctl('registry', ...args);
      expect([args, exit, stdout, /TODOCTL_\w+/.exec(stderr)?.[0]]).toEqual([args, 3, '', 'TODOCTL_REGISTRY_NOT_OURS']);
    }
    expect([at.account.changes(), tagsOf(at)]).toEqual([[], ['old']]);
  });

  test('a name that another account has leaves nothing behind', async () => {
    await using at = await scene();
    at.account.state.takenNames.add('todo');
    const { exit, stderr } = await at.todoctl('registry', 'create');
    expect(exit).toBe(3);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('The name todo is taken by a registry of another account');
    expect(stderr).toContain('share the names of registries');
    expect(at.account.state.tags.has(MARK)).toBe(false);
  });

  test('a registry that todoctl.yaml gives, and an environment on this machine, have none to look after', async () => {
    await using at = await scene({ environments: { given: { ...PROD, registry: { server: 'ghcr.io', repository: 'acme/todo', credentials: { env: 'LOGIN' } } } } });
    for (const environment of ['given', 'local']) {
      for (const verb of ['create', 'show']) expect([environment, (await at.as(at.account.token, 'registry', verb, '--env', environment)).stderr.includes('TODOCTL_REGISTRY_NONE')]).toEqual([environment, true]);
    }
  });
});

test('no token, a wrong one, and one that may not: said with what is missing, nothing is changed, and no token is repeated', async () => {
  await using at = await scene();
  const wrong = `dop_v1_${'0'.repeat(64)}`;
  const tokens: [string | undefined, number, string][] = [[undefined, 3, 'TODOCTL_DIGITALOCEAN_NO_TOKEN'], [wrong, 4, 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED'], [at.account.grant('registry:read', 'tag:read'), 4, 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING']];
  for (const [token, exit, code] of tokens) {
    const said = await at.as(token, 'registry', 'create', '--env', 'prod');
    expect([said.exit, said.stdout, /TODOCTL_\w+/.exec(said.stderr.split('\nCode')[1] ?? '')?.[0]]).toEqual([exit, '', code]);
  }
  expect(at.account.changes()).toEqual([]);
  expect(JSON.stringify(at.said)).not.toMatch(/dop_v1_/);
});
