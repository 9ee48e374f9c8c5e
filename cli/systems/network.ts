import type { Platform } from '../definition/platform.ts';
import { namespaceOf } from './names.ts';
import { serviceParts } from './network-services.ts';
import type { Artefact, Calls, Parts, Pods, Port, Serves } from './system.ts';

/** Who is at the other end of an arrow. */
type Peer = Serves['pods'];

/** The pods of the app's namespace that one policy is for, with what they take and what they call. */
interface Group {
  name: string;
  pods: Pods;
  ingress: Rules;
  egress: Rules;
}

/** Ports by the peer they are open for. */
type Rules = Map<string, { peer: Peer; ports: Map<string, Port> }>;

/** There in every cluster. A NetworkPolicy cannot name the API server, which is a host and not a pod: so by its port alone. */
const KUBERNETES_API: Serves = { id: 'kubernetes-api', pods: 'anyone', ports: [{ port: 443 }, { port: 6443 }] };

const SERVICE = 'service';

/**
 * Network policies of the app's namespace: nobody may call anybody, but for the arrows of the definition and what the systems say.
 * One policy that denies all but DNS, one for each service, one for each other group of pods. Order: services, then systems.
 * What takes a call and what makes it both need a rule; for pods of other namespaces only our side is made.
 */
export function policyArtefacts(platform: Platform, systems: readonly (Parts & { id: string })[]): Artefact[] {
  const all = [{ id: SERVICE, ...serviceParts(platform) }, ...systems];
  const served = [KUBERNETES_API, ...all.flatMap(({ serves }) => serves ?? [])];
  const groups = new Groups(platform);
  for (const { id, serves, calls } of all) {
    for (const { pods } of serves ?? []) groups.add(id, pods);
    for (const { from } of calls ?? []) groups.add(id, from);
  }
  for (const { from, to } of all.flatMap(({ calls }) => calls ?? [])) {
    for (const { pods, ports } of served.filter(({ id }) => to.includes(id))) groups.connect(from, pods, ports);
  }
  return [
    { owner: 'release', file: 'policy-default.yaml', template: 'kubernetes/network-policy-default.yaml.hbs', view: {} },
    ...groups.all().map(({ name, pods, ingress, egress }): Artefact => ({
      owner: 'release',
      file: `policy-${name}.yaml`,
      template: 'kubernetes/network-policy.yaml.hbs',
      view: { name, pods: pods.labels, ingress: rulesOf(ingress, pods.namespace), egress: rulesOf(egress, pods.namespace) },
    })),
  ];
}

/** The groups of pods of the app's namespace, in the order in which they were met. */
class Groups {
  readonly #platform: Platform;
  readonly #groups = new Map<string, Group>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  /** Errors: Error for pods without labels or two groups of one name, mistakes of whoever wrote a system. */
  add(system: string, pods: Calls['from'] | Peer): void {
    if (!this.#ours(pods) || this.#groups.has(keyOf(pods))) return;
    const name = nameOf(system, pods, this.#platform.name);
    if (Object.keys(pods.labels).length === 0) throw new Error(`system ${system} means all pods of ${pods.namespace}`);
    if (this.all().some((group) => group.name === name)) throw new Error(`system ${system} has two groups of pods named ${name}`);
    this.#groups.set(keyOf(pods), { name, pods, ingress: new Map(), egress: new Map() });
  }

  connect(from: Calls['from'], to: Peer, ports: readonly Port[]): void {
    if (this.#ours(from)) open(this.#groups.get(keyOf(from))?.egress, to, ports);
    if (this.#ours(to)) open(this.#groups.get(keyOf(to))?.ingress, from, ports);
  }

  #ours(pods: Peer): pods is Pods {
    return typeof pods === 'object' && pods.namespace === namespaceOf(this.#platform);
  }
}

/** `kafka-entity-operator`: the system and what its labels say beyond the platform. */
function nameOf(system: string, { labels }: Pods, platform: string): string {
  const values = Object.entries(labels)
    .filter(([key]) => key !== 'app.kubernetes.io/part-of')
    .map(([key, value]) => (value === 'true' ? (key.split('/').at(-1) ?? key) : value).toLowerCase().replaceAll(/[^a-z0-9-]/g, '-'));
  const telling = values.filter((value) => value !== platform && value !== system);
  return [system, ...new Set(system === SERVICE ? values : telling)].join('-');
}

function open(rules: Rules | undefined, peer: Peer, ports: readonly Port[]): void {
  const key = keyOf(peer);
  const rule = rules?.get(key) ?? { peer, ports: new Map<string, Port>() };
  rules?.set(key, rule);
  for (const port of ports) rule.ports.set(keyOfPort(port), port);
}

function keyOf(peer: Peer): string {
  return typeof peer === 'string' ? peer : JSON.stringify([peer.namespace, Object.entries(peer.labels).sort()]);
}

function keyOfPort({ port, protocol = 'TCP' }: Port): string {
  return `${protocol} ${port}`;
}

/**
 * As the API spells them. A rule always has ports: without, it would mean all. What everyone may do is not said of anyone again,
 * so that each rule grants something.
 */
function rulesOf(rules: Rules, own: string): object[] {
  const open = rules.get('anyone')?.ports;
  return [...rules.values()].flatMap(({ peer, ports }) => {
    const left = [...ports].filter(([key]) => peer === 'anyone' || !open?.has(key)).map(([, port]) => port);
    if (left.length === 0) return [];
    const sorted = left.sort((a, b) => a.port - b.port || (a.protocol ?? 'TCP').localeCompare(b.protocol ?? 'TCP'));
    return [{ peers: peerOf(peer, own), ports: sorted.map(({ port, protocol = 'TCP' }) => ({ port, protocol })) }];
  });
}

/** Null for everyone. Namespace and labels are one peer, for they must hold together. */
function peerOf(peer: Peer, own: string): object[] | null {
  if (peer === 'anyone') return null;
  if (peer === 'outside') return [{ ipBlock: { cidr: '0.0.0.0/0' } }];
  const podSelector = { matchLabels: peer.labels };
  if (peer.namespace === own) return [{ podSelector }];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } };
  return [Object.keys(peer.labels).length === 0 ? { namespaceSelector } : { namespaceSelector, podSelector }];
}
