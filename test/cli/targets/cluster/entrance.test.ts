import { expect, test } from 'vitest';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { clusterEntrance, withZone } from '../../../../cli/targets/cluster/entrance.ts';
import type { Marks } from '../../../../cli/targets/cluster/marks.ts';
import type { Entrance } from '../../../../cli/targets/target.ts';

const marks: Marks = { platform: 'todo', environment: 'prod', namespace: 'todo', release: 'todo', labels: { 'todoctl.io/platform': 'todo' } };
const GATEWAYS = '/apis/gateway.networking.k8s.io/v1/namespaces/todo/gateways';
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/todo/ingresses';
const holding = (there: Record<string, object[]>): Kubernetes =>
  ({ where: 'test', ask: async (path: string) => { const items = there[path.split('?')[0] ?? '']; return items === undefined ? { status: 404, body: {} } : { status: 200, body: { items } }; } }) as unknown as Kubernetes;
const gateway = (listeners: object[], addresses: string[], conditions: object[] = []): object => ({ metadata: { name: 'todo' }, spec: { listeners }, status: { addresses: addresses.map((value) => ({ value })), conditions } });
const http = { name: 'http', port: 80, protocol: 'HTTP' };
const https = { name: 'https', port: 443, protocol: 'HTTPS', hostname: 'todo.example.com' };
const shown = ({ url, connectTo, record }: Entrance): unknown[] => [url.href, connectTo, record];
const names = (known: Record<string, string[]>) => async (name: string): Promise<string[]> => known[name] ?? [];

test.each<[string, Record<string, object[]>, Record<string, string[]>, unknown[]]>([
  ['without a host the load balancer’s address serves', { [GATEWAYS]: [gateway([http], ['203.0.113.7'])] }, {}, ['http://203.0.113.7/', undefined, undefined]],
  ['an address of version 6 stands in brackets', { [GATEWAYS]: [gateway([http], ['2001:db8::7'])] }, {}, ['http://[2001:db8::7]/', undefined, undefined]],
  ['another port is told', { [GATEWAYS]: [gateway([{ ...http, port: 8000 }], ['203.0.113.7'])] }, {}, ['http://203.0.113.7:8000/', undefined, undefined]],
  ['a host with its record is used as it is', { [GATEWAYS]: [gateway([http, https], ['203.0.113.7'])] }, { 'todo.example.com': ['203.0.113.7'] }, ['https://todo.example.com/', undefined, undefined]],
  ['a host without a record: where to connect, and the record', { [GATEWAYS]: [gateway([http, https], ['203.0.113.7'])] }, {}, ['https://todo.example.com/', { host: '203.0.113.7', port: 443 }, 'todo.example.com. A 203.0.113.7']],
  ['a host that points elsewhere has the wrong record', { [GATEWAYS]: [gateway([https], ['203.0.113.7'])] }, { 'todo.example.com': ['198.51.100.1'] }, ['https://todo.example.com/', { host: '203.0.113.7', port: 443 }, 'todo.example.com. A 203.0.113.7']],
  ['a load balancer with a name gets an alias', { [INGRESSES]: [{ metadata: { name: 'todo' }, spec: { rules: [{ host: 'todo.example.com' }], tls: [{}] }, status: { loadBalancer: { ingress: [{ hostname: 'lb.example.net' }] } } }] }, {}, ['https://todo.example.com/', { host: 'lb.example.net', port: 443 }, 'todo.example.com. CNAME lb.example.net.']],
  ['a Service with a load balancer is the last resort', { '/api/v1/namespaces/todo/services': [{ metadata: { name: 'web' }, spec: { type: 'LoadBalancer', ports: [{ port: 8080 }] }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } }] }, {}, ['http://203.0.113.9:8080/', undefined, undefined]],
])('%s', async (_what, there, known, expected) => {
  expect(shown(await clusterEntrance(holding(there), marks, names(known)))).toEqual(expected);
});

