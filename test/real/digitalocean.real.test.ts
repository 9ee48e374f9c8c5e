// The simulator of DigitalOcean beside a real API server: what its controllers make for Services, claims and nodes.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ask } from '../simulators/digitalocean/ask.ts';
import { type DigitalOcean, startDigitalOcean } from '../simulators/digitalocean/start.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const server = await realPart('kubernetes', startApiServer);
const NOT_READY_MS = 20_000;

const SERVICE = (name: string): object => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'LoadBalancer', ports: [{ port: 443, targetPort: 8443 }], selector: { app: name } } });
const CLAIM = (name: string, storageClassName: string): object => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '7Gi' } } } });

afterAll(() => server?.stop());

async function withCluster(real: ApiServer, nodes: 'made' | 'real' = 'made'): Promise<DigitalOcean> {
  const ca = readFileSync(path.join(real.folder, 'ca.crt'), 'utf8');
  const api = await startDigitalOcean({ behind: { server: real.server, ca, token: 'token-of-admin' }, controllers: { nodes, provision: true, alone: true, address: '203.0.113.7' } });
  await ask(api, 'POST', '/kubernetes/clusters', { name: 'todo', region: 'nyc3', version: 'latest', ha: false, node_pools: [{ name: 'main', size: 's-2vcpu-4gb', count: 2 }] });
  api.clock.advance(330_000);
  return api;
}

test.skipIf(!server)('Services get load balancers, claims get volumes, pools get nodes; and all of it goes', async () => {
  const real = server!;
  const get = (what: string, to: string): string => real.kubectl(['get', ...what.split(' '), '-o', `jsonpath=${to}`]);
  await using api = await withCluster(real);
  const seen = async (what: string, is: () => boolean): Promise<boolean> => until(what, is, NOT_READY_MS).catch((error: Error) => Promise.reject(new Error(`${error.message} ${api.troubles.join('; ')}`)));
  await seen('nodes', () => get('nodes', '{.items[*].status.conditions[?(@.type=="Ready")].status}') === 'True True');
  real.kubectl(['apply', '-f', '-'], JSON.stringify(SERVICE('entrance')));
  await seen('load balancer', () => api.state.loadBalancers.size === 1);
  const [balancer] = [...api.state.loadBalancers.values()];
  const [cluster] = [...api.state.clusters.values()];
  expect(balancer).toMatchObject({ status: 'new', tags: [`k8s:${cluster?.id}`], name: expect.stringMatching(/^a[0-9a-f]{31}$/) as unknown });
  expect(get('service entrance', '{.status.loadBalancer.ingress[0].ip}')).toBe('');
  api.clock.advance(60_000);
  await seen('address', () => get('service entrance', '{.status.loadBalancer.ingress[0].ip}') === '203.0.113.7');

  real.kubectl(['apply', '-f', '-'], JSON.stringify(CLAIM('data', 'do-block-storage')));
  real.kubectl(['apply', '-f', '-'], JSON.stringify(CLAIM('theirs', 'local')));
  await seen('volume', () => get('pvc data', '{.status.phase}') === 'Bound');
  expect([...api.state.volumes.values()]).toMatchObject([{ size_gigabytes: 7, tags: [`k8s:${cluster?.id}`] }]);
  expect((await ask(api, 'GET', `/kubernetes/clusters/${cluster?.id}/destroy_with_associated_resources`)).body).toMatchObject({ load_balancers: [{ name: balancer?.name }], volumes: [{ name: expect.stringMatching(/^pvc-/) as unknown }] });

  real.kubectl(['delete', 'service', 'entrance', '--wait=false']);
  real.kubectl(['delete', 'pvc', 'data', 'theirs', '--wait=false']);
  // The Service stays until its load balancer is gone.
  await seen('deletion', () => balancer?.leaving === true);
  expect(get('service entrance', '{.metadata.name}')).toBe('entrance');
  api.clock.advance(20_000);
  await seen('end', () => !get('services', '{.items[*].metadata.name}').includes('entrance'));
  await seen('volume goes', () => [...api.state.volumes.values()].every(({ leaving }) => leaving === true));

  const [pool] = cluster?.pools ?? [];
  await ask(api, 'PUT', `/kubernetes/clusters/${cluster?.id}/node_pools/${pool?.id}`, { name: 'main', count: 1 });
  await seen('fewer nodes', () => get('nodes', '{.items[*].metadata.name}').split(' ').length === 1);
  expect(api.troubles).toEqual([]);
}, 90_000);

test.skipIf(!server)('nodes that kubelets have made are those of the pools, and none is made beside them', async () => {
  const real = server!;
  const MACHINES = ['machine-1', 'machine-2', 'machine-3'];
  real.kubectl(['delete', 'nodes', '--all']);
  for (const name of MACHINES) real.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } }));
  await using api = await withCluster(real, 'real');
  const nodes = (...of: string[]): string[] => real.kubectl(['get', 'nodes', ...of, '-o', 'jsonpath={.items[*].metadata.name}']).split(' ');
  const pooled = (): string[] => nodes('-l', 'doks.digitalocean.com/node-pool=main');
  await until('two of them are of the pool', () => pooled().length === 2, NOT_READY_MS);
  const [cluster] = [...api.state.clusters.values()];
  expect(cluster?.pools[0]?.nodes.map(({ name }) => name).sort()).toEqual(pooled());
  expect(nodes()).toEqual(MACHINES);
  expect(api.troubles).toEqual([]);
}, 90_000);
