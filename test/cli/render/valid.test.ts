// Rendered environments, the project's own and random ones: every object is what an API server would take, says whose it is, and names
// only what is there; and every arrow of the definition has its policy, its right on Kafka and its scope in Dapr, and nothing has more.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Rendered } from '../../../cli/render/rendered.ts';
import { coreMistakes, isCore } from '../../support/core-kinds.ts';
import { isClusterKind, metadataMistakes } from '../../support/core-rules.ts';
import { Crds } from '../../support/crd.ts';
import { crdFiles } from '../../support/crds.ts';
import { clusterDefinitions, type DrawnForCluster } from '../../support/definitions.ts';
import { type End, mayConnect, type Namespaces, type NetworkPolicy, type Pod } from '../../support/network-policy.ts';
import { madeBy, type Reference, referencesOf } from '../../support/references.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

const files = crdFiles();
if (!files) process.stderr.write('skipped: ../shared/specs/crds is not there, so custom resources are not checked against their CRDs\n');
const crds = new Crds();
for (const file of files ?? []) crds.add(readFileSync(file, 'utf8'));

/** Secrets that deploy or a person makes, or that an operator makes from other people's charts: docs of each system. */
const GIVEN: readonly string[] = [
  'postgres uri', 'postgres direct-uri', 'postgres password', 'postgres-admin', 'redis password', 'auth key', 'registry', 'dapr-api-token token', 'app-api-token token', 'backup access-key', 'backup secret-key',
  'kafka brokers', 'kafka username', 'kafka password', 'kafka ca.crt', 'mirror password', 'mirror ca.crt',
];

