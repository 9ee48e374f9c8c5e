// kwok's nodes run nothing, but everything else of their cluster is real: what is scheduled, and where, is what a scheduler says.
import { afterAll, describe, expect, test } from 'vitest';
import { kwokNodes, startKwokCluster } from '../support/node/kwok.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const cluster = await realPart('kwok', () => startKwokCluster([...kwokNodes(2, { cpu: '1', memory: '2Gi' }), ...kwokNodes(3, undefined, { tainted: true }).slice(2)]));

afterAll(() => cluster?.[Symbol.asyncDispose]());

interface Pods {
  items: { spec: { nodeName?: string }; status: { phase: string; conditions?: { message?: string }[] } }[];
}

describe.skipIf(!cluster)('a cluster of kwok', () => {
  const { kubectl, apply } = cluster as NonNullable<typeof cluster>;

  const deploy = (name: string, replicas: number, tolerations: object[] = []): Promise<void> => apply([{
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' },
    spec: {
      replicas, selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { tolerations, containers: [{ name: 'it', image: 'nowhere/nothing:1', resources: { requests: { cpu: '500m', memory: '64Mi' } } }] } },
    },
  }]);
  const podsOf = async (name: string): Promise<Pods['items']> => (JSON.parse(await kubectl(['get', 'pods', '-l', `app=${name}`, '-o', 'json'])) as Pods).items;

  test('fills its nodes by what pods ask for, and says what does not fit', async () => {
    await deploy('packed', 5);
    const pods = await until('all but one have a place', async () => {
      const all = await podsOf('packed');
      return all.filter(({ status }) => status.phase === 'Running').length === 4 && all.some(({ status }) => status.conditions?.[0]?.message) && all;
    }, 60_000);
    expect(pods.map(({ spec }) => spec.nodeName ?? 'none').sort()).toEqual(['kwok-0', 'kwok-0', 'kwok-1', 'kwok-1', 'none']);
    expect(pods.find(({ spec }) => !spec.nodeName)?.status.conditions?.[0]?.message).toContain('2 Insufficient cpu');
  });

  test('keeps a tainted node for those that tolerate it', async () => {
    await deploy('tolerant', 3, [{ key: 'todoctl.io/kwok', operator: 'Exists' }]);
    await kubectl(['rollout', 'status', 'deployment/tolerant', '--timeout=60s']);
    expect((await podsOf('tolerant')).map(({ spec }) => spec.nodeName)).toEqual(['kwok-2', 'kwok-2', 'kwok-2']);
  });

  test('ends pods that are deleted', async () => {
    await kubectl(['delete', 'deployment', '--all']);
    await until('no pod is left', async () => (await kubectl(['get', 'pods', '-o', 'name'])) === '', 60_000);
  });
});
