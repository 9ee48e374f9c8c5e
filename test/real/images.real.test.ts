// The image of this project's own services: built by a real Docker, kept by a real registry, looked at and tagged without Docker.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runSteps } from '../../cli/engine/run.ts';
import type { EngineEvent, Step } from '../../cli/engine/step.ts';
import type { ImageHome } from '../../cli/images/home.ts';
import { buildImage, type ImagesGiven, lookAtImages, publishImages, type WantedImages } from '../../cli/images/make.ts';
import { OciRepository } from '../../cli/images/oci.ts';
import { imageTag, sourceTags } from '../../cli/images/source-tags.ts';
import { imagesStep } from '../../cli/images/step.ts';
import { systemClock } from '../../cli/io/clock.ts';
import { Redactor } from '../../cli/io/redactor.ts';
import { startDocker } from '../support/docker.ts';
import { LOGIN, startRegistry } from '../support/registry.ts';
import { realPart } from './parts.ts';

const root = path.resolve(import.meta.dirname, '../..');
const SERVICES = ['audit', 'realtime', 'recurrence', 'task-api', 'web'];
const BASE = 'localhost/node:26';
// One for all: what is bundled once is not bundled again.
const folder = mkdtempSync(path.join(tmpdir(), 'images-'));
const never = new AbortController().signal;

const both = await realPart('docker', async () => {
  const docker = await startDocker();
  if ('skipped' in docker) return docker;
  const registry = await startRegistry('password');
  if ('skipped' in registry) {
    await docker.stop();
    return registry;
  }
  await docker.nodeImage(BASE);
  return { docker, registry };
});

