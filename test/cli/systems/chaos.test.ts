// Experiments: files that somebody applies by hand, whose selectors find exactly the pods that they name.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Rendered } from '../../../cli/render/rendered.ts';
import { kafkaCluster } from '../../../cli/systems/kafka-access.ts';
import { podsOf, postgresPods } from '../../../cli/systems/names.ts';
import { Crds } from '../../support/crd.ts';
import { type KubernetesObject, platformIn, renderedOf } from '../../support/rendered.ts';

const crds = path.resolve(import.meta.dirname, '../../../../shared/specs/crds');
if (!existsSync(crds)) process.stderr.write('skipped: ../shared/specs/crds is not there, so experiments are not checked against Chaos Mesh’s CRDs\n');

function definition(settings: string): string {
  return `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { publishes: [task-events], database: true }
  audit: { subscribes: [task-events], database: true }
  web: {}
environments:
  prod:
    provider: digitalocean
    region: fra1
    nodes: { size: s-4vcpu-8gb, count: 3, max: 5 }
${settings}`;
}

interface Selector {
  namespaces: string[];
  labelSelectors: Record<string, string>;
  expressionSelectors?: { key: string; operator: string; values: string[] }[];
}
interface Experiment extends KubernetesObject {
  spec: { action?: string; mode?: string; selector: Selector; target?: { selector: Selector }; externalTargets?: string[]; direction?: string; duration?: string; podChaos?: { action: string; mode: string; selector: Selector }; schedule?: string };
}
const filesOf = async (settings = ''): Promise<Rendered[]> => renderedOf(await platformIn('prod', definition(settings))).filter(({ system }) => system === 'chaos');
async function experimentsOf(settings = ''): Promise<Map<string, Experiment>> {
  const files = (await filesOf(settings)).filter(({ path: file }) => file.startsWith('chaos/'));
  return new Map(files.map(({ path: file, text }) => [path.basename(file, '.yaml'), parse(text) as Experiment]));
}

