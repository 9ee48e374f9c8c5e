// The judge of network policies against Kubernetes' own examples: the cases of its conformance suite for network policies
// (test/e2e/network/netpol in kubernetes/kubernetes: pods a, b, c in each of the namespaces x, y, z, and a table of who reaches whom)
// and those of the documentation (https://kubernetes.io/docs/concepts/services-networking/network-policies/).
import { describe, expect, test } from 'vitest';
import { mayConnect, type NetworkPolicy, type NetworkPolicyPeer, type NetworkPolicyPort, type Pod, type Protocol, type Selector } from '../../support/network-policy.ts';

type Spec = NetworkPolicy['spec'];
type Asked = { port?: number; protocol?: Protocol };

const namespaces = { x: {}, y: { team: 'blue' }, z: {} };
const pods = ['x', 'y', 'z'].flatMap((namespace, first) =>
  ['a', 'b', 'c'].map((pod, second): Pod & { name: string } => ({
    name: `${namespace}/${pod}`,
    namespace,
    labels: { pod },
    ip: `10.0.${first + 1}.${second + 1}`,
    ports: [
      { name: 'serve-80', port: 80 },
      { name: 'serve-81', port: 81 },
      { name: 'serve-80-udp', port: 80, protocol: 'UDP' },
    ],
  })),
);
const policies = (...specs: readonly Spec[]): NetworkPolicy[] => specs.map((spec, index) => ({ metadata: { name: `p${index}`, namespace: 'x' }, spec }));

/** All pairs of different pods that cannot connect, as `x/b>x/a`; policies are in namespace x. A pod with itself is nobody's business. */
function refused(specs: readonly Spec[], { port = 80, protocol = 'TCP' }: Asked = {}): string[] {
  const all = policies(...specs);
  return pods.flatMap((from) => pods.filter((to) => to !== from && !mayConnect(all, namespaces, from, to, port, protocol)).map((to) => `${from.name}>${to.name}`));
}
/** What is expected to be refused, by patterns of who calls and who is called. */
function pairs(from: RegExp, to: RegExp, but: (from: string, to: string) => boolean = () => false): string[] {
  return pods.flatMap((one) => pods.filter((other) => other !== one && from.test(one.name) && to.test(other.name) && !but(one.name, other.name)).map((other) => `${one.name}>${other.name}`));
}

const any = /./;
const xa = /^x\/a/;
const x = /^x/;
const labelled = (pod: string): Selector => ({ matchLabels: { pod } });
const inNamespace = (name: string): Selector => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const notIn = (key: string, ...values: string[]): Selector => ({ matchExpressions: [{ key, operator: 'NotIn', values }] });
const a = labelled('a');
const denyIngress: Spec = { podSelector: {}, policyTypes: ['Ingress'] };
const denyEgress: Spec = { podSelector: {}, policyTypes: ['Egress'] };
const ingressTo = (podSelector: Selector, ...from: NetworkPolicyPeer[]): Spec => ({ podSelector, policyTypes: ['Ingress'], ingress: [{ from }] });
const egressOf = (podSelector: Selector, ...to: NetworkPolicyPeer[]): Spec => ({ podSelector, policyTypes: ['Egress'], egress: [{ to }] });
const portsTo = (...ports: NetworkPolicyPort[]): Spec => ({ podSelector: a, policyTypes: ['Ingress'], ingress: [{ ports }] });

