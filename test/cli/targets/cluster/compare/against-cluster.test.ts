// A comparison with an API server over HTTPS: what each of its answers comes to, and every way in which it does not answer.
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../../cli/definition/platform.ts';
import { TodoctlError } from '../../../../../cli/errors/todoctl-error.ts';
import { discover } from '../../../../../cli/kubernetes/discovery.ts';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { type ClusterComparison, compareCluster } from '../../../../../cli/targets/cluster/compare/against-cluster.ts';
import type { Desired } from '../../../../../cli/targets/cluster/compare/desired.ts';
import { errorText } from '../../../../../cli/views/error.ts';
import { refusal } from '../../../../support/definition.ts';
import { until } from '../../../../support/until.ts';
import { type Cluster, cut, json, KINDS, NAMESPACE, object, OURS, refused, resource, type Script, scriptedCluster, TOKEN } from '../../../operations/plan/scripted-cluster.ts';

const platform = { name: 'todo', services: [{ name: 'audit' }], topics: [{ name: 'task-events' }], environment: { name: 'prod', provider: 'existing' } } as unknown as Platform;
const SYSTEMS = ['namespaces', 'kafka', 'app'];

const topic = (name: string, partitions: number): KubernetesObject => object('KafkaTopic', name, { spec: { partitions } });
const map = (name: string, data: Record<string, string> = {}, labels?: Record<string, string>): KubernetesObject => object('ConfigMap', name, { data }, labels);
const desiredOf = (objects: readonly KubernetesObject[], more: Partial<Desired> = {}): Desired => ({
  objects: objects.map((one) => ({ head: one, object: one, body: JSON.stringify(one), system: 'kafka', manager: one.kind === 'Deployment' ? 'helm' : 'todoctl' })), releases: [], provided: new Map(), ...more,
});

async function compare(cluster: Cluster, desired: Desired, options: Parameters<Cluster['client']>[0] = {}): Promise<ClusterComparison> {
  const kubernetes = cluster.client(options);
  return compareCluster(kubernetes, await discover(kubernetes), platform, desired, SYSTEMS);
}
const compared = async (there: KubernetesObject[], wanted: readonly KubernetesObject[], script?: Script) => compare(await scriptedCluster(there, script), desiredOf(wanted));
const on = (method: string, end: string, answer: (response: Parameters<Script>[1]) => boolean): Script => (request, response) => request.method === method && request.path.endsWith(end) && answer(response);
const CANNOT_PATCH = 'configmaps "a" is forbidden: User "me" cannot patch resource "configmaps" in API group "" in the namespace "todo"';

