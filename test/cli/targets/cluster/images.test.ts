import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { clusterImages } from '../../../../cli/targets/cluster/images.ts';
import type { Ground } from '../../../../cli/targets/cluster/ground.ts';
import type { TargetImages } from '../../../../cli/targets/target.ts';
import { apiServerThat } from '../../kubernetes/forwarding-server.ts';
import { plainIo } from '../../operations/stage.ts';

/** As Helm keeps a revision: JSON, zipped, base64, and base64 once more. */
const record = (content: object): string => Buffer.from(gzipSync(JSON.stringify(content)).toString('base64')).toString('base64');
const values = (...tags: string[]): object => ({ config: { services: Object.fromEntries(tags.map((tag, index) => [`service-${index}`, { tag }])) } });

interface Given {
  /** What is in the Secret of each revision. */
  revisions?: Record<string, string>;
  forbidden?: boolean;
  cluster?: boolean;
  registry?: object;
  provider?: string;
  env?: NodeJS.ProcessEnv;
}

async function open({ revisions = {}, forbidden = false, cluster = true, registry, provider = 'existing', env = {} }: Given = {}): Promise<TargetImages> {
  const kubernetes = await apiServerThat({
    request(request, response) {
      const url = new URL(request.url ?? '', 'http://x');
      const answer = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (forbidden) return answer(403, { message: 'secrets is forbidden' });
      if (url.searchParams.get('labelSelector') === 'owner=helm,name=todo') return answer(200, { items: Object.keys(revisions).map((name, index) => ({ metadata: { name, labels: { version: String(index + 1), status: 'superseded' } } })) });
      const data = revisions[url.pathname.split('/').at(-1) ?? ''];
      return data === undefined ? answer(404, { message: 'not found' }) : answer(200, { metadata: {}, data: { release: data } });
    },
  });
  const platform = { name: 'todo', root: '/project', services: [], environment: { name: 'far', provider, ...(registry ? { registry } : {}) } } as unknown as Platform;
  const ground = {
    given: { io: plainIo, env, environment: 'far', stop: new AbortController().signal }, peek: { platform: 'todo' }, folder: '/project/.todoctl/far',
    wanted: async () => ({ platform, tags: { web: 'abc' } }),
    provider: async () => ({ cluster: async () => (cluster ? { uid: 'u' } : undefined), steps: async () => ({}) }),
    open: () => kubernetes,
  };
  return clusterImages(ground as unknown as Ground);
}

describe('tags that are in use', () => {
  test('are those of every revision that could be gone back to, each once', async () => {
    const images = await open({ revisions: { v1: record(values('a', 'b')), v2: record(values('a', 'c')), v3: record({ config: {} }), v4: record({}) } });
    expect([...(await images.used())].sort()).toEqual(['a', 'b', 'c']);
  });

  test('are none where there is no cluster, and none where nothing was deployed', async () => {
    expect(await (await open({ cluster: false })).used()).toEqual([]);
    expect(await (await open()).used()).toEqual([]);
  });

  test('are not known where a revision cannot be read: that is an error, for what it needs must not be deleted', async () => {
    const images = await open({ revisions: { v1: record(values('a')), v2: Buffer.from('no record').toString('base64') } });
    await expect(images.used()).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_STRANGE', message: expect.stringContaining('which images are in use is not known') as string });
    await expect((await open({ forbidden: true })).used()).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN' });
  });
});

describe('where images go', () => {
  const step = async (given: Given): Promise<unknown> => {
    const registry = await (await open(given)).registry();
    return registry.check({} as Parameters<typeof registry.check>[0]);
  };
  const registry = { server: 'ghcr.io', repository: 'acme/todo' };

  test('is what todoctl.yaml gives, with its credentials for pods and for builders', async () => {
    const state = (await step({ registry: { ...registry, credentials: { env: 'LOGIN' } }, env: { LOGIN: 'user:canary-word' } })) as { is: string; value: { server: string; pull: string; signIn: (access: string) => Promise<object> } };
    expect(state).toMatchObject({ is: 'done', value: registry });
    expect(await state.value.signIn('write')).toEqual({ username: 'user', password: 'canary-word' });
    expect(JSON.parse(state.value.pull)).toEqual({ auths: { 'ghcr.io': { auth: Buffer.from('user:canary-word').toString('base64') } } });
    expect(plainIo.redactor.redact('it is canary-word')).toBe('it is ***');
  });

  test('asks nobody where no credentials are given', async () => {
    expect(await step({ registry })).toEqual({ is: 'done', value: registry });
  });

  test.each([
    ['not set', {}, 'TODOCTL_SECRET_MISSING'],
    ['empty', { LOGIN: ' ' }, 'TODOCTL_SECRET_MISSING'],
    ['no credentials', { LOGIN: 'canary' }, 'TODOCTL_REGISTRY_CREDENTIALS'],
  ])('credentials that are %s are refused, and not repeated', async (_what, env, code) => {
    const error: unknown = await step({ registry: { ...registry, credentials: { env: 'LOGIN' } }, env }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TodoctlError);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  test('is nowhere for a cluster that exists, when nothing is said', async () => {
    await expect(step({})).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_NONE', message: 'The environment far has no registry for its images' });
  });
});