/** Whether Chaos Mesh would take a pod with these labels. */
function takes({ namespaces, labelSelectors, expressionSelectors = [] }: Selector, namespace: string, labels: Readonly<Record<string, string>>): boolean {
  return (
    namespaces.includes(namespace) &&
    Object.entries(labelSelectors).every(([key, value]) => labels[key] === value) &&
    expressionSelectors.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

/** Pods of the namespace, as their makers label them. */
async function podsThere(): Promise<Map<string, Readonly<Record<string, string>>>> {
  const platform = await platformIn('prod', definition(''));
  const cluster = kafkaCluster(platform);
  const strimzi = { 'strimzi.io/cluster': cluster, 'strimzi.io/kind': 'Kafka', 'app.kubernetes.io/part-of': `strimzi-${cluster}` };
  return new Map<string, Readonly<Record<string, string>>>([
    ...platform.services.map((service) => [service.name, podsOf(platform, service).labels] as const),
    ['broker', { ...strimzi, 'strimzi.io/name': `${cluster}-kafka`, 'strimzi.io/broker-role': 'true' }],
    ['controller', { ...strimzi, 'strimzi.io/name': `${cluster}-kafka`, 'strimzi.io/broker-role': 'false' }],
    ['entity-operator', { ...strimzi, 'strimzi.io/name': `${cluster}-entity-operator` }],
    ['database', postgresPods(platform).labels],
    ['dump', { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/name': 'postgres-dump' }],
  ]);
}
async function taken(selector: Selector | undefined): Promise<string[]> {
  return selector ? [...(await podsThere())].filter(([, labels]) => takes(selector, 'todo', labels)).map(([name]) => name) : [];
}

describe('experiments', () => {
  test('are files, not objects of the environment, whether Chaos Mesh is there or not', async () => {
    for (const settings of ['', '    chaos: {}']) {
      const files = (await filesOf(settings)).filter(({ path: file }) => file.startsWith('chaos/'));
      expect(files.length).toBeGreaterThan(0);
      expect(files.every(({ owner }) => owner === 'file')).toBe(true);
    }
  });

  test('kill one replica of each service, and of nothing else', async () => {
    const experiments = await experimentsOf();
    for (const service of ['task-api', 'audit', 'web']) {
      const { spec } = experiments.get(`kill-${service}`) ?? {};
      expect(spec).toMatchObject({ action: 'pod-kill', mode: 'one' });
      expect(await taken(spec?.selector)).toEqual([service]);
    }
  });

  test('kill a broker, but no controller and no operator', async () => {
    expect(await taken((await experimentsOf()).get('kill-broker')?.spec.selector)).toEqual(['broker']);
  });

  test('part from Kafka the services that use it', async () => {
    const { spec } = (await experimentsOf()).get('partition-kafka') ?? {};
    expect(spec).toMatchObject({ action: 'partition', direction: 'both', duration: '2m' });
    expect(await taken(spec?.selector)).toEqual(['task-api', 'audit']);
    expect(await taken(spec?.target?.selector)).toEqual(['broker', 'controller']);
  });

  test('make the database slow for the services that have one', async () => {
    const { spec } = (await experimentsOf()).get('delay-postgres') ?? {};
    expect(spec).toMatchObject({ action: 'delay', direction: 'to', delay: { latency: '200ms', jitter: '50ms', correlation: '25' } });
    expect(await taken(spec?.selector)).toEqual(['task-api', 'audit']);
    expect(await taken(spec?.target?.selector)).toEqual(['database']);
    expect(spec?.externalTargets).toBeUndefined();
  });

  test('kill any service’s pod at night, by a Schedule', async () => {
    const { kind, spec } = (await experimentsOf()).get('nightly-kill') ?? {};
    expect(kind).toBe('Schedule');
    expect(spec?.podChaos).toMatchObject({ action: 'pod-kill', mode: 'one' });
    expect(await taken(spec?.podChaos?.selector)).toEqual(['task-api', 'audit', 'web']);
  });

  test('leave out what is not in the cluster', async () => {
    const experiments = await experimentsOf('    kafka: { provider: digitalocean }\n    postgres: { provider: digitalocean }');
    expect([...experiments.keys()].filter((name) => /kafka|broker|postgres/.test(name))).toEqual([]);
  });

  test('reach a database outside by its name, where that is said', async () => {
    const { spec } = (await experimentsOf('    postgres: { provider: digitalocean }\n    chaos: { database: db.example.com }')).get('delay-postgres') ?? {};
    expect(spec?.externalTargets).toEqual(['db.example.com']);
    expect(spec?.target).toBeUndefined();
  });

  test('all have an end, but for those that kill', async () => {
    for (const [name, { spec }] of await experimentsOf()) expect(spec.duration, name).toBe(spec.action === 'pod-kill' || spec.podChaos ? undefined : '2m');
  });

  test.skipIf(!existsSync(crds))('are as Chaos Mesh knows them', async () => {
    const known = new Crds();
    for (const file of ['networkchaos', 'podchaos', 'schedules']) known.add(readFileSync(path.join(crds, `chaos-mesh-${file}.yaml`), 'utf8'));
    const all = [...(await experimentsOf()), ...(await experimentsOf('    postgres: { provider: digitalocean }\n    chaos: { database: db.example.com }'))];
    for (const [name, object] of all) expect(known.mistakes(object), name).toEqual([]);
  });
});

describe('Chaos Mesh', () => {
  test('is not there unless it is asked for: its daemon may do anything on a node', async () => {
    expect((await filesOf()).filter(({ path: file }) => file.startsWith('helm/'))).toEqual([]);
  });

  test('finds the containers of DOKS, and reaches no other namespace than the app’s', async () => {
    const values = parse((await filesOf('    chaos: {}')).find(({ path: file }) => file.endsWith('chaos-mesh.values.yaml'))?.text ?? '') as object;
    expect(values).toMatchObject({
      clusterScoped: false,
      controllerManager: { targetNamespace: 'todo' },
      chaosDaemon: { runtime: 'containerd', socketPath: '/run/containerd/containerd.sock' },
      dashboard: { create: false },
    });
  });
});