describe('an object', () => {
  test('that is as it is declared is no change', async () => {
    expect(await compared([NAMESPACE, map('a', { x: '1' })], [NAMESPACE, map('a', { x: '1' })])).toMatchObject({ changes: [], approximate: false, unseen: [], warnings: [] });
  });

  test('that is not there is new; so is all in a namespace that is not there', async () => {
    const { changes } = await compared([NAMESPACE], [map('a'), object('ConfigMap', 'b', {}, OURS, 'elsewhere')]);
    expect(changes.map(({ action, name, reason }) => [action, name, reason])).toEqual([['create', 'a', 'it is not there'], ['create', 'b', 'its namespace is new too']]);
  });

  test('that is declared otherwise: each field, old and new', async () => {
    const { changes } = await compared([NAMESPACE, topic('task-events', 3)], [topic('task-events', 6)]);
    expect(changes).toEqual([{ action: 'change', kind: 'KafkaTopic', namespace: 'todo', name: 'task-events', system: 'kafka', reason: 'it is declared otherwise', fields: [{ path: 'spec.partitions', from: 3, to: 6 }] }]);
  });

  test('that is there without our labels is read by its name, and gets them', async () => {
    const { changes, live } = await compared([NAMESPACE, map('a', { x: '1' }, {})], [map('a', { x: '1' })]);
    expect(changes).toMatchObject([{ action: 'change', name: 'a', fields: [{ path: 'metadata.labels["todoctl.io/platform"]', to: 'todo' }, { to: 'prod' }, { to: 'kafka' }] }]);
    expect(live.map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  test('is tried as its owner, without being kept', async () => {
    const cluster = await scriptedCluster([NAMESPACE]);
    await compare(cluster, desiredOf([map('a'), object('Deployment', 'api')]));
    const patches = cluster.asked.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ path, query, headers }) => [path, Object.fromEntries(query), headers['content-type']])).toEqual([
      ['/api/v1/namespaces/todo/configmaps/a', { fieldManager: 'todoctl', dryRun: 'All', force: 'true' }, 'application/apply-patch+yaml'],
      ['/apis/apps/v1/namespaces/todo/deployments/api', { fieldManager: 'helm', dryRun: 'All', force: 'true' }, 'application/apply-patch+yaml'],
    ]);
    expect(cluster.asked.filter(({ method, query }) => method !== 'GET' && query.get('dryRun') !== 'All')).toEqual([]);
  });

  test('of one and a half megabytes is compared like any other', async () => {
    const large = 'x'.repeat(1_500_000);
    const { changes } = await compared([NAMESPACE, map('a', { large })], [map('a', { large: `${large}y` })]);
    expect(changes[0]?.fields).toEqual([{ path: 'data.large', from: large, to: `${large}y` }]);
  });

  test('that the API server warns of: the warning, once', async () => {
    const warn = (response: Parameters<Script>[1]) => json(response, 201, {}, { warning: '299 - "would violate PodSecurity"' });
    expect((await compared([NAMESPACE], [map('a'), map('b')], ({ method }, response) => method === 'PATCH' && warn(response))).warnings).toEqual(['would violate PodSecurity']);
  });

  test('that admission refuses is an error in its words, with all others that are refused', async () => {
    const script: Script = ({ method, path }, response) => method === 'PATCH' && refused(response, path.endsWith('/a') ? 403 : 422, `admission webhook denied ${path.at(-1) ?? ''}`);
    const error = await refusal(compared([NAMESPACE], [map('a'), map('b')], script));
    expect(error).toMatchObject({ code: 'TODOCTL_CLUSTER_REFUSED', exit: 4, details: ['ConfigMap todo/a: admission webhook denied a', 'ConfigMap todo/b: admission webhook denied b'] });
  });

  test('that is refused with all of it in Go’s words: the reason alone', async () => {
    const dump = 'Job.batch "a" is invalid: spec.template: Invalid value: core.PodTemplateSpec{Env: []core.EnvVar{{Name:"X", Value:"canary-in-go"}}}: field is immutable';
    const error = await refusal(compared([NAMESPACE], [map('a')], ({ method }, response) => method === 'PATCH' && refused(response, 422, dump)));
    expect(error.details).toEqual(['ConfigMap todo/a: Job.batch "a" is invalid: spec.template: field is immutable']);
  });
});

describe('a kind that the cluster does not have', () => {
  const gateway = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'todo', namespace: 'todo', labels: OURS } };
  const reason = async (provider: string, wanted: KubernetesObject, provided: Desired['provided'] = new Map()) => {
    const kubernetes = (await scriptedCluster([NAMESPACE])).client();
    const there = { ...platform, environment: { ...platform.environment, provider } } as Platform;
    return (await compareCluster(kubernetes, await discover(kubernetes), there, desiredOf([map('a'), wanted], { provided }), SYSTEMS)).changes.find(({ action }) => action === 'after');
  };

  test('comes after the system that brings it', async () => {
    expect(await reason('existing', gateway, new Map([['gateway.networking.k8s.io', 'gateway']]))).toMatchObject({ after: 'gateway', reason: 'its kind comes with gateway' });
  });

  test.each([
    ['digitalocean', 'the cluster has no kind Gateway: DigitalOcean brings it to VPC-native clusters from Kubernetes 1.33 on: upgrade the cluster, or write gateway: {kind: ingress}'],
    ['existing', 'the cluster has no kind Gateway: install the Gateway API (gateway-api.sigs.k8s.io), or write gateway: {kind: ingress}'],
  ])('and that nothing of ours brings: what to do about it on %s', async (provider, said) => {
    expect(await reason(provider, gateway)).toMatchObject({ reason: said, fields: [] });
    expect(await reason(provider, gateway)).not.toHaveProperty('after');
  });

  test('of any other group: what to install', async () => {
    expect(await reason('existing', { ...gateway, apiVersion: 'example.com/v1', kind: 'Thing' })).toMatchObject({ reason: 'the cluster has no kind Thing: install what brings example.com' });
  });

  test('in the version that is rendered is one that it does not have', async () => {
    expect(await reason('existing', { ...gateway, apiVersion: 'apps/v2', kind: 'Deployment' })).toMatchObject({ action: 'after' });
  });
});