describe('who is let in', () => {
  test.each<[string, Spec[], string[]]>([
    ['no policy: everyone', [], []],
    ['default deny of ingress', [denyIngress], pairs(any, x)],
    ['default deny of all', [{ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }], [...new Set([...pairs(any, x), ...pairs(x, any)])]],
    ['a pod selector means the policy’s own namespace', [ingressTo(a, { podSelector: labelled('b') })], pairs(any, xa, (from) => from === 'x/b')],
    ['a pod for which everyone is let in, beside a default deny', [denyIngress, ingressTo(a, { podSelector: {}, namespaceSelector: {} })], pairs(any, /^x\/[bc]/)],
    ['pods of all namespaces', [ingressTo(a, { namespaceSelector: {} })], []],
    ['all pods of the own namespace', [ingressTo({}, { podSelector: {} })], pairs(/^[yz]/, x)],
    ['a namespace by its name', [ingressTo(a, { namespaceSelector: inNamespace('y') })], pairs(/^[xz]/, xa)],
    ['a namespace by its label', [ingressTo(a, { namespaceSelector: { matchLabels: { team: 'blue' } } })], pairs(/^[xz]/, xa)],
    ['In', [ingressTo(a, { podSelector: { matchExpressions: [{ key: 'pod', operator: 'In', values: ['b'] }] } })], pairs(any, xa, (from) => from === 'x/b')],
    ['NotIn, also where the label is absent', [ingressTo(a, { namespaceSelector: notIn('team', 'blue') })], pairs(/^y/, xa)],
    ['Exists', [ingressTo(a, { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } })], pairs(/^[xz]/, xa)],
    ['DoesNotExist', [ingressTo(a, { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } })], pairs(/^y/, xa)],
    ['all requirements of a selector', [ingressTo(a, { podSelector: { ...labelled('b'), ...notIn('pod', 'b') } })], pairs(any, xa)],
    ['two peers: either', [ingressTo(a, { namespaceSelector: notIn('kubernetes.io/metadata.name', 'x') }, { podSelector: labelled('b') })], pairs(/^x\/c/, xa)],
    ['two selectors in one peer: both', [ingressTo(a, { namespaceSelector: notIn('kubernetes.io/metadata.name', 'x'), podSelector: labelled('b') })], pairs(any, xa, (from) => /^[yz]\/b/.test(from))],
    ['several pods of several namespaces', [ingressTo(a, { namespaceSelector: notIn('kubernetes.io/metadata.name', 'x'), podSelector: { matchExpressions: [{ key: 'pod', operator: 'In', values: ['b', 'c'] }] } })], pairs(any, xa, (from) => /^[yz]\/[bc]/.test(from))],
    ['any of the pods that a rule names', [ingressTo(a, { podSelector: labelled('b') }, { podSelector: labelled('c') })], pairs(/^[yz]/, xa)],
    ['one pod of one other namespace', [ingressTo(a, { namespaceSelector: inNamespace('y'), podSelector: a })], pairs(any, xa, (from) => from === 'y/a')],
    ['an empty list of peers: everyone', [{ podSelector: a, policyTypes: ['Ingress'], ingress: [{ from: [] }] }], []],
    ['a rule that says nothing: everyone', [{ podSelector: a, policyTypes: ['Ingress'], ingress: [{}] }], []],
    ['no rule: nobody', [{ podSelector: a, policyTypes: ['Ingress'], ingress: [] }], pairs(any, xa)],
    ['a policy that selects no pod changes nothing', [{ podSelector: labelled('none'), policyTypes: ['Ingress'] }], []],
    ['policies add up', [denyIngress, ingressTo(a, { podSelector: labelled('b') }), ingressTo(a, { podSelector: labelled('c') })], pairs(any, x, (from, to) => to === 'x/a' && /^x\/[bc]/.test(from))],
    ['one that lets everyone in wins over one that denies', [denyIngress, { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }], []],
  ])('%s', (_, specs, expected) => {
    expect(refused(specs).sort()).toEqual(expected.sort());
  });
});