/** All that is wrong with the objects of an environment, each mistake with its object. */
function mistakes(objects: readonly KubernetesObject[], environment: string): string[] {
  const made = objects.flatMap(madeBy);
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const { kind, metadata, apiVersion } = object;
    const group = apiVersion.replace(/\/?[^/]*$/, '');
    const id = `${group} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
    const twice = seen.has(id) ? ['is there twice'] : [];
    seen.add(id);
    const shape = isCore(object) ? coreMistakes(object) : [...metadataMistakes(object), ...(files ? crds.mistakes(object) : [])];
    const homeless = isCore(object) && isClusterKind(kind) === (metadata.namespace !== undefined) ? ['has a namespace and needs none, or the other way round'] : [];
    const { labels = {} } = metadata;
    const unlabelled = ['app.kubernetes.io/part-of', 'todoctl.io/platform', 'todoctl.io/environment', 'todoctl.io/system'].filter((label) => !labels[label]).map((label) => `lacks the label ${label}`);
    const foreign = labels['todoctl.io/environment'] === environment ? [] : ['is labelled as another environment’s'];
    const dangling = referencesOf(object).filter((reference) => !isThere(reference, made)).map(({ kind: of, name, key }) => `names ${of} ${name} ${key ?? ''}, which nobody makes`);
    return [...twice, ...shape, ...homeless, ...unlabelled, ...foreign, ...dangling].map((mistake) => `${id}: ${mistake}`);
  });
}

function isThere({ kind, name, key }: Reference, made: readonly Reference[]): boolean {
  if (kind === 'Secret' && GIVEN.includes(key === undefined ? name : `${name} ${key}`)) return true;
  // Passwords of a managed Kafka's users are put where Strimzi would put them.
  if (kind === 'Secret' && name.startsWith('kafka-') && key === 'password') return true;
  return made.some((one) => one.kind === kind && one.name === name && (key === undefined || one.key === undefined || one.key === key));
}

function withoutHeader(rendered: readonly Rendered[], definition: string): string[] {
  return rendered.filter(({ text }) => !/^(?:#|\/\/|<!--|\{\{\/\*) /.test(text) || !text.split('\n')[0]?.includes(`Made by todoctl from ${definition}`)).map(({ path }) => path);
}

describe.each(['staging', 'prod'])('%s', (environment) => {
  test('every object is valid, labelled, there once, and names only what is there', async () => {
    const rendered = renderedOf(await platformIn(environment));
    const objects = objectsIn(rendered);
    expect(objects.length).toBeGreaterThan(50);
    expect(new Set(objects.map(({ kind }) => kind))).toContain('Deployment');
    expect(mistakes(objects, environment)).toEqual([]);
    expect(withoutHeader(rendered, 'todoctl.yaml')).toEqual([]);
  });
});

test('a dangling name, a second object of one name, a missing label are found', async () => {
  const objects = objectsIn(renderedOf(await platformIn('staging')));
  const settings = objects.findIndex(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'todo-settings');
  expect(mistakes(objects.toSpliced(settings, 1), 'staging')[0]).toMatch(/apps Deployment todo\/[\w-]+: names ConfigMap todo-settings , which nobody makes/);
  const [first] = objects as [KubernetesObject];
  expect(mistakes([...objects, first], 'staging')).toEqual([` Namespace /todo: is there twice`]);
  expect(mistakes([{ ...first, metadata: { name: 'todo' } }], 'staging')).toContain(' Namespace /todo: lacks the label todoctl.io/system');
  expect(mistakes(objects, 'prod')).toContain(' Namespace /todo: is labelled as another environment’s');
});

describe('of any definition', () => {
  const RUNS = { numRuns: 25 };
  /** Renders each definition that is drawn, as text from a file. */
  const forEvery = async (check: (objects: KubernetesObject[], drawn: DrawnForCluster, rendered: Rendered[]) => void): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(clusterDefinitions, async (drawn) => {
        const rendered = renderedOf(await platformIn('far', stringify(drawn)));
        check(objectsIn(rendered), drawn, rendered);
      }),
      RUNS,
    );
  };

  test('every object is valid, labelled, there once, and names only what is there; every arrow has its policy, its right and its scope', { timeout: 120_000 }, async () => {
    await forEvery((objects, drawn, rendered) => {
      expect(mistakes(objects, 'far')).toEqual([]);
      expect(withoutHeader(rendered, 'todoctl.yaml')).toEqual([]);
      expect(policiesOf(objects, drawn)).toEqual(policiesDue(drawn));
      expect(rightsOf(objects, drawn)).toEqual(rightsDue(drawn));
      expect(scopesOf(objects)).toEqual(scopesDue(drawn));
      expect(callersOf(objects, drawn)).toEqual(invocations(drawn));
    });
  });
});

type Services = [string, DrawnForCluster['services'][string]][];
const servicesOf = (drawn: DrawnForCluster): Services => Object.entries(drawn.services);
const consumed = ({ subscribes, listens }: Services[number][1]): string[] => [...Object.keys(subscribes), ...listens];
const hasKafka = (service: Services[number][1]): boolean => service.publishes.length + consumed(service).length > 0;
const isInside = ({ environments }: DrawnForCluster): boolean => {
  const kafka = environments.far['kafka'] as { provider?: string; bootstrap?: string } | undefined;
  return kafka?.provider === undefined && kafka?.bootstrap === undefined;
};

/** `a → b`, of arrows from a service to another. */
function invocations(drawn: DrawnForCluster): string[] {
  return servicesOf(drawn).flatMap(([from, { invokes }]) => invokes.filter((to) => to !== from).map((to) => `${from} → ${to}`)).sort();
}

/** Who reaches whom between services, and from services to the brokers; on any port but the one that a public service has for everyone. */
function policiesOf(objects: readonly KubernetesObject[], { platform, services }: DrawnForCluster): string[] {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[];
  const pod = (labels: Record<string, string>, index: number): Pod => ({ namespace: platform, labels, ip: `10.244.0.${index}` });
  const ends = new Map<string, End>(Object.keys(services).map((name, index) => [name, pod({ 'app.kubernetes.io/part-of': platform, 'app.kubernetes.io/name': name }, index)]));
  ends.set('kafka', pod({ 'strimzi.io/cluster': platform, 'strimzi.io/name': `${platform}-kafka` }, 100));
  const namespaces: Namespaces = { [platform]: {} };
  return [...ends].flatMap(([from, one]) =>
    [...ends].flatMap(([to, other]) => (from === to ? [] : [3500, 8080, 9090, 9091, 9093, 50_001, 50_002].filter((port) => mayConnect(policies, namespaces, one, other, port)).map((port) => `${from} → ${to} ${port}`))),
  ).sort();
}

function policiesDue(drawn: DrawnForCluster): string[] {
  const kafka = isInside(drawn) ? servicesOf(drawn).filter(([, service]) => hasKafka(service)).map(([name]) => `${name} → kafka 9093`) : [];
  return [...invocations(drawn).map((arrow) => `${arrow} 50002`), ...kafka].sort();
}

interface UserSpec {
  authorization: { acls: { resource: { type: string; name: string; patternType: string }; operations: string[] }[] };
}

/** `a: topic literal x Read`, of the users of services. */
function rightsOf(objects: readonly KubernetesObject[], { services }: DrawnForCluster): string[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'KafkaUser' && Object.hasOwn(services, metadata.name))
    .flatMap(({ metadata, spec }) => (spec as UserSpec).authorization.acls.flatMap(({ resource: { type, name, patternType }, operations }) => operations.map((operation) => `${metadata.name}: ${type} ${patternType} ${name} ${operation}`)))
    .sort();
}

function rightsDue(drawn: DrawnForCluster): string[] {
  if (!isInside(drawn)) return [];
  const all = servicesOf(drawn).flatMap(([name, service]) => {
    const topics = [
      ...service.publishes.map((topic) => [topic, 'Write']),
      ...consumed(service).flatMap((topic) => [[topic, 'Read'], [`${topic}.dlq`, 'Write']]),
    ].flatMap(([topic, right]) => [`${name}: topic literal ${topic} ${right}`, `${name}: topic literal ${topic} Describe`]);
    const groups = [...(Object.keys(service.subscribes).length > 0 ? [`literal ${name}`] : []), ...(service.listens.length > 0 ? [`prefix ${name}-`] : [])];
    return [...topics, ...groups.flatMap((group) => [`${name}: group ${group} Read`, `${name}: group ${group} Describe`])];
  });
  return [...new Set(all)].sort();
}

interface ComponentSpec {
  type: string;
  metadata: { name: string; value?: string }[];
}

/** `a publishes x`, `a reads x`: what Dapr's pub/sub components let an app do, each once. */
function scopesOf(objects: readonly KubernetesObject[]): string[] {
  const lines = objects.filter(({ kind }) => kind === 'Component').flatMap((component) => {
    const { type, metadata } = component['spec'] as ComponentSpec;
    const apps = component['scopes'] as string[];
    const scope = (name: string): [string, string[]][] => (metadata.find((one) => one.name === name)?.value ?? '').split(';').filter(Boolean).map((pair) => [pair.split('=')[0] ?? '', (pair.split('=')[1] ?? '').split(',')]);
    if (!type.startsWith('pubsub.')) return [];
    const of = (name: string, verb: string): string[] => scope(name).filter(([app]) => apps.includes(app)).flatMap(([app, topics]) => topics.map((topic) => `${app} ${verb} ${topic}`));
    return [...of('publishingScopes', 'publishes'), ...of('subscriptionScopes', 'reads')];
  });
  return [...new Set(lines)].sort();
}

function scopesDue(drawn: DrawnForCluster): string[] {
  const lines = servicesOf(drawn).flatMap(([name, service]) => [
    ...service.publishes.map((topic) => `${name} publishes ${topic}`),
    ...consumed(service).flatMap((topic) => [`${name} reads ${topic}`, `${name} publishes ${topic}.dlq`]),
  ]);
  return [...new Set(lines)].sort();
}

interface Access {
  accessControl?: { defaultAction: string; policies?: { appId: string; defaultAction: string }[] };
}

/** `a → b`: whom the sidecar of b lets call it, by the Configuration that b's pods name. */
function callersOf(objects: readonly KubernetesObject[], { services }: DrawnForCluster): string[] {
  return objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && Object.hasOwn(services, metadata.name))
    .flatMap(({ metadata: { name }, spec }) => {
      const { annotations = {} } = (spec as { template: { metadata: { annotations?: Record<string, string> } } }).template.metadata;
      const configuration = objects.find((one) => one.kind === 'Configuration' && one.metadata.name === annotations['dapr.io/config']);
      const { accessControl } = (configuration?.['spec'] ?? {}) as Access;
      if (annotations['dapr.io/enabled'] !== 'true') return [];
      if (accessControl?.defaultAction !== 'deny') return [`everyone → ${name}`];
      return (accessControl.policies ?? []).filter(({ appId, defaultAction }) => appId !== name && defaultAction === 'allow').map(({ appId }) => `${appId} → ${name}`);
    })
    .sort();
}
