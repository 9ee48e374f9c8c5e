// Whether what a deploy does not try is what a dry run would not change: of all objects of prod, whatever was done to them by hand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPlatform } from '../../cli/definition/load.ts';
import type { Platform } from '../../cli/definition/platform.ts';
import { Redactor } from '../../cli/io/redactor.ts';
import { Kubernetes } from '../../cli/kubernetes/client.ts';
import { discover } from '../../cli/kubernetes/discovery.ts';
import { readKubeconfig } from '../../cli/kubernetes/kubeconfig.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { type ClusterComparison, compareCluster } from '../../cli/targets/cluster/compare/against-cluster.ts';
import type { Desired, Wanted } from '../../cli/targets/cluster/compare/desired.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { applyAll, desiredIn } from '../support/applied.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { PACKAGE } from '../support/platform.ts';
import { type WatchedApi, watchApi } from '../support/watched-api.ts';
import { realPart } from './parts.ts';

const api = await realPart('kubernetes', startApiServer);
const can = api !== undefined && crdFiles() !== undefined;
const kubectl: ApiServer['kubectl'] = (args, input) => (api as ApiServer).kubectl(args, input);
let door: WatchedApi;
let kubernetes: Kubernetes;
let platform: Platform;
let desired: Desired;

const compare = async (objects: readonly Wanted[], tries: 'all' | 'doubtful'): Promise<ClusterComparison> =>
  compareCluster(kubernetes, await discover(kubernetes), platform, { ...desired, objects: [...objects], releases: [] }, desired.objects.map(({ system }) => system), { tries });
/** What both ways of comparing come to, which is the same; and how many objects the second tried. */
async function compared(objects: readonly Wanted[] = desired.objects): Promise<{ changes: ClusterComparison['changes']; tried: number }> {
  const all = await compare(objects, 'all');
  const before = door.requests.length;
  const doubtful = await compare(objects, 'doubtful');
  expect(doubtful.changes).toEqual(all.changes);
  return { changes: doubtful.changes, tried: door.requests.slice(before).filter((request) => request.startsWith('PATCH ')).length };
}
const repaired = (): void => applyAll({ kubectl: (args, input) => kubectl([...args, '--force-conflicts'], input) }, desired);

beforeAll(async () => {
  if (!can) return;
  applyCrds(api);
  door = await watchApi(api);
  kubernetes = new Kubernetes(await readKubeconfig([door.kubeconfig]), { env: {}, redactor: new Redactor(), stop: new AbortController().signal });
  platform = await loadPlatform({ cwd: PACKAGE, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS });
  desired = await desiredIn(platform);
  applyAll(api, desired);
});
afterAll(async () => {
  kubernetes?.[Symbol.dispose]();
  await door?.stop();
  await api?.stop();
});

describe.skipIf(!can)('what is as it was applied', { timeout: 120_000 }, () => {
  test('is most of an environment that nobody has touched', async () => {
    const { changes, tried } = await compared();
    expect(changes).toEqual([]);
    expect(tried).toBeLessThan(desired.objects.length / 3);
  });

  /** What was done by hand, and the object that is then not as it is declared. */
  const BY_HAND: readonly [what: string, args: readonly string[], differs?: string][] = [
    ['a value is another', ['patch', 'kafkatopic', 'task-events', '--type=merge', '-p', '{"spec":{"config":{"retention.ms":1}}}'], 'KafkaTopic task-events'],
    ['a field is gone', ['patch', 'kafkatopic', 'reminders', '--type=json', '-p', '[{"op":"remove","path":"/spec/config"}]'], 'KafkaTopic reminders'],
    ['a label of ours is gone, by which it is found', ['label', 'service', 'task-api', 'todoctl.io/platform-'], 'Service task-api'],
    ['a label of ours is another', ['label', 'service', 'audit', 'app.kubernetes.io/name=other', '--overwrite'], 'Service audit'],
    ['a label that is not ours', ['label', 'service', 'web', 'team=blue']],
    ['an image', ['set', 'image', 'deployment/web', 'app=example.com/other:1'], 'Deployment web'],
    ['a variable that nobody declares', ['set', 'env', 'deployment/audit', '-c', 'app', 'BY_HAND=1']],
    ['a key that nobody declares', ['patch', 'configmap', 'todo-settings', '--type=json', '-p', '[{"op":"add","path":"/data/BY_HAND","value":"x"}]']],
    ['a policy lets everybody in', ['patch', 'networkpolicy', 'service-web', '--type=json', '-p', '[{"op":"replace","path":"/spec/ingress","value":[{}]}]'], 'NetworkPolicy service-web'],
    ['a role may do more', ['patch', 'role', 'todo-viewer', '--type=json', '-p', '[{"op":"add","path":"/rules/-","value":{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}}]'], 'Role todo-viewer'],
    ['a component is another', ['patch', 'component', 'pubsub', '--type=json', '-p', '[{"op":"replace","path":"/spec/version","value":"v2"}]'], 'Component pubsub'],
  ];

  test('is nothing that somebody has changed by hand', async () => {
    for (const [, args] of BY_HAND) kubectl([...args, '-n', 'todo']);
    const { changes } = await compared();
    expect(changes.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual(BY_HAND.flatMap(([, , differs]) => differs ?? []).sort());
    repaired();
    expect((await compared()).changes).toEqual([]);
  });

  test('each object with a field less or another label: a change wherever the cluster sees one', async () => {
    const otherwise = desired.objects.map((wanted): Wanted => {
      const { metadata, ...rest } = wanted.object;
      const object = { ...rest, metadata: { ...metadata, labels: { ...metadata.labels, 'app.kubernetes.io/part-of': 'another' } } } as Wanted['object'];
      return { ...wanted, object, body: JSON.stringify(object) };
    });
    expect((await compared(otherwise)).changes).toHaveLength(otherwise.length);
    const less = desired.objects.map((wanted): Wanted => {
      const { labels, ...metadata } = wanted.object.metadata;
      const kept = Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => key !== 'app.kubernetes.io/part-of'));
      const object = { ...wanted.object, metadata: { ...metadata, labels: kept } } as Wanted['object'];
      return { ...wanted, object, body: JSON.stringify(object) };
    });
    const labelled = desired.objects.filter(({ object }) => object.metadata.labels?.['app.kubernetes.io/part-of'] !== undefined).length;
    expect((await compared(less)).changes).toHaveLength(labelled);
  });

  test('somebody else applied the same, and then something else, by force', async () => {
    const topic = desired.objects.find(({ head }) => head.kind === 'KafkaTopic');
    const apply = (partitions: number): string => kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'], JSON.stringify({ ...topic?.object, spec: { ...(topic?.object['spec'] as object), partitions } }));
    const { partitions } = topic?.object['spec'] as { partitions: number };
    apply(partitions);
    expect((await compared()).changes).toEqual([]);
    apply(partitions + 1);
    expect((await compared()).changes).toMatchObject([{ name: topic?.head.metadata.name, fields: [{ path: 'spec.partitions' }] }]);
    repaired();
  });
});