describe('who is let out', () => {
  test.each<[string, Spec[], string[]]>([
    ['default deny of egress', [denyEgress], pairs(x, any)],
    ['only one pod is kept in', [{ podSelector: a, policyTypes: ['Egress'] }], pairs(xa, any)],
    ['to a pod of another namespace', [egressOf(a, { namespaceSelector: inNamespace('y'), podSelector: a })], pairs(xa, any, (_, to) => to === 'y/a')],
    ['the caller’s policy holds, whatever the called one lets in', [{ podSelector: a, policyTypes: ['Egress'] }, ingressTo({}, { namespaceSelector: {} })], pairs(xa, any)],
    ['the called one’s policy holds, whatever the caller is let out', [denyIngress, { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }], pairs(any, x)],
    ['in and out in one policy', [{ podSelector: a, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [{ podSelector: labelled('b') }] }], egress: [{ to: [{ podSelector: labelled('b') }] }] }], [...pairs(any, xa, (from) => from === 'x/b'), ...pairs(xa, any, (_, to) => to === 'x/b')]],
    ['to a block of addresses', [egressOf(a, { ipBlock: { cidr: '10.0.2.0/24' } })], pairs(xa, /^[xz]/)],
    ['to a block but for a part of it', [egressOf(a, { ipBlock: { cidr: '10.0.2.0/24', except: ['10.0.2.2/32'] } })], pairs(xa, any, (_, to) => /^y\/[ac]/.test(to))],
    ['what one policy excepts another may allow', [egressOf(a, { ipBlock: { cidr: '10.0.2.0/24', except: ['10.0.2.2/32'] } }), egressOf(a, { ipBlock: { cidr: '10.0.2.2/32' } })], pairs(xa, /^[xz]/)],
  ])('%s', (_, specs, expected) => {
    expect(refused(specs).sort()).toEqual(expected.sort());
  });
});

test('types of a policy that does not name them: ingress always, egress where it has rules', () => {
  expect(refused([{ podSelector: a }])).toEqual(pairs(any, xa));
  expect(refused([{ podSelector: a, egress: [] }])).toEqual(pairs(any, xa));
  expect(refused([{ podSelector: a, policyTypes: [], egress: [{ to: [{ podSelector: {} }] }] }]).sort()).toEqual([...pairs(any, xa), ...pairs(xa, /^[yz]/)].sort());
  // Rules of a type that is not named are as good as absent.
  expect(refused([{ podSelector: a, policyTypes: ['Ingress'], ingress: [{}], egress: [{ to: [{ podSelector: labelled('none') }] }] }])).toEqual([]);
});

describe('on which port', () => {
  const closed = pairs(any, xa);
  test.each<[string, Spec[], Asked, boolean]>([
    ['its number', [portsTo({ port: 81 })], { port: 81 }, true],
    ['another number', [portsTo({ port: 81 })], { port: 80 }, false],
    ['one of several', [portsTo({ port: 79 }, { port: 81 })], { port: 81 }, true],
    ['any number of a protocol', [portsTo({ protocol: 'TCP' })], { port: 81 }, true],
    ['TCP where no protocol is named', [portsTo({ port: 80 })], { protocol: 'UDP' }, false],
    ['UDP is not TCP', [portsTo({ port: 80, protocol: 'UDP' })], { protocol: 'TCP' }, false],
    ['UDP', [portsTo({ port: 80, protocol: 'UDP' })], { protocol: 'UDP' }, true],
    ['SCTP is not TCP', [portsTo({ port: 80, protocol: 'SCTP' })], { protocol: 'TCP' }, false],
    ['its name', [portsTo({ port: 'serve-81' })], { port: 81 }, true],
    ['another name', [portsTo({ port: 'serve-80' })], { port: 81 }, false],
    ['a name of another protocol', [portsTo({ port: 'serve-80-udp', protocol: 'TCP' })], { port: 80 }, false],
    ['a name that no container has', [portsTo({ port: 'serve-82' })], { port: 82 }, false],
    ['begin of a range', [portsTo({ port: 79, endPort: 81 })], { port: 79 }, true],
    ['end of a range', [portsTo({ port: 79, endPort: 81 })], { port: 81 }, true],
    ['beyond a range', [portsTo({ port: 79, endPort: 80 })], { port: 81 }, false],
    ['an empty list: every port', [portsTo()], { port: 81 }, true],
    ['stacked: a port of each', [portsTo({ port: 80 }), portsTo({ port: 81 })], { port: 81 }, true],
  ])('%s', (_, specs, asked, open) => {
    expect(refused(specs, asked)).toEqual(open ? [] : closed);
  });

  test('peers and ports of one rule belong together', () => {
    const spec: Spec = { podSelector: a, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: labelled('b') }], ports: [{ port: 80 }] }, { from: [{ podSelector: labelled('c') }], ports: [{ port: 81 }] }] };
    expect(refused([spec], { port: 80 })).toEqual(pairs(any, xa, (from) => from === 'x/b'));
    expect(refused([spec], { port: 81 })).toEqual(pairs(any, xa, (from) => from === 'x/c'));
  });

  test('out by the name of a port: that of the called pod', () => {
    expect(refused([{ podSelector: a, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'serve-80' }] }] }], { port: 80 })).toEqual([]);
    expect(refused([{ podSelector: a, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'serve-80' }] }] }], { port: 81 })).toEqual(pairs(xa, any));
  });
});

