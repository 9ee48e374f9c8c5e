import { describe, expect, test } from 'vitest';
import type { RegistryKeeper } from '../../../../cli/providers/registry-keeper.ts';
import type { Registry } from '../../../../cli/providers/provider.ts';
import type { Step } from '../../../../cli/engine/step.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { DigitalOcean } from '../../../../cli/providers/digitalocean/client.ts';
import { pullOf } from '../../../../cli/providers/digitalocean/registry/attach.ts';
import { checkRegistry } from '../../../../cli/providers/digitalocean/registry/registry.ts';
import { newRegistry } from '../../../simulators/digitalocean/registries/routes.ts';
import type { DigitalOceanOptions } from '../../../simulators/digitalocean/start.ts';
import type { Resource } from '../../../../cli/providers/resource.ts';
import { type Stage, stage } from './stage.ts';

/** An account in a world where nobody has taken a name. */
async function open(options: DigitalOceanOptions = {}): Promise<Stage> {
  const on = await stage(options);
  on.account.state.takenNames.clear();
  return on;
}

const MARK = 'todoctl:todo:registry:todo';
const step = async (on: Stage, environment = {}): Promise<Step<Registry>> => (await (await on.provider({ environment })).steps()).registry as Step<Registry>;
const keeper = async (on: Stage, environment = {}): Promise<RegistryKeeper> => (await (await on.provider({ environment })).registries?.()) as RegistryKeeper;
/** With what credentials were asked for. */
const asked = (on: Stage): Record<string, string>[] => on.account.requests.filter(({ path }) => path.includes('docker-credentials')).map(({ query }) => query);

