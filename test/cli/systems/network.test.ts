// Who may reach whom in the project's own environments: over all pods and ports exactly what the definition says. Expected is worked out
// from todoctl.yaml as it is written and from what is known of the operators' pods, never from the policies.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { policyArtefacts } from '../../../cli/systems/network.ts';
import { type End, mayConnect, type Namespaces, type NetworkPolicy, type Pod, type Protocol } from '../../support/network-policy.ts';
import { platformIn } from '../../support/rendered.ts';

interface Written {
  route?: string;
  publishes?: string[];
  subscribes?: string[] | Record<string, object>;
  listens?: string[];
  invokes?: string[];
  database?: boolean;
  state?: boolean;
}
const written = (parse(readFileSync(path.resolve(import.meta.dirname, '../../../todoctl.yaml'), 'utf8')) as { services: Record<string, Written> }).services;
const services = Object.keys(written);
const length = (list: readonly string[] | Record<string, object> | undefined): number => Object.keys(list ?? {}).length;
const usesKafka = (name: string): boolean => length(written[name]?.publishes) + length(written[name]?.subscribes) + length(written[name]?.listens) > 0;
const invokes = (from: string, to: string): boolean => from !== to && (written[from]?.invokes ?? []).includes(to);
const hasSidecar = (name: string): boolean => usesKafka(name) || Boolean(written[name]?.state) || length(written[name]?.invokes) > 0 || services.some((other) => invokes(other, name));

const APP = 'todo';
const strimzi = (component: string): Record<string, string> => ({ 'strimzi.io/cluster': APP, 'strimzi.io/name': `${APP}-${component}`, 'app.kubernetes.io/part-of': `strimzi-${APP}` });
const part = (name: string): Record<string, string> => ({ 'app.kubernetes.io/part-of': APP, 'app.kubernetes.io/name': name });
/** The labels that operators, charts and our own templates give to pods. */
const LABELS: Record<string, Record<string, Record<string, string>>> = {
  [APP]: {
    ...Object.fromEntries(services.map((name) => [name, { ...part(name), 'pod-template-hash': 'x' }])),
    broker: { ...strimzi('kafka'), 'strimzi.io/pool-name': 'kafka' },
    controller: { ...strimzi('kafka'), 'strimzi.io/pool-name': 'controller' },
    exporter: strimzi('kafka-exporter'),
    balancer: strimzi('cruise-control'),
    'entity-operator': strimzi('entity-operator'),
    database: part('postgres'),
    rights: part('postgres-rights'),
    smoke: { 'app.kubernetes.io/part-of': APP, 'app.kubernetes.io/name': `${APP}-smoke` },
    solver: { 'acme.cert-manager.io/http01-solver': 'true' },
    stranger: { app: 'stranger' },
  },
  'kube-system': { dns: { 'k8s-app': 'kube-dns' }, proxy: { 'k8s-app': 'kube-proxy' } },
  'dapr-system': { dapr: { app: 'dapr-operator', 'app.kubernetes.io/part-of': 'dapr', 'app.kubernetes.io/name': 'dapr' } },
  'strimzi-system': { strimzi: { name: 'strimzi-cluster-operator', 'strimzi.io/kind': 'cluster-operator' } },
  monitoring: { prometheus: { 'app.kubernetes.io/name': 'prometheus' }, grafana: { 'app.kubernetes.io/name': 'grafana' } },
  tracing: { jaeger: { 'app.kubernetes.io/name': 'jaeger' } },
  keda: { keda: { app: 'keda-operator', 'app.kubernetes.io/name': 'keda-operator' } },
  // One that looks like ours and lives elsewhere.
  other: { impostor: part('task-api'), 'other-prometheus': { 'app.kubernetes.io/name': 'prometheus' } },
};
const namespaces: Namespaces = Object.fromEntries(Object.keys(LABELS).map((name) => [name, {}]));
const pods = new Map(Object.entries(LABELS).flatMap(([namespace, of], first) => Object.entries(of).map(([name, labels], second): [string, Pod] => [name, { namespace, labels, ip: `10.244.${first}.${second + 1}` }])));
/** Envoy of the gateway, the API server and the database are hosts, not pods. */
const ends = new Map<string, End>([...pods, ['gateway', '10.0.0.4'], ['internet', '203.0.113.7']]);
const ours = (name: string): boolean => pods.get(name)?.namespace === APP;