describe('addresses that are no pods', () => {
  const pod = pods[0] as Pod;
  const connects = (specs: Spec[], from: Pod | string, to: Pod | string, port = 80): boolean => mayConnect(policies(...specs), namespaces, from, to, port);

  test('are let in and out by blocks only', () => {
    expect(connects([ingressTo(a, { namespaceSelector: {} })], '203.0.113.7', pod)).toBe(false);
    expect(connects([ingressTo(a, { ipBlock: { cidr: '203.0.113.0/24' } })], '203.0.113.7', pod)).toBe(true);
    expect(connects([ingressTo(a, { ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.0/29'] } })], '203.0.113.7', pod)).toBe(false);
    expect(connects([egressOf(a, { ipBlock: { cidr: '0.0.0.0/0' } })], pod, '203.0.113.7')).toBe(true);
    expect(connects([egressOf(a, { podSelector: {} })], pod, '203.0.113.7')).toBe(false);
    expect(connects([{ podSelector: a, policyTypes: ['Egress'], egress: [{}] }], pod, '203.0.113.7')).toBe(true);
  });

  test('of the other family are in no block', () => {
    expect(connects([egressOf(a, { ipBlock: { cidr: '0.0.0.0/0' } })], pod, '2001:db8::7')).toBe(false);
    expect(connects([egressOf(a, { ipBlock: { cidr: '2001:db8::/32' } })], pod, '2001:db8::7')).toBe(true);
    expect(connects([egressOf(a, { ipBlock: { cidr: '2001:db8::/32' } })], pod, '203.0.113.7')).toBe(false);
  });

  test('have no named ports', () => {
    expect(connects([{ podSelector: a, policyTypes: ['Egress'], egress: [{ ports: [{ port: 'serve-80' }] }] }], pod, '203.0.113.7')).toBe(false);
  });
});

test('a pod reaches itself, and policies of one namespace say nothing of another', () => {
  const pod = pods[0] as Pod;
  expect(mayConnect(policies(denyIngress, denyEgress), namespaces, pod, pod, 80)).toBe(true);
  expect(refused([denyIngress, denyEgress]).filter((pair) => !pair.includes('x'))).toEqual([]);
});

test('what the API would refuse is not judged', () => {
  const [pod, other] = [pods[0] as Pod, pods[1] as Pod];
  const judge = (peer: NetworkPolicyPeer) => (): boolean => mayConnect(policies(ingressTo({}, peer)), namespaces, other, pod, 80);
  expect(judge({})).toThrow(TypeError);
  expect(judge({ podSelector: {}, ipBlock: { cidr: '0.0.0.0/0' } })).toThrow(TypeError);
  expect(judge({ podSelector: { matchExpressions: [{ key: 'pod', operator: 'Like' }] } })).toThrow(TypeError);
  expect(() => mayConnect(policies(ingressTo({}, { namespaceSelector: {} })), {}, other, pod, 80)).toThrow(RangeError);
});