describe('the registry of a platform', () => {
  test('is marked before it is made, once, with the plan of the definition', async () => {
    await using on = await open();
    const outcome = await on.run([await step(on, { registry: { server: 'registry.digitalocean.com', repository: 'todo/todo', tier: 'starter' } })]);
    expect(outcome.error).toBeUndefined();
    expect(on.account.changes()).toEqual(['POST /v2/tags', 'POST /v2/registries']);
    expect(on.account.state.registries.get('todo')).toMatchObject({ name: 'todo', region: 'nyc3' });
    expect(on.account.state.subscription?.tier).toBe('starter');
    expect(on.account.state.tags.has(MARK)).toBe(true);
    await on.run([await step(on)]);
    expect(on.account.changes()).toHaveLength(2);
  });

  test('is found by another environment of the platform', async () => {
    await using on = await open();
    await on.run([await step(on)]);
    const other = (await (await on.provider({ name: 'staging' })).steps()).registry as Step<Registry>;
    expect((await on.run([other])).changed).toBe(0);
    expect(on.account.changes()).toHaveLength(2);
  });

  test('of another account is refused by its name, and leaves no mark', async () => {
    await using on = await open();
    on.account.state.takenNames.add('todo');
    const { error } = await on.run([await step(on)]);
    expect(error).toMatchObject({ code: 'TODOCTL_REGISTRY_NOT_OURS', message: 'The name todo is taken by a registry of another account' });
    expect(on.account.state.tags.has(MARK)).toBe(false);
  });

  test('is looked for before anything is made: there, free to make, or not ours', async () => {
    await using on = await open();
    const registry = await keeper(on);
    expect(await registry.check()).toBe('free');
    expect([on.account.state.registries.size, on.account.state.tags.size]).toEqual([0, 0]);
    on.account.state.takenNames.add('todo');
    const refused = await registry.check().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'TODOCTL_REGISTRY_NOT_OURS', exit: 3, message: 'The name todo is taken by a registry of another account' });
    expect((refused as { next: string[] }).next.join()).toMatch(/registry: \{ server: registry\.digitalocean\.com, repository: todo-[0-9a-f]{8}\/todo \}\. That name is free\.$/);
    // The same name each time, so that all environments get one registry; where that is taken as well, a person must find one.
    expect(await registry.check().catch((error: unknown) => error)).toEqual(refused);
    on.account.state.takenNames.add(/todo-[0-9a-f]{8}/.exec((refused as { next: string[] }).next.join())?.[0] ?? '');
    expect(((await registry.check().catch((error: unknown) => error)) as { next: string[] }).next.join()).toContain('repository: NAME/todo }.');
    on.account.state.takenNames.clear();
    await on.run([await step(on)]);
    expect(await registry.check()).toBe('there');
  });

  test('whose name is long and taken: the name to take instead begins as one must', async () => {
    await using on = await open();
    // With what is added it is 71 characters long, of which the last 63 begin with the hyphen.
    const platform = `platform-${'b'.repeat(53)}`;
    on.account.state.takenNames.add(platform);
    const redactor = new Redactor();
    const api = new DigitalOcean({ env: { DIGITALOCEAN_API_URL: on.account.url, DIGITALOCEAN_ACCESS_TOKEN: on.account.token }, redactor, stop: new AbortController().signal });
    const refused = checkRegistry({ api, redactor, platform, server: 'registry.digitalocean.com', repository: `${platform}/todo`, tier: 'basic', named: false });
    await expect(refused).rejects.toMatchObject({ next: [expect.stringMatching(/repository: b{53}-[0-9a-f]{8}\/.*That name is free\.$/)] });
  });

  test('of the account that somebody else made, before anything is made', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'todo', subscription_tier_slug: 'basic' });
    await expect((await keeper(on)).check()).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_NOT_OURS', message: expect.stringContaining('did not make it') as string });
    expect(await (await keeper(on, { registry: { server: 'registry.digitalocean.com', repository: 'todo/todo' } })).check()).toBe('there');
  });

  test('and whoever may not make one is told before', async () => {
    await using on = await open();
    const token = on.account.grant('account:read', 'kubernetes:read', 'registry:read', 'tag:read');
    const registry = (await (await on.provider({ token })).registries?.()) as RegistryKeeper;
    await expect(registry.check()).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', details: ['it needs the scope registry:create'] });
  });

  test('of the account that somebody else made is refused, and used where todoctl.yaml names it', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'todo', subscription_tier_slug: 'professional' });
    expect((await on.run([await step(on)])).error).toMatchObject({ code: 'TODOCTL_REGISTRY_NOT_OURS' });
    const named = await step(on, { registry: { server: 'registry.digitalocean.com', repository: 'todo/todo' } });
    expect(await on.run([named])).toMatchObject({ ok: true, changed: 0 });
    expect(on.account.changes()).toEqual([]);
  });

  test('never changes the plan of an account that has others', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'theirs', subscription_tier_slug: 'professional' });
    expect((await on.run([await step(on)])).error).toBeUndefined();
    expect(on.account.state.subscription?.tier).toBe('professional');
  });

  test('that the plan has no room for is refused in DigitalOcean’s words, and leaves no mark', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'theirs', subscription_tier_slug: 'basic' });
    expect((await on.run([await step(on)])).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_REFUSED', message: expect.stringContaining('your subscription allows 1 registry') as string });
    expect(on.account.state.tags.has(MARK)).toBe(false);
  });

  test('is there once, though the answer to its making was lost', async () => {
    await using on = await open();
    on.account.fail({ method: 'POST', path: '/v2/registries', drop: 'answer' });
    expect((await on.run([await step(on)])).error).toBeUndefined();
    expect([...on.account.state.registries.keys()]).toEqual(['todo']);
  });

  test('that a second run makes at the same time is there, and is ours', async () => {
    await using on = await open();
    await on.run([await step(on)]);
    // Both have looked before either made it.
    on.account.fail({ method: 'GET', path: '/v2/registries/todo', status: 404 });
    const outcome = await on.run([await step(on)]);
    expect(outcome.error).toBeUndefined();
    expect(on.account.requests.filter(({ method, path, status }) => method === 'POST' && path === '/v2/registries' && status === 409)).toHaveLength(1);
    expect([[...on.account.state.registries.keys()], on.account.state.tags.has(MARK)]).toEqual([['todo'], true]);
  });

  test('somewhere else is nobody’s business here', async () => {
    await using on = await open();
    expect(await step(on, { registry: { server: 'ghcr.io', repository: 'acme/todo' } })).toBeUndefined();
    expect(await keeper(on, { registry: { server: 'ghcr.io', repository: 'acme/todo' } })).toBeUndefined();
  });
});

