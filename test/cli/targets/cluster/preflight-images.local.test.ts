// What a preflight says of images where the cluster exists: is there a registry, may it be read, is what is missing to be had.
import { expect, test } from 'vitest';
import { sourceTags } from '../../../../cli/images/source-tags.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import { openClusterTarget } from '../../../../cli/targets/cluster/target.ts';
import { type MemoryRegistry, startMemoryRegistry } from '../../../support/memory-registry.ts';
import { scriptedPrograms } from '../../../support/scripted-programs.ts';
import { type SmallProject, smallProject } from '../../../support/small-project.ts';
import { plainIo } from '../../operations/stage.ts';

const FAR = { provider: 'existing', context: 'nowhere', auth: { jwks: 'https://id.example.com/keys' } };

const projectWith = (registry?: MemoryRegistry): Promise<SmallProject> =>
  smallProject({ far: { ...FAR, ...(registry ? { registry: { server: registry.server, repository: 'acme/todo', credentials: { env: 'LOGIN' } } } : {}) } });

/** The finding on images: a code, `fine`, or what else is said of them. */
async function images({ folder }: SmallProject, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const never = new AbortController().signal;
  const target = await openClusterTarget({ io: plainIo, clock: systemClock, cwd: folder, environment: 'far', stop: never, leave: never, env: { PATH: '/nowhere', HOME: folder, ...env } });
  const found = (await target.preflight()).filter(({ title }) => title === 'Images');
  expect(found).toHaveLength(1);
  return found[0]?.error?.code ?? 'fine';
}

test('no registry is said before anything is made', async () => {
  expect(await images(await projectWith())).toBe('TODOCTL_REGISTRY_NONE');
});

test('credentials that are missing, wrong or of somebody without rights', async () => {
  await using registry = await startMemoryRegistry();
  const project = await projectWith(registry);
  expect(await images(project)).toBe('TODOCTL_SECRET_MISSING');
  expect(await images(project, { LOGIN: 'pusher:wrong' })).toBe('TODOCTL_REGISTRY_UNAUTHORIZED');
  registry.refusing = { status: 403, text: '{}' };
  expect(await images(project, { LOGIN: `pusher:${registry.login.password}` })).toBe('TODOCTL_REGISTRY_UNAUTHORIZED');
});

test('images that are there are asked for as a pod would; ones that are missing need a builder', async () => {
  await using registry = await startMemoryRegistry();
  const project = await projectWith(registry);
  const LOGIN = `pusher:${registry.login.password}`;
  expect(await images(project, { LOGIN })).toBe('TODOCTL_BUILDER_MISSING');
  const { bin } = await scriptedPrograms(project.folder, ['podman']);
  expect(await images(project, { LOGIN, PATH: bin })).toBe('fine');

  const tags = Object.values(await sourceTags(project.folder, ['hello', 'web']));
  for (const tag of tags) registry.manifests.set(`acme/todo:${tag}`, '{}');
  registry.asked.length = 0;
  expect(await images(project, { LOGIN })).toBe('fine');
  expect(registry.asked.sort()).toEqual(tags.map((tag) => `HEAD /v2/acme/todo/manifests/${tag}`).sort());
});

test('a registry that does not answer', async () => {
  const registry = await startMemoryRegistry();
  const project = await projectWith(registry);
  await registry[Symbol.asyncDispose]();
  expect(await images(project, { LOGIN: 'pusher:word' })).toBe('TODOCTL_REGISTRY_UNREACHABLE');
});