describe('what nobody renders any more', () => {
  const gone = async (...there: KubernetesObject[]) => (await compared([NAMESPACE, map('stays'), ...there], [NAMESPACE, map('stays')])).changes.map(({ action, kind, name, reason }) => [action, kind, name, reason]);

  test('would go, with why', async () => {
    expect(await gone(map('a'), object('Service', 'billing', {}, { ...OURS, 'app.kubernetes.io/name': 'billing' }), map('b', {}, { ...OURS, 'todoctl.io/system': 'chaos' }))).toEqual([
      ['prune', 'ConfigMap', 'a', 'kafka does not render it any more'],
      ['prune', 'ConfigMap', 'b', 'prod has no chaos any more'],
      ['prune', 'Service', 'billing', 'the definition has no service billing any more'],
    ]);
  });

  test('stays, without exactly our labels', async () => {
    const labels = [{}, { 'todoctl.io/platform': 'todo' }, { ...OURS, 'todoctl.io/environment': 'staging' }, { ...OURS, 'todoctl.io/platform': 'shop' }, { 'app.kubernetes.io/part-of': 'todo' }];
    expect(await gone(...labels.map((one, index) => map(`other-${index}`, {}, one)))).toEqual([]);
  });

  test('stays, where a controller made it or it holds what no render knows', async () => {
    const owned = map('owned');
    owned.metadata.ownerReferences = [{ kind: 'Deployment', uid: '1' }];
    expect(await gone(owned, object('Secret', 'made-by-deploy'))).toEqual([]);
  });
});