describe('credentials', () => {
  test('are made when they are needed, end, and write only where that is asked for', async () => {
    await using on = await open();
    const made = await step(on);
    const registry = (await on.run([made])).of(made) as Registry;
    expect(asked(on)).toEqual([]);
    const read = await registry.signIn?.('read');
    const write = await registry.signIn?.('write');
    expect([read?.password, write?.password]).toEqual([expect.stringMatching(/^dop_v1_read_/), expect.stringMatching(/^dop_v1_write_/)]);
    expect(asked(on)).toEqual([{ expiry_seconds: '3600' }, { expiry_seconds: '3600', read_write: 'true' }]);
    expect(registry.pull).toBeUndefined();
  });
});

test('while it is being cleaned it is read, and whoever would write learns it at once', async () => {
  await using on = await open({ durations: { garbageCollection: 3_600_000 } });
  const made = await step(on);
  const registry = (await on.run([made])).of(made) as Registry;
  on.account.state.registries.get('todo')?.collections.unshift({ uuid: '0f1e2d3c-0000-4000-8000-000000000000', status: 'deleting unreferenced blobs', blobs_deleted: 0, freed_bytes: 0, created: 0, updated: 0 });
  expect((await registry.signIn?.('read'))?.password).toMatch(/^dop_v1_read_/);
  await expect(registry.signIn?.('write')).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_CLEANING', message: 'The registry todo is being cleaned: deleting unreferenced blobs' });
  await (await keeper(on)).cancel();
  expect((await registry.signIn?.('write'))?.password).toMatch(/^dop_v1_write_/);
});

describe('looking after it', () => {
  const filled = async (on: Stage): Promise<RegistryKeeper> => {
    const found = await keeper(on);
    await on.run([found.create]);
    const row = on.account.state.registries.get('todo');
    row?.repositories.set('todo', Array.from({ length: 30 }, (_, index) => ({ digest: `sha256:${String(index).padStart(64, '0')}`, tags: [`tag-${index}`], size: 2 ** 20, updated: 0 })));
    return found;
  };

  test('shows plan, price and what is stored, all pages of it', async () => {
    await using on = await open();
    expect(await (await keeper(on)).show()).toBeUndefined();
    const found = await filled(on);
    expect(await found.show()).toEqual({ name: 'todo', region: 'nyc3', ours: true, bytes: 30 * 2 ** 20, plan: { name: 'Basic', monthly: 5, bytes: 5 * 2 ** 30 } });
    expect((await found.tags()).map(({ tag }) => tag)).toEqual(Array.from({ length: 30 }, (_, index) => `tag-${index}`));
  });

  test('has no tags before the first push', async () => {
    await using on = await open();
    const found = await keeper(on);
    await on.run([found.create]);
    expect(await found.tags()).toEqual([]);
  });

  test('cleaning deletes the tags that it is told, waits for the collection, and says what it waits for', async () => {
    await using on = await open();
    const found = await filled(on);
    const outcome = await on.run([found.clean(['tag-1', 'tag-7'])]);
    expect(outcome.error).toBeUndefined();
    expect((await found.tags()).map(({ tag }) => tag)).toHaveLength(28);
    expect(on.account.state.registries.get('todo')?.repositories.get('todo')).toHaveLength(28);
    expect(on.events.flatMap((event) => (event.is === 'waiting' ? [event.reason] : []))).toContain('scanning manifests');
  });

  test('a cleaning can be ended', async () => {
    await using on = await open({ durations: { garbageCollection: 3_600_000 } });
    const found = await filled(on);
    const running = on.run([found.clean(['tag-1'])]);
    while ((await found.show())?.cleaning === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await found.cancel()).toBe(true);
    expect((await running).error).toMatchObject({ code: 'TODOCTL_REGISTRY_REFUSED', message: expect.stringContaining('cancelled') as string });
    expect(await found.cancel()).toBe(false);
  });

  test('it goes with its mark, which goes last', async () => {
    await using on = await open();
    const found = await filled(on);
    expect((await on.run([found.remove()])).error).toBeUndefined();
    expect(on.account.changes().slice(-2)).toEqual(['DELETE /v2/registries/todo', `DELETE /v2/tags/${encodeURIComponent(MARK)}`]);
    expect([on.account.state.registries.size, on.account.state.tags.has(MARK)]).toEqual([0, false]);
    expect((await on.run([found.remove()])).changed).toBe(0);
  });

  test('one that we did not make is never deleted', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'todo' });
    const found = await keeper(on, { registry: { server: 'registry.digitalocean.com', repository: 'todo/todo' } });
    expect((await on.run([found.remove()])).error).toMatchObject({ code: 'TODOCTL_REGISTRY_NOT_OURS' });
    expect(on.account.changes()).toEqual([]);
  });
});