describe.skipIf(!both)('images', () => {
  const { docker, registry } = both as NonNullable<typeof both>;
  afterAll(async () => {
    await docker.stop();
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A repository of the test's own, and all that was said meanwhile. */
  async function scene(name: string, env: NodeJS.ProcessEnv = docker.env): Promise<{ home: ImageHome; wanted: WantedImages; given: ImagesGiven; asked: string[]; said: string[]; say: (line: string) => void; oci: OciRepository }> {
    const asked: string[] = [];
    const said: string[] = [];
    const home: ImageHome = { server: registry.server, repository: `todo/${name}`, signIn: async (access) => (asked.push(access), LOGIN) };
    const given: ImagesGiven = { env, redactor: new Redactor(), stop: never };
    const wanted = { root, tags: await sourceTags(root, SERVICES), folder, base: BASE };
    return { home, wanted, given, asked, said, say: (line) => void said.push(line), oci: new OciRepository(home, given) };
  }

  test('are built once, sent once, and have a tag for each service and one for the commit; then there is nothing to do', async () => {
    const { home, wanted, given, said, say, oci } = await scene('once');
    const first = await publishImages(wanted, home, given, say);
    const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
    expect(first.built).toBe(true);
    expect(first.tagged).toEqual([...Object.values(wanted.tags), expect.stringMatching(new RegExp(`^${commit}(-dirty)?$`))]);
    expect(await oci.tags()).toEqual([...first.tagged, imageTag(wanted.tags)].sort());
    expect(new Set(await Promise.all((await oci.tags()).map((tag) => oci.digestOf(tag)))).size).toBe(1);
    expect(said.filter((line) => line.startsWith('building '))).toHaveLength(1);

    said.length = 0;
    // Without Docker, and without a bundle being made anew.
    expect(await publishImages(wanted, home, { ...given, env: { PATH: '/nowhere' } }, say)).toEqual({ built: false, sent: false, tagged: [] });
    expect(said).toEqual([]);
  });

  test('what this machine has with the same contents is not built again, only sent', async () => {
    const { home, wanted, given, said, say } = await scene('known');
    const first = await buildImage(wanted, home, given, say);
    expect(first.built).toBe(true);
    expect(await buildImage(wanted, home, given, say)).toMatchObject({ built: false, contents: first.contents });
    expect(said.filter((line) => line.startsWith('building '))).toHaveLength(1);
    expect(await publishImages(wanted, home, given, say)).toMatchObject({ built: false, sent: true });
    const { with: builder, plan } = first;
    expect(await builder.find(plan.reference)).toEqual({ platform: 'linux/amd64', labels: plan.labels });
    expect(await builder.find(`${plan.reference}-not`)).toBeUndefined();
  });

  test('runs as nobody special, on a root that is only read, what SERVICE names', async () => {
    const { home, wanted, given, say, oci } = await scene('runs');
    await publishImages(wanted, home, given, say);
    const reference = `${home.server}/${home.repository}:${imageTag(wanted.tags)}`;
    const run = (...args: string[]) => spawnSync('docker', ['run', '--rm', '--read-only', '--cap-drop=ALL', '--network=none', ...args], { env: docker.env, encoding: 'utf8' });
    expect(JSON.parse(run(reference, 'node', '-p', 'JSON.stringify([process.getuid(), process.getgid(), fs.readdirSync("/app/dist/services")])').stdout)).toEqual([1000, 1000, SERVICES]);
    expect(run(reference, 'node', '-e', 'fs.writeFileSync("/app/dist/x", "")').stderr).toMatch(/EROFS|EACCES/);
    expect(run(reference)).toMatchObject({ status: 64, stderr: 'SERVICE must name the service that is to run\n' });
    expect(run('-e', 'SERVICE=../../x', reference).status).toBe(64);
    // It gets as far as its own settings.
    expect(run('-e', 'SERVICE=task-api', reference).stdout).toContain('PORT is missing');
    const { config } = JSON.parse((await oci.manifest(imageTag(wanted.tags)))?.text ?? '{}') as { config: { digest: string } };
    const { config: settings } = JSON.parse(await oci.blob(config.digest)) as { config: { User: string; Labels: Record<string, string> } };
    expect(settings.User).toBe('1000:1000');
    expect(Object.keys(settings.Labels).sort()).toEqual(['io.todoctl.contents', 'io.todoctl.sources', 'org.opencontainers.image.base.name', 'org.opencontainers.image.revision']);
  });

  test('a tag that is not there is named, and the same services in another order are the same image', async () => {
    const { home, wanted, given, say } = await scene('other');
    await publishImages(wanted, home, given, say);
    expect(imageTag(Object.fromEntries(Object.entries(wanted.tags).reverse()))).toBe(imageTag(wanted.tags));
    const { missing } = await lookAtImages({ ...wanted.tags, another: 'aaaaaaaaaaaa' }, home, given);
    expect(missing).toEqual(['aaaaaaaaaaaa']);
  });

  test('as a step: looked at without Docker, made with it, and in a dry run only said', async () => {
    const { home, wanted, given } = await scene('step');
    const place: Step<ImageHome> = { id: 'registry', title: 'Registry', needs: [], timeout: 1000, check: async () => ({ is: 'done', value: home }) };
    const events: EngineEvent[] = [];
    const run = (dryRun: boolean, env = docker.env) =>
      runSteps([imagesStep(place, wanted, { ...given, env })], { emit: (event) => void events.push(event), clock: systemClock, stop: never, leave: never, dryRun });
    expect(await run(true, {})).toMatchObject({ ok: true, planned: 1 });
    expect(await run(false)).toMatchObject({ ok: true, changed: 1 });
    expect(await run(false, {})).toMatchObject({ ok: true, changed: 0 });
    expect(events.flatMap((event) => (event.is === 'progress' ? [event.line] : []))).toEqual(expect.arrayContaining([expect.stringMatching(/^Step 1/), expect.stringMatching(/^tagged /)]));
  });

  test('credentials are in no argument of any process, no line and no file that stays', async () => {
    const { home, wanted, given, said, say } = await scene('canary');
    const seen = new Set<string>();
    const watch = setInterval(() => { for (const line of commandLines()) seen.add(line); }, 5);
    const secrets = [LOGIN.password, Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')];
    const during: string[] = [];
    const noting = (line: string): void => {
      say(line);
      if (line.includes('Prepar')) during.push(readFileSync(path.join(wanted.folder, 'docker/config.json'), 'utf8'));
    };
    await publishImages(wanted, home, given, noting).finally(() => clearInterval(watch));
    expect([...seen].some((line) => line.includes('push\0'))).toBe(true);
    for (const secret of secrets) {
      expect([...seen].filter((line) => line.includes(secret))).toEqual([]);
      expect(said.filter((line) => line.includes(secret))).toEqual([]);
    }
    // It was there, for the time of sending.
    expect(during.join('')).toContain(secrets[1]);
    expect(existsSync(path.join(wanted.folder, 'docker/config.json'))).toBe(false);
  });

  test('a wrong password is told before anything is built, without it', async () => {
    const { home, wanted, given, said, say } = await scene('wrong');
    const wrong: ImageHome = { ...home, signIn: async () => ({ username: 'pusher', password: 'canary-that-is-wrong' }) };
    const error: unknown = await publishImages(wanted, wrong, given, say).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TODOCTL_REGISTRY_UNAUTHORIZED' });
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(said).toEqual([]);
  });

  test('nobody signed in', async () => {
    const { home, wanted, given } = await scene('nobody');
    await expect(lookAtImages(wanted.tags, { server: home.server, repository: home.repository }, given)).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_UNAUTHORIZED', message: expect.stringContaining('asks for credentials, and none were given') as string });
  });

  test('no builder that works is said for each, with its reason', async () => {
    const { home, wanted, given, say } = await scene('none');
    const error = await publishImages(wanted, home, { ...given, env: { PATH: process.env['PATH'] ?? '', HOME: '/nowhere', DOCKER_HOST: 'unix:///nowhere.sock' } }, say).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TODOCTL_BUILDER_MISSING', details: [expect.stringMatching(/^docker: .*nowhere\.sock/), expect.stringMatching(/^podman: /), expect.stringMatching(/^buildctl: /)] });
  });
});

/** What everybody on this machine can read of every process. */
function commandLines(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
    } catch {
      return [];
    }
  });
}