const PORTS: [number, Protocol][] = [53, 80, 443, 3500, 4000, 4317, 4318, 5432, 6379, 6443, 6500, 8000, 8080, 8081, 8083, 8089, 8443, 9090, 9091, 9092, 9093, 9187, 9404, 9411, 25_060, 25_061, 25_073, 50_001, 50_002, 50_005, 50_006].map((port) => [port, 'TCP']);
PORTS.push([53, 'UDP'], [443, 'UDP'], [8080, 'UDP']);
interface Cell {
  from: string;
  to: string;
  port: number;
  protocol: Protocol;
  /** `task-api → broker 9093/TCP`. */
  name: string;
}
/** The matrix, as far as policies of ours can judge it. */
const cells = [...ends.keys()].flatMap((from) =>
  [...ends.keys()].filter((to) => to !== from && (ours(from) || ours(to))).flatMap((to) => PORTS.map(([port, protocol]): Cell => ({ from, to, port, protocol, name: `${from} → ${to} ${port}/${protocol}` }))),
);

/** Names of those cells that may connect. */
function reach(policies: readonly NetworkPolicy[], of: readonly Cell[] = cells): string[] {
  return of.filter(({ from, to, port, protocol }) => mayConnect(policies, namespaces, ends.get(from) as End, ends.get(to) as End, port, protocol)).map(({ name }) => name);
}

/** The arrows: who calls whom on which ports. `outside`: whatever is not in the app's namespace, for an address is all that is known. */
function arrows({ brokers, databaseInside, host }: { brokers: number; databaseInside: boolean; host: boolean }): [from: string[], to: string[], ports: number[]][] {
  const all = [...ends.keys()];
  const outside = all.filter((name) => !ours(name));
  const nodes = ['broker', 'controller'];
  const balanced = brokers > 1;
  return [
    ...services.flatMap((name): [string[], string[], number[]][] => [
      [[name], services.filter((other) => invokes(name, other)), [50_002]],
      [hasSidecar(name) ? [name] : [], ['dapr'], [6500, 50_001, 50_005, 50_006]],
      [hasSidecar(name) ? [name] : [], ['jaeger'], [4317, 4318, 9411]],
      [usesKafka(name) ? [name] : [], nodes, [9093]],
      [written[name]?.database || written[name]?.state ? [name] : [], databaseInside ? ['database'] : outside, databaseInside ? [5432] : [25_061]],
      [written[name]?.route === undefined ? [] : [name], outside, [443]],
      [written[name]?.route === undefined ? ['prometheus'] : [...outside, 'smoke'], [name], [8080]],
      [['prometheus'], hasSidecar(name) ? [name] : [], [9090]],
    ]),
    [databaseInside ? [] : ['rights'], outside, [25_060]],
    [nodes, nodes, [9090, 9091]],
    [['strimzi'], nodes, [8443, 9090, 9091]],
    [['prometheus'], [...nodes, 'exporter'], [9404]],
    [['exporter', 'entity-operator', ...(balanced ? ['balancer'] : [])], nodes, [9091]],
    [['prometheus'], ['entity-operator'], [8080, 8081]],
    [['entity-operator', ...(balanced ? nodes : [])], outside, [443, 6443]],
    [balanced ? ['strimzi', 'entity-operator'] : [], ['balancer'], [9090]],
    [['keda'], nodes, [9093]],
    [host ? outside : [], ['solver'], [8089]],
  ];
}

function policiesOf(platform: Platform): NetworkPolicy[] {
  const templates = openTemplates();
  const artefacts = systemsOf(platform, SYSTEMS, Object.fromEntries(services.map((name) => [name, 'tag']))).find(({ id }) => id === 'network')?.artefacts ?? [];
  return artefacts.map(({ template, view }) => parse(templates.fill(template, { namespace: APP, labels: {}, ...view })) as NetworkPolicy);
}

const ENVIRONMENTS = { staging: { brokers: 1, databaseInside: true, host: false }, prod: { brokers: 3, databaseInside: false, host: true } };