describe('what the platform keeps beside its environments', () => {
  const found = async (on: Stage, name = 'prod'): Promise<readonly Resource[]> => (await (await on.provider({ name })).resources()).filter(({ kind }) => kind === 'registry');

  test('is its registry, with the price of the plan, whichever environment is asked', async () => {
    await using on = await open();
    expect(await found(on)).toEqual([]);
    await on.run([await step(on)]);
    expect(await found(on)).toEqual([{ kind: 'registry', name: 'todo', id: 'todo', owner: 'platform', since: expect.any(Number) as number, price: { monthly: 5, hourly: 5 / 672, source: 'GET /v2/registries/subscription', asOf: expect.any(String) as string } }]);
    expect(await found(on, 'staging')).toEqual(await found(on));
  });

  test('one that somebody else made is not it, and shares the plan', async () => {
    await using on = await open();
    newRegistry(on.account.world, { name: 'theirs', subscription_tier_slug: 'professional' });
    expect(await found(on)).toEqual([]);
    await on.run([await step(on)]);
    expect(await found(on)).toEqual([{ kind: 'registry', name: 'todo', id: 'todo', owner: 'platform', since: expect.any(Number) as number }]);
  });

  test('goes with the last environment alone, also when nothing else is left', async () => {
    await using on = await open();
    await on.run([await step(on)]);
    const provider = await on.provider();
    const gone = async (withRegistry: boolean): Promise<void> => {
      const steps = await provider.teardown?.({ found: await provider.resources(), keepDatabase: false, withRegistry });
      expect((await on.run(steps ?? [])).error).toBeUndefined();
    };
    await gone(false);
    expect([...on.account.state.registries.keys()]).toEqual(['todo']);
    await gone(true);
    expect([[...on.account.state.registries.keys()], on.account.state.tags.has(MARK)]).toEqual([[], false]);
  });

  test('stays as long as another environment of the platform lives, and nothing is begun', async () => {
    await using on = await open();
    await on.run([await step(on)]);
    await on.run([(await (await on.provider({ name: 'staging' })).steps()).cluster]);
    const provider = await on.provider();
    const before = on.account.changes();
    await expect(provider.teardown?.({ found: await provider.resources(), keepDatabase: false, withRegistry: true })).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_IN_USE', exit: 3, message: 'Images for staging come from the registry too, so it cannot go with prod' });
    expect(on.account.changes()).toEqual(before);
  });
});

describe('what a cluster pulls with', () => {
  const secret = (name: string, server: string): Parameters<typeof pullOf>[0][number] => ({ metadata: { name }, data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [server]: { auth: name } } })).toString('base64') } });
  const DOCR = 'registry.digitalocean.com';

  test.each([
    ['nothing', [], undefined],
    ['others’', [secret('other', 'ghcr.io')], undefined],
    ['no configuration', [{ metadata: { name: 'todo' }, data: { '.dockerconfigjson': 'oops' } }, { metadata: { name: 'todo' } }], undefined],
    ['one of DigitalOcean’s', [secret('other', 'ghcr.io'), secret('any', DOCR)], 'any'],
    ['its own name first', [secret('theirs', DOCR), secret('todo', DOCR)], 'todo'],
    ['doctl’s name for it', [secret('theirs', DOCR), secret('registry-todo', DOCR)], 'registry-todo'],
  ])('%s', (_what, secrets, expected) => {
    const found = pullOf(secrets, DOCR, 'todo');
    expect(found === undefined ? undefined : (JSON.parse(found) as { auths: Record<string, { auth: string }> }).auths[DOCR]?.auth).toBe(expected);
  });
});
