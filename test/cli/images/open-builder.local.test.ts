// Which program builds, where its daemon is, and what it is told: by scripts that remember.
import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuilderName, ImagePlan } from '../../../cli/images/builder.ts';
import { type Builder, openBuilder } from '../../../cli/images/open-builder.ts';
import { Redactor } from '../../../cli/io/redactor.ts';
import { startMemoryRegistry } from '../../support/memory-registry.ts';
import { type Scripted, scriptedPrograms } from '../../support/scripted-programs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

interface Scene {
  folder: string;
  programs: Scripted;
  said: string[];
  open(env?: NodeJS.ProcessEnv, wanted?: readonly BuilderName[], signal?: AbortSignal): Promise<Builder>;
  plan(reference?: string): ImagePlan;
}

async function scene(names: readonly string[]): Promise<Scene> {
  const root = await temporaryFolder();
  const folder = path.join(root, 'private');
  const programs = await scriptedPrograms(root, names);
  const said: string[] = [];
  await mkdir(path.join(root, 'image'));
  return {
    folder, programs, said,
    open: (env = {}, wanted, signal = new AbortController().signal) => openBuilder({ env: { PATH: programs.bin, HOME: path.join(root, 'home'), ...env }, redactor: new Redactor(), signal, folder, progress: (line) => void said.push(line) }, wanted),
    plan: (reference = 'ghcr.io/acme/todo:image-1') => ({ folder: path.join(root, 'image'), dockerfile: 'services/Dockerfile', base: 'node:26', platform: 'linux/amd64', labels: { 'io.todoctl.sources': 'abc' }, reference }),
  };
}

describe('the first that works', () => {
  test('builds', async () => {
    const all = await scene(['docker', 'podman', 'buildctl']);
    expect((await all.open()).name).toBe('docker');
    expect((await all.open({}, ['podman'])).name).toBe('podman');
    await all.programs.fail('^version', 'Cannot connect to the Docker daemon');
    expect((await all.open()).name).toBe('podman');
    expect((await (await scene(['buildctl'])).open()).name).toBe('buildctl');
  });

  test('is none: each is told with its own reason', async () => {
    const at = await scene(['docker', 'buildctl']);
    await at.programs.fail('version|debug', 'no daemon here');
    await expect(at.open()).rejects.toMatchObject({ code: 'TODOCTL_BUILDER_MISSING', details: ['docker: no daemon here', 'podman: is not on PATH', 'buildctl: no daemon here'] });
    await expect(at.open({}, ['podman'])).rejects.toMatchObject({ details: ['podman: is not on PATH'] });
  });

  test('is not looked for by who was stopped', async () => {
    await expect((await scene(['docker'])).open({}, undefined, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

describe('docker', () => {
  test("finds the daemon where the user's own context says, though its configuration is ours", async () => {
    const at = await scene(['docker']);
    await (await at.open({ DOCKER_CONTEXT: 'far', DOCKER_CONFIG: '/theirs' })).build(at.plan());
    const calls = await at.programs.calls();
    expect(calls.map(({ args, env }) => [args[0], env['DOCKER_CONFIG'], env['DOCKER_CONTEXT'], env['DOCKER_HOST']])).toEqual([
      ['context', '/theirs', 'far', undefined],
      ['version', at.folder, undefined, 'unix:///run/scripted.sock'],
      ['build', at.folder, undefined, 'unix:///run/scripted.sock'],
    ]);
    // Of the user's configuration only the plugins are used: buildx is one.
    expect(JSON.parse(calls.at(-1)?.config ?? '{}')).toEqual({ cliPluginsExtraDirs: ['/theirs/cli-plugins'] });
  });

  test('is asked where DOCKER_HOST says, without a look at contexts', async () => {
    const at = await scene(['docker']);
    await at.open({ DOCKER_HOST: 'tcp://10.0.0.1:2376' });
    expect((await at.programs.calls()).map(({ args, env }) => [args[0], env['DOCKER_HOST']])).toEqual([['version', 'tcp://10.0.0.1:2376']]);
  });
});

describe.each(['docker', 'podman', 'buildctl'] as const)('%s', (name) => {
  test('has its own images, says what it does, and pushes with credentials that lie in a private file meanwhile', async () => {
    await using registry = await startMemoryRegistry();
    const at = await scene([name]);
    const builder = await at.open();
    const plan = at.plan(`${registry.server}/acme/todo:image-1`);
    expect(await builder.find(plan.reference)).toBeUndefined();
    await builder.build(plan);
    expect(await builder.find(plan.reference)).toEqual(name === 'buildctl' ? undefined : { platform: 'linux/amd64', labels: { 'io.todoctl.sources': 'abc' } });
    expect(at.said).toEqual(['Step 1/7 : FROM scratch AS app']);
    await builder.push(plan, registry.server, registry.login);
    expect([...registry.manifests.keys()]).toEqual(['acme/todo:image-1']);
    expect(existsSync(path.join(at.folder, 'config.json'))).toBe(false);
    expect((statSync(at.folder).mode & 0o777).toString(8)).toBe('700');
    expect((await at.programs.calls()).filter(({ args, env }) => JSON.stringify([args, env]).includes(registry.login.password))).toEqual([]);
  });

  test('that is refused leaves no credentials behind', async () => {
    await using registry = await startMemoryRegistry();
    const at = await scene([name]);
    const builder = await at.open();
    const plan = at.plan(`${registry.server}/acme/todo:image-1`);
    await builder.build(plan);
    await expect(builder.push(plan, registry.server, { username: 'pusher', password: 'wrong' })).rejects.toMatchObject({ code: 'TODOCTL_PROGRAM_FAILED', details: expect.arrayContaining(['denied: 401']) as string[] });
    expect(existsSync(path.join(at.folder, 'config.json'))).toBe(false);
  });
});
