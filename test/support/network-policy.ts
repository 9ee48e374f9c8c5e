// Judges network policies by the text of the API (networking.k8s.io/v1, NetworkPolicy), with nothing of the project's in it:
// https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ and
// https://kubernetes.io/docs/concepts/services-networking/network-policies/.
import { BlockList, isIPv4 } from 'node:net';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

export interface NetworkPolicyPeer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: readonly string[] };
}

export interface NetworkPolicyPort {
  protocol?: Protocol;
  port?: number | string;
  endPort?: number;
}

export interface NetworkPolicy {
  metadata: { name: string; namespace: string };
  spec: {
    podSelector?: Selector;
    policyTypes?: readonly ('Ingress' | 'Egress')[];
    ingress?: readonly { from?: readonly NetworkPolicyPeer[]; ports?: readonly NetworkPolicyPort[] }[];
    egress?: readonly { to?: readonly NetworkPolicyPeer[]; ports?: readonly NetworkPolicyPort[] }[];
  };
}

export interface Pod {
  namespace: string;
  labels: Labels;
  ip: string;
  /** Named ports of its containers. */
  ports?: readonly { name: string; port: number; protocol?: Protocol }[];
}

/** Labels of the namespaces by their names. The API server gives each the label kubernetes.io/metadata.name. */
export type Namespaces = Readonly<Record<string, Labels>>;

type Labels = Readonly<Record<string, string>>;
/** A pod, or the address of something that is none. */
export type End = Pod | string;
type Rule = { peers: readonly NetworkPolicyPeer[]; ports: readonly NetworkPolicyPort[] };

/**
 * Whether a connection from one end to the other is let through: by what isolates the caller, and by what isolates the called.
 * Answers to a connection are always let through, a pod always reaches itself. `port` is that of the pod, not that of a Service.
 */
export function mayConnect(policies: readonly NetworkPolicy[], namespaces: Namespaces, from: End, to: End, port: number, protocol: Protocol = 'TCP'): boolean {
  if (from === to) return true;
  const lets = (isolated: End, direction: 'Ingress' | 'Egress', other: End): boolean => {
    const selecting = policies.filter((policy) => selects(policy, isolated) && policyTypes(policy).includes(direction));
    // Not selected is not isolated. Else one rule of one policy is enough: policies add up and never deny.
    return (
      selecting.length === 0 ||
      selecting.some((policy) =>
        rules(policy, direction).some(
          ({ peers, ports }) =>
            (peers.length === 0 || peers.some((peer) => isPeer(peer, other, policy.metadata.namespace, namespaces))) &&
            (ports.length === 0 || ports.some((one) => isPort(one, to, port, protocol))),
        ),
      )
    );
  };
  return lets(from, 'Egress', to) && lets(to, 'Ingress', from);
}

function selects({ metadata, spec }: NetworkPolicy, end: End): boolean {
  return typeof end === 'object' && end.namespace === metadata.namespace && matches(spec.podSelector ?? {}, end.labels);
}

/** Left out: always Ingress, and Egress where there are rules for it. */
function policyTypes({ spec: { policyTypes: given, egress = [] } }: NetworkPolicy): readonly string[] {
  if (given && given.length > 0) return given;
  return egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

/** No list of peers and an empty one are the same: everyone. So it is with ports. */
function rules({ spec: { ingress = [], egress = [] } }: NetworkPolicy, direction: 'Ingress' | 'Egress'): Rule[] {
  if (direction === 'Ingress') return ingress.map(({ from = [], ports = [] }) => ({ peers: from, ports }));
  return egress.map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

/** Both selectors of one peer must hold. A pod selector by itself means the policy's own namespace. */
function isPeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, end: End, own: string, namespaces: Namespaces): boolean {
  if (ipBlock) {
    if (podSelector || namespaceSelector) throw new TypeError('a peer has an ipBlock and a selector; the API refuses it');
    const ip = typeof end === 'string' ? end : end.ip;
    return inBlock(ipBlock.cidr, ip) && !(ipBlock.except ?? []).some((cidr) => inBlock(cidr, ip));
  }
  if (!podSelector && !namespaceSelector) throw new TypeError('a peer says nothing; the API refuses it');
  if (typeof end === 'string') return false;
  const { [end.namespace]: labels } = namespaces;
  if (!labels) throw new RangeError(`no namespace ${end.namespace}`);
  const there = namespaceSelector ? matches(namespaceSelector, { 'kubernetes.io/metadata.name': end.namespace, ...labels }) : end.namespace === own;
  return there && matches(podSelector ?? {}, end.labels);
}

/** A named port is that of the called pod's containers, in either direction; something that is no pod has none. */
function isPort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, to: End, wanted: number, wantedProtocol: Protocol): boolean {
  if (protocol !== wantedProtocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return wanted >= port && wanted <= (endPort ?? port);
  if (typeof to === 'string') return false;
  return (to.ports ?? []).some((one) => one.name === port && one.port === wanted && (one.protocol ?? 'TCP') === wantedProtocol);
}

/** All requirements hold. An empty selector has none. A label that is absent is also not in a list. */
function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      throw new TypeError(`no operator ${operator}`);
    })
  );
}

function inBlock(cidr: string, ip: string): boolean {
  const [address = '', bits = ''] = cidr.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIPv4(ip) !== isIPv4(address)) return false;
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return block.check(ip, family);
}