test('no address yet: what is waited for', async () => {
  const waiting = gateway([http], [], [{ type: 'Programmed', status: 'False', message: 'waits for a load balancer' }]);
  await expect(clusterEntrance(holding({ [GATEWAYS]: [waiting] }), marks)).rejects.toMatchObject({ code: 'TODOCTL_ENTRANCE_MISSING', exit: 3, details: ['Gateway todo has no address yet: waits for a load balancer'] });
  await expect(clusterEntrance(holding({}), marks)).rejects.toMatchObject({ details: ['There is no Gateway, Ingress or LoadBalancer of it in the namespace todo.'] });
});

test('a record that the provider’s zone has is not asked of a person; where it cannot be known, it is', async () => {
  const nobody = names({});
  const without: Entrance = { url: new URL('https://todo.example.com/'), connectTo: { host: '203.0.113.7', port: 443 }, record: 'todo.example.com. A 203.0.113.7' };
  const provider = (leadsTo: (host: string, address: string) => Promise<boolean>): Parameters<typeof withZone>[1] => ({ name: 'DigitalOcean', names: { servers: 'digitalocean.com', leadsTo, record: () => { throw new Error('nothing is made here'); } } });
  expect(await withZone(without, provider(async (host, address) => host === 'todo.example.com' && address === '203.0.113.7'), nobody)).toEqual({ ...without, zone: 'DigitalOcean' });
  expect(await withZone(without, provider(async () => false), nobody)).toBe(without);
  expect(await withZone(without, provider(async () => { throw new TodoctlError('TODOCTL_DIGITALOCEAN_NO_TOKEN'); }), nobody)).toBe(without);
  expect(await withZone(without, { name: 'an existing cluster' }, nobody)).toBe(without);
  const known: Entrance = { url: without.url };
  expect(await withZone(known, provider(async () => true), nobody)).toBe(known);
});

test.each<[string, Record<string, string[]>, string | undefined]>([
  ['at the provider', { 'example.com': ['ns1.DigitalOcean.com', 'ns2.digitalocean.com'] }, 'DigitalOcean'],
  ['elsewhere, so that the record is to be made there', { 'example.com': ['ns1.elsewhere.net'] }, undefined],
  ['elsewhere, but for the part that the host is in', { 'example.com': ['ns1.elsewhere.net'], 'todo.example.com': ['ns3.digitalocean.com'] }, 'DigitalOcean'],
  ['at the provider, but for the part that the host is in', { 'example.com': ['ns1.digitalocean.com'], 'todo.example.com': ['ns1.elsewhere.net'] }, undefined],
  ['at a name that only looks like it', { 'example.com': ['ns1.notdigitalocean.com'] }, undefined],
  ['nobody says where', {}, 'DigitalOcean'],
])('the zone is served %s', async (_where, known, zone) => {
  const without: Entrance = { url: new URL('https://todo.example.com/'), connectTo: { host: '203.0.113.7', port: 443 }, record: 'todo.example.com. A 203.0.113.7' };
  const record = (): never => { throw new Error('nothing is made here'); };
  expect((await withZone(without, { name: 'DigitalOcean', names: { servers: 'digitalocean.com', leadsTo: async () => true, record } }, names(known))).zone).toBe(zone);
});

test('of Gateways and Ingresses the one may be seen that the environment has; who may see nothing is told', async () => {
  const items = [gateway([http], ['203.0.113.7'])];
  const allowing = (...may: string[]): Kubernetes =>
    ({ where: 'test', ask: async (path: string) => { const at = path.split('?')[0] ?? ''; return may.includes(at) ? { status: 200, body: { items: at === GATEWAYS ? items : [] } } : { status: 403, body: { message: `${at} is forbidden` } }; } }) as unknown as Kubernetes;
  expect((await clusterEntrance(allowing(GATEWAYS, '/api/v1/namespaces/todo/services'), marks)).url.href).toBe('http://203.0.113.7/');
  await expect(clusterEntrance(allowing(GATEWAYS), marks)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN' });
});
