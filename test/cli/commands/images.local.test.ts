// images build, push, list and scan as whole commands: scripted builders, a registry with a password, no terminal.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type MemoryRegistry, startMemoryRegistry } from '../../support/memory-registry.ts';
import { type Call, type Scripted, scriptedPrograms } from '../../support/scripted-programs.ts';
import { type SmallProject, smallProject, type Said } from '../../support/small-project.ts';

interface Scene extends AsyncDisposable {
  project: SmallProject;
  programs: Scripted;
  registry: MemoryRegistry;
  todoctl(...args: string[]): Promise<Said>;
  /** Calls of one kind: `build`, `push`. */
  calls(verb: string): Promise<Call[]>;
}

// Each is several processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

const SECRET = 'canary-of-the-registry';

async function scene(programs: readonly string[] = ['docker']): Promise<Scene> {
  const registry = await startMemoryRegistry(SECRET);
  const far = { provider: 'existing', context: 'nowhere', auth: { jwks: 'https://id.example.com/keys' }, registry: { server: registry.server, repository: 'acme/todo', credentials: { env: 'REGISTRY_LOGIN' } } };
  const project = await smallProject({ far });
  const scripted = await scriptedPrograms(project.folder, programs);
  return {
    project, registry, programs: scripted,
    todoctl: (...args) => project.todoctl([...args, '--env', 'far'], { PATH: scripted.bin, REGISTRY_LOGIN: `${registry.login.username}:${SECRET}`, DIGITALOCEAN_ACCESS_TOKEN: 'canary-of-the-account' }),
    calls: async (verb) => (await scripted.calls()).filter(({ args }) => args[0] === verb),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

const json = <T>({ stdout }: Said): T => JSON.parse(stdout) as T;
/** Tags differ with every change of the sources of this test. */
function shown({ exit, stdout, stderr }: Said, { registry }: Scene): string {
  expect(stderr.includes('Error') ? stderr : exit).toBe(0);
  return stdout.replaceAll(registry.server, 'SERVER').replaceAll(/image-[0-9a-f]{12}/g, 'image-HASH').replaceAll(/\b[0-9a-f]{12}\b/g, 'TAG');
}

describe('images build', () => {
  test('builds once; what this machine has with the same contents, and what the registry has, is not built again', async () => {
    await using at = await scene();
    expect(json(await at.todoctl('images', 'build', '--json', '--dry-run'))).toMatchObject({ dryRun: true, environment: 'far' });
    expect(await at.calls('build')).toEqual([]);
    const first = await at.todoctl('images', 'build');
    expect(first.exit).toBe(0);
    expect(shown(first, at)).toBe('Built  SERVER/acme/todo:image-HASH with docker\nBase   127.0.0.1:1/node:26, which one is not recorded\nNext   todoctl images push --env far\n');
    const [{ files = [], config = '' } = {}] = await at.calls('build');
    expect(files).toEqual(expect.arrayContaining(['dist/services/hello/main.js', 'dist/services/web/main.js', 'dist/services/web/public/index.html', 'package.json', 'services/Dockerfile', 'services/start.js']));
    expect(files.filter((file) => file.includes('inputs.json') || file.includes('todoctl.yaml'))).toEqual([]);
    expect(config).not.toContain('auths');

    const again = await at.todoctl('images', 'build', '--json');
    expect(json(again)).toMatchObject({ there: 'machine', image: { builder: 'docker' } });
    expect(await at.calls('build')).toHaveLength(1);

    // For other nodes it is another image, whatever its sources.
    expect(json(await at.todoctl('images', 'build', '--json', '--platform', 'linux/arm64'))).not.toHaveProperty('there');
    expect(await at.calls('build')).toHaveLength(2);

    expect((await at.todoctl('images', 'push')).exit).toBe(0);
    expect(shown(await at.todoctl('images', 'build'), at)).toBe('There  SERVER/acme/todo:image-HASH is in the registry; nothing had to be built\n');
  });

  test('needs no registry: one that does not answer has nothing', async () => {
    await using at = await scene();
    at.registry.refusing = { status: 503, text: 'closed' };
    expect((await at.todoctl('images', 'build')).exit).toBe(0);
    expect(await at.calls('build')).toHaveLength(1);
  });

  test('a builder that fails is quoted, and nothing is there', async () => {
    await using at = await scene();
    await at.programs.fail('^build', 'COPY failed: no space left');
    const { exit, stdout, stderr } = await at.todoctl('images', 'build');
    expect([exit, stdout]).toEqual([4, '']);
    expect(stderr).toContain('COPY failed: no space left');
    await at.programs.fail('^never$', '');
    expect(json(await at.todoctl('images', 'build', '--json'))).not.toHaveProperty('there');
  });

  test('without a builder: each is named with its reason, exit 3', async () => {
    await using at = await scene([]);
    const { exit, stderr } = await at.todoctl('images', 'build');
    expect(exit).toBe(3);
    for (const name of ['docker', 'podman', 'buildctl']) expect(stderr).toContain(`${name}: is not on PATH`);
  });
});

describe.each(['docker', 'podman', 'buildctl'] as const)('images push with %s', (builder) => {
  test('builds, sends and tags once; credentials are in a private file meanwhile, and nowhere else', async () => {
    await using at = await scene([builder]);
    const said = [await at.todoctl('images', 'push', '--builder', builder)];
    expect(said[0]).toMatchObject({ exit: 0 });
    expect(shown(said[0] as Said, at)).toBe('Pushed  SERVER/acme/todo built and sent\n  hello  TAG\n  web  TAG\n');
    expect([...at.registry.manifests.keys()].map((key) => key.split(':')[1]?.length).sort()).toEqual([12, 12, 'image-'.length + 12]);
    expect(new Set(at.registry.manifests.values()).size).toBe(1);
    const calls = await at.programs.calls();
    const sending = calls.filter(({ args }) => args[0] === 'push' || args.join(' ').includes('push=true'));
    expect(sending.map(({ config }) => JSON.parse(config ?? '{}') as unknown)).toMatchObject([{ auths: { [at.registry.server]: { auth: Buffer.from(`pusher:${SECRET}`).toString('base64') } } }]);

    said.push(await at.todoctl('images', 'push', '--json'));
    expect(json(said[1] as Said)).toMatchObject({ built: false, sent: false, tagged: [], services: [{ service: 'hello', pushed: false }, { service: 'web', pushed: false }] });
    expect(await at.programs.calls()).toHaveLength(calls.length);

    // Nobody sees the password or the token of the account: not in arguments, variables, lines, nor in files that stay.
    const secrets = [SECRET, Buffer.from(`pusher:${SECRET}`).toString('base64'), 'canary-of-the-account'];
    const seen = [...calls.flatMap(({ args, env }) => [...args, ...Object.entries(env).flat()]), ...said.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...filesOf(path.join(at.project.folder, '.todoctl'))];
    for (const secret of secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  });
});

describe('images push', () => {
  test('--dry-run says what is missing, and sends nothing', async () => {
    await using at = await scene();
    expect(shown(await at.todoctl('images', 'push', '--dry-run'), at)).toBe('Would push to SERVER/acme/todo\n  hello  TAG\n  web  TAG\n');
    expect([at.registry.manifests.size, await at.calls('build')]).toEqual([0, []]);
  });

  test('an image that was built before is only sent; one service that changed gives the others no new tag', async () => {
    await using at = await scene();
    await at.todoctl('images', 'build');
    expect(json(await at.todoctl('images', 'push', '--json'))).toMatchObject({ built: false, sent: true });
    const before = [...at.registry.manifests.keys()];
    await at.project.write('services/hello/main.ts', 'console.log(1);\n');
    expect(json(await at.todoctl('images', 'push', '--json'))).toMatchObject({ built: true, sent: true, services: [{ service: 'hello', pushed: true }, { service: 'web', pushed: false }] });
    // The image as a whole, and the tag of one service.
    expect([...at.registry.manifests.keys()].filter((key) => !before.includes(key))).toHaveLength(2);
  });

  test('who may not push learns it before anything is built; what the builder quotes of its configuration is not repeated', async () => {
    await using at = await scene();
    at.registry.refusing = { method: 'POST', status: 403, text: '{"errors":[{"code":"DENIED","message":"read only"}]}' };
    const refused = await at.todoctl('images', 'push');
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain('DENIED: read only');
    expect(await at.calls('build')).toEqual([]);
    delete at.registry.refusing;
    await at.programs.fail('^push', 'denied, and this is who you are: $CONFIG');
    const failed = await at.todoctl('images', 'push', '--json');
    expect(failed.exit).toBe(4);
    expect(failed.stdout).toContain('denied, and this is who you are');
    expect(`${failed.stdout}${failed.stderr}`).not.toContain(Buffer.from(`pusher:${SECRET}`).toString('base64'));
    expect(filesOf(path.join(at.project.folder, '.todoctl')).filter((text) => text.includes('auths'))).toEqual([]);
  });

  test('credentials that are not set are named', async () => {
    await using at = await scene();
    const { exit, stderr } = await at.project.todoctl(['images', 'push', '--env', 'far'], { PATH: at.programs.bin });
    expect(exit).toBe(3);
    expect(stderr).toContain('REGISTRY_LOGIN is not set');
  });
});

test('images list shows what is there and what is missing, and needs no builder', async () => {
  await using at = await scene();
  expect(shown(await at.todoctl('images', 'list'), at)).toBe('SERVER/acme/todo\n  hello  TAG  missing\n  web    TAG  missing\n  and 0 other tags\n');
  await at.todoctl('images', 'push');
  at.registry.manifests.set('acme/todo:older', '{}');
  expect(shown(await at.todoctl('images', 'list'), at)).toBe('SERVER/acme/todo\n  hello  TAG  there\n  web    TAG  there\n  and 2 other tags\n');
  expect(json(await at.todoctl('images', 'list', '--json'))).toMatchObject({ server: at.registry.server, services: [{ service: 'hello', digest: expect.stringMatching(/^sha256:/) as string }, { service: 'web' }], tags: expect.arrayContaining(['older']) as string[] });
});

describe('images scan', () => {
  const weakness = (id: string, Severity: string, FixedVersion?: string): object => ({ VulnerabilityID: id, PkgName: 'openssl', InstalledVersion: '3.0', Severity, ...(FixedVersion ? { FixedVersion } : {}) });

  test('gives Trivy credentials for this registry alone, while it runs; what is critical and fixed ends with 6', async () => {
    await using at = await scene(['docker', 'trivy']);
    expect(shown(await at.todoctl('images', 'scan'), at)).toBe('Scanned  SERVER/acme/todo:image-HASH: nothing found\n');
    await at.programs.report({ Results: [{ Vulnerabilities: [weakness('CVE-1', 'HIGH', '3.1'), weakness('CVE-2', 'CRITICAL')] }] });
    expect(json(await at.todoctl('images', 'scan', '--json'))).toMatchObject({ scanned: true, weaknesses: [{ id: 'CVE-2' }, { id: 'CVE-1' }] });
    await at.programs.report({ Results: [{ Vulnerabilities: [weakness('CVE-3', 'CRITICAL', '3.1')] }] });
    const bad = await at.todoctl('images', 'scan');
    expect(bad.exit).toBe(6);
    expect(bad.stderr).toContain('CVE-3 in openssl 3.0, fixed in 3.1');
    const calls = await at.programs.calls();
    for (const { args, env, config } of calls) {
      expect(JSON.parse(config ?? '{}')).toEqual({ auths: { [at.registry.server]: { auth: Buffer.from(`pusher:${SECRET}`).toString('base64') } } });
      expect(JSON.stringify([args, env])).not.toContain('canary');
      // Trivy's database comes from elsewhere, and these would go there too.
      expect(env).not.toHaveProperty('TRIVY_PASSWORD');
      expect(env['TRIVY_NON_SSL']).toBe('true');
    }
    expect(calls).toHaveLength(3);
    expect(filesOf(path.join(at.project.folder, '.todoctl')).filter((text) => text.includes('auths'))).toEqual([]);
  });

  test('an image on this machine needs no credentials; where Trivy fails, that there were none is said', async () => {
    await using at = await scene(['trivy']);
    const scan = (): Promise<Said> => at.project.todoctl(['images', 'scan', '--env', 'far'], { PATH: at.programs.bin });
    expect((await scan()).exit).toBe(0);
    await at.programs.fail('^image', 'unable to find the image');
    const failed = await scan();
    expect(failed.exit).toBe(4);
    expect(failed.stderr.replaceAll(/\s+/g, ' ')).toContain('the registry was asked without credentials: The environment variable REGISTRY_LOGIN is not set');
  });

  test('without Trivy: said, and an error only where it is required', async () => {
    await using at = await scene([]);
    expect(await at.todoctl('images', 'scan')).toMatchObject({ exit: 0, stdout: expect.stringContaining('Trivy is not on this machine') as string });
    expect(json(await at.todoctl('images', 'scan', '--json'))).toMatchObject({ scanned: false, weaknesses: [] });
    expect((await at.todoctl('images', 'scan', '--require')).exit).toBe(3);
  });
});

test('an environment on this machine has no images: exit 3', async () => {
  const project = await smallProject({});
  for (const verb of ['build', 'push', 'list', 'scan']) {
    const { exit, stderr } = await project.todoctl(['images', verb]);
    expect([verb, exit, stderr.includes('TODOCTL_REGISTRY_NONE')]).toEqual([verb, 3, true]);
  }
});

/** What all files of a folder hold. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
}
