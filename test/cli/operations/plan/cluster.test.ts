// Which cluster an environment is planned against: whose kubeconfig is read, and whether the cluster is the one that is meant.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Environment } from '../../../../cli/definition/platform.ts';
import { clusterOf } from '../../../../cli/operations/plan/cluster.ts';
import { minimal, refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { contextOn, targetWith } from '../stage.ts';
import { json, refused, type Script, scriptedCluster } from './scripted-cluster.ts';

let cwd: string;
const environment = (more: object = {}): Environment => ({ name: 'prod', provider: 'existing', ...more }) as Environment;
const here = (env: NodeJS.ProcessEnv = {}) => ({ ...contextOn(targetWith()), cwd, env });
const config = (server: string, names: readonly string[], more: object = {}): string =>
  stringify({ 'current-context': names[0], contexts: names.map((name) => ({ name, context: { cluster: name } })), clusters: names.map((name) => ({ name, cluster: { server: `${server}/${name}` } })), ...more });
const write = async (file: string, text: string): Promise<string> => {
  await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
  await writeFile(path.join(cwd, file), text);
  return path.join(cwd, file);
};
/** Where an environment would be planned; the cluster itself is not asked. */
const whereOf = async (...given: Parameters<typeof clusterOf>): Promise<string | undefined> => {
  using kubernetes = await clusterOf(...given);
  return kubernetes?.where;
};

beforeEach(async () => {
  cwd = await temporaryFolder();
});

describe('the kubeconfig', () => {
  test('that is named counts, from the folder of the caller, for every provider', async () => {
    await write('some/config', config('https://10.0.0.1', ['one', 'two']));
    for (const provider of ['existing', 'digitalocean']) expect(await whereOf(here({ KUBECONFIG: '/nowhere' }), environment({ provider }), { kubeconfig: 'some/config' })).toBe('one (https://10.0.0.1)');
  });

  test('of the user is read for provider existing alone: whatever cluster it names would be taken for another’s', async () => {
    const file = await write('config', config('https://10.0.0.1', ['one']));
    expect(await whereOf(here({ KUBECONFIG: file }), environment(), {})).toBe('one (https://10.0.0.1)');
    await write('todoctl.yaml', minimal('  prod: { provider: digitalocean }\n'));
    // Nobody who has no token may ask where the cluster is; a plan is for him too.
    const asked = { ...here({ KUBECONFIG: file }), environment: 'prod' };
    expect(await whereOf(asked, environment({ provider: 'digitalocean' }), {})).toBeUndefined();
  });

  test('of several files is the first that has the context', async () => {
    const files = [await write('a', config('https://10.0.0.1', ['one'])), await write('b', config('https://10.0.0.2', ['one', 'two']))];
    const env = { KUBECONFIG: ['', ...files].join(path.delimiter) };
    expect(await whereOf(here(env), environment(), {})).toBe('one (https://10.0.0.1)');
    expect(await whereOf(here(env), environment({ context: 'two' }), {})).toBe('two (https://10.0.0.2)');
  });

  test('is that of the home folder where the variable is not set, or empty', async () => {
    await write('.kube/config', config('https://10.0.0.3', ['home']));
    expect(await whereOf(here({ HOME: cwd }), environment(), {})).toBe('home (https://10.0.0.3)');
    expect(await whereOf(here({ HOME: cwd, KUBECONFIG: '' }), environment(), {})).toBe('home (https://10.0.0.3)');
  });

  test('that is not there is said so', async () => {
    expect(await refusal(whereOf(here({ HOME: cwd }), environment(), {}))).toMatchObject({ code: 'TODOCTL_KUBECONFIG_BROKEN', exit: 3, message: expect.stringContaining('.kube/config cannot be read: there is no such file') as string });
  });
});

describe('the context', () => {
  test('that is named counts more than that of the definition, and that more than the current one', async () => {
    const kubeconfig = await write('config', config('https://10.0.0.1', ['one', 'two', 'three']));
    const planned = (more: object, named: object) => whereOf(here(), environment(more), { kubeconfig, ...named });
    expect(await planned({}, {})).toMatch(/^one /);
    expect(await planned({ context: 'two' }, {})).toMatch(/^two /);
    expect(await planned({ context: 'two' }, { context: 'three' })).toMatch(/^three /);
  });

  test('that is not there: those that are, and the one that may be meant', async () => {
    const kubeconfig = await write('config', config('https://10.0.0.1', ['do-nyc3-todo', 'kind']));
    expect(await refusal(whereOf(here(), environment(), { kubeconfig, context: 'do-nyc3-tood' }))).toMatchObject({
      code: 'TODOCTL_CONTEXT_UNKNOWN', exit: 2, details: ['it has do-nyc3-todo, kind'], next: ['Did you mean do-nyc3-todo?'],
    });
  });
});

describe('the cluster of the environment is known by its UID', () => {
  const asked = async (script: Script) => {
    const cluster = await scriptedCluster([], script);
    const kubeconfig = await write('config', config(cluster.server.origin, ['one'], {
      clusters: [{ name: 'one', cluster: { server: cluster.server.origin, 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') } }],
    }));
    return { cluster, result: whereOf(here(), environment({ cluster: 'uid-1' }), { kubeconfig }) };
  };
  const uid = (value: string): Script => ({ path: at }, response) => at === '/api/v1/namespaces/kube-system' && json(response, 200, { metadata: { uid: value } });

  test('the one that is meant', async () => {
    const { cluster, result } = await asked(uid('uid-1'));
    expect(await result).toBe(`one (${cluster.server.origin})`);
  });

  test('another is refused, with both UIDs, and its connections are closed', async () => {
    const { cluster, result } = await asked(uid('uid-2'));
    expect(await refusal(result)).toMatchObject({ code: 'TODOCTL_CLUSTER_WRONG', exit: 3, details: ['todoctl.yaml says uid-1', 'the cluster says uid-2'] });
    await until('its connections are closed', () => cluster.open.size === 0);
  });

  test('one that does not show it is refused too', async () => {
    const { result } = await asked((_, response) => refused(response, 403, 'namespaces "kube-system" is forbidden'));
    expect(await refusal(result)).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', exit: 4, details: ['namespaces "kube-system" is forbidden'] });
  });

  test.each([[200, '<html>sign in</html>'], [502, 'bad gateway'], [200, 'null'], [200, '{"metadata":{}}']])('what is no API of Kubernetes (%i, %s) is not taken for another cluster', async (status, text) => {
    const { result } = await asked((_, response) => {
      response.writeHead(status).end(text);
      return true;
    });
    expect(await refusal(result)).toMatchObject({ code: 'TODOCTL_CLUSTER_STRANGE', exit: 3 });
  });

  test('where the definition says none, nobody is asked', async () => {
    const kubeconfig = await write('config', config('https://127.0.0.1:9', ['one']));
    expect(await whereOf(here(), environment(), { kubeconfig })).toBe('one (https://127.0.0.1:9)');
  });
});