describe.each(Object.entries(ENVIRONMENTS))('%s', (environment, what) => {
  let policies: NetworkPolicy[];
  let reached: string[];
  beforeAll(async () => {
    policies = policiesOf(await platformIn(environment));
    reached = reach(policies);
  });

  test('lets connect exactly whom the definition lets', () => {
    const expected = new Set(arrows(what).flatMap(([from, to, ports]) => from.flatMap((one) => to.filter((other) => other !== one).flatMap((other) => ports.map((port) => `${one} → ${other} ${port}/TCP`)))));
    for (const name of Object.keys(LABELS[APP] ?? {})) for (const protocol of ['UDP', 'TCP']) expected.add(`${name} → dns 53/${protocol}`);
    expect(reached.toSorted()).toEqual([...expected].sort());
  });

  test('has no rule in vain, and none that is for everyone by an empty list: without any one, exactly what it lets through is shut', () => {
    const open = new Set(reached);
    const wrong = mutants(policies).flatMap(({ at, judged, without, alone }) => {
      const before = judged.filter(({ name }) => open.has(name));
      const after = new Set(reach(without, judged));
      const shut = before.filter(({ name }) => !after.has(name)).map(({ name }) => name);
      const opened = [...after].filter((name) => !open.has(name));
      const granted = reach(alone, before);
      return shut.length > 0 && opened.length === 0 && shut.join() === granted.join() ? [] : [{ at, shut, opened, granted }];
    });
    expect(wrong).toEqual([]);
  });

  test('without a policy its pods would be open: each is selected by the one that denies', () => {
    const denying = policies.filter(({ spec }) => Object.keys(spec.podSelector ?? {}).length === 0);
    expect(denying.map(({ spec: { podSelector, policyTypes, ingress } }) => ({ podSelector, policyTypes, ingress }))).toEqual([{ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [] }]);
    expect(policies.every(({ metadata, spec }) => metadata.namespace === APP && spec.policyTypes?.join() === 'Ingress,Egress')).toBe(true);
  });
});

type Rule = { from?: object[]; to?: object[]; ports?: object[] };
/** `judged`: the cells of the pods that the policy is for. */
type Mutant = { at: string; judged: Cell[]; without: NetworkPolicy[]; alone: NetworkPolicy[] };

/**
 * For each peer and each port of each rule: the policies without it, and a world in which its side has nothing but it and the other
 * side is free. A list that would become empty takes its rule along, for an empty list means everyone.
 */
function mutants(policies: readonly NetworkPolicy[]): Mutant[] {
  return policies.flatMap((policy) =>
    (['ingress', 'egress'] as const).flatMap((direction) => {
      const rules = (policy.spec[direction] ?? []) as Rule[];
      const selected = (name: string): boolean => ours(name) && Object.entries(policy.spec.podSelector?.matchLabels ?? {}).every(([key, value]) => pods.get(name)?.labels[key] === value);
      const judged = cells.filter(({ from, to }) => selected(direction === 'ingress' ? to : from));
      return rules.flatMap((rule, index) =>
        (['from', 'to', 'ports'] as const).flatMap((list) =>
          (rule[list] ?? []).map((entry, position): Mutant => {
            const rest = (rule[list] ?? []).filter((one) => one !== entry);
            const others = rest.length === 0 ? rules.toSpliced(index, 1) : rules.with(index, { ...rule, [list]: rest });
            const policyTypes = [direction === 'ingress' ? 'Ingress' : 'Egress'];
            const spec = { ...policy.spec, policyTypes, ingress: [], egress: [] };
            const deny = { ...policy, spec: { podSelector: {}, policyTypes } } as NetworkPolicy;
            return {
              at: `${policy.metadata.name} ${direction}[${index}].${list}[${position}]`,
              judged,
              without: policies.map((one) => (one === policy ? { ...one, spec: { ...one.spec, [direction]: others } } : one)),
              alone: [deny, { ...policy, spec: { ...spec, [direction]: [{ ...rule, [list]: [entry] }] } } as NetworkPolicy],
            };
          }),
        ),
      );
    }),
  );
}