describe('who may not do all', () => {
  test('may not write: what is declared is compared, and that is said', async () => {
    const script: Script = ({ method }, response) => method === 'PATCH' && refused(response, 403, CANNOT_PATCH);
    const result = await compared([NAMESPACE, map('a', { x: '1', theirs: '2' }), map('b')], [NAMESPACE, map('a', { x: '2' }), map('b'), map('c')], script);
    expect(result.changes.map(({ action, name, fields }) => [action, name, fields])).toEqual([['change', 'a', [{ path: 'data.x', from: '1', to: '2' }]], ['create', 'c', []]]);
    expect([result.approximate, result.unseen]).toEqual([true, ['You may not try 4 of 4 objects: what is declared of them was compared with what is there, without a dry run.']]);
  });

  test('may not list but read: each object by its name; what an earlier deploy left is not known', async () => {
    const script: Script = ({ method, path }, response) => method === 'GET' && path.endsWith('/configmaps') && refused(response, 403, 'cannot list');
    const result = await compared([NAMESPACE, map('a', { x: '1' }), map('left')], [NAMESPACE, map('a', { x: '2' })], script);
    expect(result.changes).toMatchObject([{ action: 'change', name: 'a', fields: [{ path: 'data.x', from: '1', to: '2' }] }]);
    expect(result.unseen).toEqual(['You may not list 1 kinds: what an earlier deploy left of them is not known.']);
    expect(result.live.map(({ metadata }) => metadata.name)).toEqual(['todo', 'a']);
  });

  test('may neither list nor read nor try a kind: that kind is not known, the others are', async () => {
    const script: Script = ({ path }, response) => path.includes('/configmaps') && refused(response, 403, CANNOT_PATCH);
    const result = await compared([NAMESPACE, topic('task-events', 3)], [map('a'), topic('task-events', 6)], script);
    expect(result.changes).toMatchObject([{ kind: 'KafkaTopic', action: 'change' }]);
    expect(result.unseen).toEqual(['You may not read ConfigMap: what would change there is not known.', 'You may not list 1 kinds: what an earlier deploy left of them is not known.']);
  });

  test('may see nothing at all: an error', async () => {
    const script: Script = ({ path }, response) => path.includes('/configmaps') && refused(response, 403, CANNOT_PATCH);
    expect(await refusal(compared([], [map('a')], script))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', exit: 4 });
  });

  test('a kind that nothing renders and whose server is down is named', async () => {
    const result = await compared([NAMESPACE], [NAMESPACE], on('GET', '/deployments', (response) => refused(response, 500, 'down')));
    expect([result.approximate, result.unseen]).toEqual([true, ['The cluster does not list Deployment now: what an earlier deploy left of them is not known.']]);
  });
});

describe('a server that is busy, slow, or gone', () => {
  test('busy: it is asked again when it says, and nothing is lost', async () => {
    const turned = new Set<string>();
    const script: Script = ({ method, path }, response) => {
      if (turned.has(method + path)) return false;
      turned.add(method + path);
      return refused(response, 429, 'too many requests', { 'retry-after': '0' });
    };
    expect((await compared([NAMESPACE, map('a')], [NAMESPACE, map('a', { x: '1' })], script)).changes).toMatchObject([{ action: 'change', name: 'a' }]);
    expect(turned.size).toBeGreaterThan(8);
  });

  test('busy for good: an error, not a plan with holes', async () => {
    const script: Script = ({ path }, response) => path.endsWith('/configmaps') && refused(response, 429, 'too many requests', { 'retry-after': '0' });
    expect(await refusal(compared([NAMESPACE], [map('a')], script))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', details: ['ConfigMap cannot be listed: 429, too many requests'] });
  });

  test.each<[string, string, string]>([['a list', 'GET', '/configmaps'], ['a dry run', 'PATCH', '/a']])('a connection that is cut in the middle of %s', async (_, method, end) => {
    expect(await refusal(compared([NAMESPACE, map('a')], [map('a')], on(method, end, cut)))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', exit: 3 });
  });

  test('silent: given up after its patience, which begins with the connection, not in the queue', async () => {
    const silent = await scriptedCluster([NAMESPACE], ({ method }) => method === 'PATCH');
    expect(await refusal(compare(silent, desiredOf([map('a')]), { patience: 300 }))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', details: ['it said nothing for 0.3 seconds'] });
    const slow: Script = ({ method }, response) => {
      if (method !== 'PATCH') return false;
      setTimeout(() => json(response, 201, {}), 60);
      return true;
    };
    // 80 requests over 8 connections take 600 ms in all, and each of them 60.
    const objects = Array.from({ length: 80 }, (_, index) => map(`map-${index}`));
    expect((await compare(await scriptedCluster([NAMESPACE], slow), desiredOf(objects), { patience: 400 })).changes).toHaveLength(80);
  });

  test.each<[string, Script]>([
    ['under way', ({ method }) => method === 'PATCH'],
    ['told to wait', ({ method }, response) => method === 'PATCH' && refused(response, 429, 'busy', { 'retry-after': '9' })],
  ])('Ctrl-C while requests are %s: its own error at once, and no connection stays', async (_, script) => {
    const stop = new AbortController();
    const cluster = await scriptedCluster([NAMESPACE], script);
    const kubernetes = cluster.client({ stop: stop.signal });
    const objects = Array.from({ length: 40 }, (__, index) => map(`map-${index}`));
    const comparing = compareCluster(kubernetes, await discover(kubernetes), platform, desiredOf(objects), SYSTEMS);
    const ended = expect(comparing).rejects.toThrow('stopped by a person');
    await until('a dry run is asked for', () => cluster.asked.some(({ method }) => method === 'PATCH'));
    const asked = performance.now();
    stop.abort(new Error('stopped by a person'));
    await ended;
    expect(performance.now() - asked).toBeLessThan(1000);
    kubernetes[Symbol.dispose]();
    await until('all connections are closed', () => cluster.open.size === 0);
  });

  test('a token that expires on the way: said as that', async () => {
    expect(await refusal(compared([NAMESPACE], [map('a')], on('PATCH', '/a', (response) => refused(response, 401, 'Unauthorized'))))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNAUTHORIZED', exit: 4 });
  });
});

describe('how much it asks', () => {
  test('no more than 8 requests at once, one list per kind, one try per object', async () => {
    const objects = Array.from({ length: 100 }, (_, index) => map(`map-${index}`));
    const cluster = await scriptedCluster([NAMESPACE, ...objects]);
    await compare(cluster, desiredOf([NAMESPACE, ...objects]));
    expect(cluster.busiest).toBeLessThanOrEqual(8);
    expect(cluster.asked.filter(({ method }) => method === 'PATCH')).toHaveLength(101);
    expect(cluster.asked.filter(({ path }) => path === '/api/v1/configmaps')).toHaveLength(1);
    // What discovery says, tries, lists of all kinds but Secrets and Nodes, and the namespace by its name, for it has no labels.
    expect(cluster.asked).toHaveLength(2 + 101 + (KINDS.length - 2) + 1);
  });

  test('what is seen to be as it was applied is not tried by who asks so, and is by others', async () => {
    const fieldsV1 = { 'f:metadata': { 'f:labels': Object.fromEntries(Object.keys(OURS).map((key) => [`f:${key}`, {}])) }, 'f:data': { 'f:x': {} } };
    const applied = (name: string, x: string): KubernetesObject => {
      const { metadata, ...rest } = map(name, { x });
      return { ...rest, metadata: { ...metadata, ...{ managedFields: [{ manager: 'todoctl', operation: 'Apply', apiVersion: 'v1', fieldsV1 }] } } };
    };
    const cluster = await scriptedCluster([NAMESPACE, applied('a', '1'), applied('b', '1'), map('c', { x: '1' })]);
    const kubernetes = cluster.client();
    const tried = async (tries: 'all' | 'doubtful'): Promise<string[]> => {
      const before = cluster.asked.length;
      const wanted = desiredOf([map('a', { x: '1' }), map('b', { x: '2' }), map('c', { x: '1' }), map('d')]);
      const { changes } = await compareCluster(kubernetes, cluster.resources, platform, wanted, SYSTEMS, { tries });
      expect(changes.map(({ action, name }) => `${action} ${name}`)).toEqual(['change b', 'create d']);
      return cluster.asked.slice(before).filter(({ method }) => method === 'PATCH').map(({ path }) => path.at(-1) ?? '').sort();
    };
    expect(await tried('doubtful')).toEqual(['b', 'c', 'd']);
    expect(await tried('all')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a kind that discovery lists twice is asked for once', async () => {
    const cluster = await scriptedCluster([NAMESPACE, map('a')], undefined, [...KINDS, resource('v1', 'ConfigMap')]);
    await compare(cluster, desiredOf([map('a'), map('b')]));
    expect(cluster.asked.filter(({ path }) => path === '/api/v1/configmaps')).toHaveLength(1);
  });
});

describe('the token', () => {
  const echo: Script = ({ method, headers }, response) => method === 'PATCH' && refused(response, 422, `denied for ${headers.authorization ?? ''}`);
  const FAILURES: [string, Script][] = [
    ['a refusal that repeats it', echo],
    ['a list that repeats it', ({ path, headers }, response) => path.endsWith('/configmaps') && refused(response, 500, String(headers.authorization))],
    ['a page of a proxy that repeats it', ({ path, headers }, response) => path === '/api' && Boolean(response.writeHead(502).end(`<html>${headers.authorization ?? ''}</html>`))],
    ['an expired token', (_, response) => refused(response, 401, `token ${TOKEN} has expired`)],
    ['a connection that breaks off', ({ method }, response) => method === 'PATCH' && cut(response)],
  ];

  test.each(FAILURES)('is in nothing that is shown of %s', async (_, script) => {
    const cluster = await scriptedCluster([NAMESPACE], script);
    const error = await refusal(compare(cluster, desiredOf([map('a')])));
    expect(error).toBeInstanceOf(TodoctlError);
    const shown = [errorText(error, { colour: false, columns: 200 }), JSON.stringify(error)].map((text) => cluster.redactor.redact(text)).join('\n');
    expect(shown).not.toContain('canary');
    expect(shown).toContain(error.code);
  });

  test('was sent: the cases above are about something', async () => {
    const cluster = await scriptedCluster([NAMESPACE], echo);
    expect((await refusal(compare(cluster, desiredOf([map('a')])))).details.join()).toContain(`Bearer ${TOKEN}`);
    expect(cluster.asked.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true);
  });
});
