// Whether production, as the project's own todoctl.yaml has it, finds a place on its nodes: a real scheduler says so, on nodes of kwok that
// give as much as DigitalOcean's do. No container runs.
import { afterAll, describe, expect, test } from 'vitest';
import { loadPlatform } from '../../cli/definition/load.ts';
import { footprintsOf } from '../../cli/targets/cluster/capacity/pods.ts';
import { SIZES } from '../../cli/providers/digitalocean/sizes.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import type { Footprint } from '../../cli/systems/system.ts';
import { wantedOf } from '../../cli/targets/cluster/wanted.ts';
import { kwokNodes, startKwokCluster } from '../support/node/kwok.ts';
import { PACKAGE } from '../support/platform.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const platform = await loadPlatform({ cwd: PACKAGE, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS });
const { size, count = 0 } = platform.environment.nodes ?? {};
const gives = SIZES.sizes.find(({ slug }) => slug === size)?.allocatable;
const cluster = await realPart('kwok', () => startKwokCluster(kwokNodes(count, { cpu: `${gives?.cpu ?? 0}m`, memory: `${gives?.memory ?? 0}Mi` }, { tainted: true })));

afterAll(() => cluster?.[Symbol.asyncDispose]());

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec?: Record<string, unknown>;
}
interface Pods {
  items: { metadata: { name: string }; spec: { nodeName?: string }; status: { conditions?: { message?: string }[] } }[];
}

/** A Deployment of as many pods, each asking for as much; where and beside whom they may be is as it was rendered. */
function standIn({ name, replicas, cpu, memory }: Footprint, number: number, { metadata, spec = {} }: Template = {}): object {
  const { affinity, topologySpreadConstraints, nodeSelector } = spec;
  const labels = { ...metadata?.labels, 'test/footprint': String(number) };
  const container = { name: 'it', image: 'nowhere/nothing:1', resources: { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } } };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${number}`, namespace: 'default' },
    spec: {
      replicas, selector: { matchLabels: { 'test/footprint': String(number) } },
      template: { metadata: { labels }, spec: { affinity, topologySpreadConstraints, nodeSelector, tolerations: [{ key: 'todoctl.io/kwok', operator: 'Exists' }], containers: [container] } },
    },
  };
}

describe.skipIf(!cluster)('production', () => {
  const { kubectl, apply } = cluster as NonNullable<typeof cluster>;

  test(`has a place for each of its pods on ${count} × ${size}`, async () => {
    const { desired, systems } = await wantedOf(platform);
    const objects = desired.objects.map(({ object }) => object);
    const footprints = footprintsOf(objects, systems).filter(({ replicas }) => replicas > 0);
    const templateOf = (name: string): Template | undefined => {
      const found = objects.find(({ kind, metadata }) => (kind === 'Deployment' || kind === 'StatefulSet') && metadata.name === name);
      return (found?.spec as { template?: Template } | undefined)?.template;
    };
    const wanted = footprints.reduce((sum, { replicas }) => sum + replicas, 0);
    // Brokers, operators and every service are among them.
    expect(footprints.map(({ name }) => name)).toEqual(expect.arrayContaining(['task-api', 'recurrence', 'audit', 'realtime', 'web']));
    expect(wanted).toBeGreaterThan(20);
    await apply(footprints.map((footprint, number) => standIn(footprint, number, templateOf(footprint.name))));
    const pods = await until('each pod was looked at by the scheduler', async () => {
      const { items } = JSON.parse(await kubectl(['get', 'pods', '-n', 'default', '-o', 'json'])) as Pods;
      return items.length === wanted && items.every(({ spec, status }) => spec.nodeName !== undefined || status.conditions?.some(({ message }) => message)) && items;
    }, 120_000);
    expect(pods.filter(({ spec }) => spec.nodeName === undefined).map(({ metadata: { name }, status }) => `${name}: ${status.conditions?.[0]?.message}`)).toEqual([]);
    // Nobody else comes onto those nodes.
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(count);
  }, 180_000);
});