describe('what a system says wrongly is refused', () => {
  const labels = { app: 'x' };
  test('pods without labels would be everyone', async () => {
    const platform = await platformIn('staging');
    expect(() => policyArtefacts(platform, [{ id: 'x', serves: [{ id: 'x', pods: { namespace: APP, labels: {} }, ports: [] }] }])).toThrow('system x means all pods of todo');
  });

  test('two groups of one name', async () => {
    const platform = await platformIn('staging');
    const calls = [{ from: { namespace: APP, labels }, to: [] }, { from: { namespace: APP, labels: { name: 'x' } }, to: [] }];
    expect(() => policyArtefacts(platform, [{ id: 'x', calls }])).toThrow('system x has two groups of pods named x');
  });
});

describe('arrows of systems', () => {
  const pods = (name: string, namespace = APP): Pod => ({ namespace, labels: { app: name }, ip: '10.244.9.9' });
  const group = (name: string, namespace = APP): { namespace: string; labels: Record<string, string> } => ({ namespace, labels: { app: name } });
  interface View {
    name?: string;
    pods: object;
    ingress: object[];
    egress: object[];
  }
  const made = async (...parts: Parameters<typeof policyArtefacts>[1]): Promise<View[]> =>
    policyArtefacts(await platformIn('staging'), parts).map(({ view }) => view as View).filter(({ name }) => name?.startsWith('service-') === false);

  test('each side has its rule; ports of one peer are one rule, in order', async () => {
    const serves = [
      { id: 'b', pods: group('b'), ports: [{ port: 20 }, { port: 3, protocol: 'UDP' as const }, { port: 3 }] },
      { id: 'more', pods: group('b'), ports: [{ port: 1 }, { port: 20 }] },
    ];
    const ports = [{ port: 1, protocol: 'TCP' }, { port: 3, protocol: 'TCP' }, { port: 3, protocol: 'UDP' }, { port: 20, protocol: 'TCP' }];
    const peer = (name: string): object[] => [{ podSelector: { matchLabels: pods(name).labels } }];
    expect(await made({ id: 's', serves, calls: [{ from: group('a'), to: ['b', 'more'] }] })).toEqual([
      { name: 's-b', pods: { app: 'b' }, ingress: [{ peers: peer('a'), ports }], egress: [] },
      { name: 's-a', pods: { app: 'a' }, ingress: [], egress: [{ peers: peer('b'), ports }] },
    ]);
  });

  test('of pods elsewhere only our side is made, with their namespace and their labels in one peer', async () => {
    const peers = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'far' } }, podSelector: { matchLabels: { app: 'c' } } }];
    const serves = [{ id: 'c', pods: group('c', 'far'), ports: [{ port: 1 }] }, { id: 'd', pods: { namespace: 'far', labels: {} }, ports: [{ port: 2 }] }];
    expect(await made({ id: 's', serves, calls: [{ from: group('a'), to: ['c', 'd'] }, { from: group('e', 'near'), to: ['c'] }] })).toEqual([
      { name: 's-a', pods: { app: 'a' }, ingress: [], egress: [{ peers, ports: [{ port: 1, protocol: 'TCP' }] }, { peers: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'far' } } }], ports: [{ port: 2, protocol: 'TCP' }] }] },
    ]);
  });

  test('what everyone may do is not said of anyone again, and what nobody serves is passed over', async () => {
    const serves = [{ id: 'open', pods: group('b'), ports: [{ port: 1 }] }, { id: 'both', pods: group('b'), ports: [{ port: 1 }, { port: 2 }] }];
    const [b] = await made({ id: 's', serves, calls: [{ from: 'anyone', to: ['open'] }, { from: group('a', 'far'), to: ['both'] }, { from: group('d', 'far'), to: ['open', 'nothing'] }] });
    expect(b?.ingress).toEqual([{ peers: null, ports: [{ port: 1, protocol: 'TCP' }] }, { peers: [expect.anything()], ports: [{ port: 2, protocol: 'TCP' }] }]);
  });

  test('a port of no number is no arrow: it would mean every port', async () => {
    expect(await made({ id: 's', serves: [{ id: 'b', pods: group('b'), ports: [] }], calls: [{ from: 'anyone', to: ['b'] }] })).toEqual([{ name: 's-b', pods: { app: 'b' }, ingress: [], egress: [] }]);
  });
});
