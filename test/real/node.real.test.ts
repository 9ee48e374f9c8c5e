// The node of the tests is real: its pods are processes, and every part of it does what it does in somebody's cluster.
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installDapr } from '../support/node/dapr.ts';
import { startDocker } from '../support/node/docker.ts';
import { installMetricsServer } from '../support/node/metrics-server.ts';
import { NODE_IMAGE, nodeImageArchive } from '../support/node/node-image.ts';
import { startNode } from '../support/node/node.ts';
import { startRegistry, type Registry } from '../support/node/registry.ts';
import { startTraefik } from '../support/node/traefik.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const CREDENTIALS = { user: 'todo', password: 'canary-of-the-registry' };
const IN_TIME_MS = 60_000;

const node = await realPart('node', startNode);
const registry = node && (await startRegistry(node, { credentials: CREDENTIALS })) as Registry;
const docker = node && (await realPart('docker', () => startDocker(node)));
const [metrics, traefik, dapr] = node
  ? await Promise.all([realPart('metrics-server', () => installMetricsServer(node)), realPart('traefik', () => startTraefik(node)), realPart('dapr-control-plane', () => installDapr(node))])
  : [];
const all = node && docker && metrics && traefik && dapr ? { node, docker, registry: registry as Registry, traefik } : undefined;

afterAll(() => node?.[Symbol.asyncDispose]());

// Says who it is and who asked, keeps what it is given, and knows no subscriptions.
const SERVER = `const http = require('node:http');
const os = require('node:os');
http.createServer((request, response) => {
  response.statusCode = request.url.startsWith('/dapr/') ? 404 : 200;
  response.end(JSON.stringify({ pod: os.hostname(), path: request.url, caller: request.headers['dapr-caller-app-id'] }));
}).listen(8080, () => console.log('serving'));
process.on('SIGTERM', () => process.exit(0));
`;

interface Pod {
  metadata: { name: string };
  status: { podIP: string; containerStatuses: { name: string; image: string; ready: boolean; containerID: string; state: { waiting?: { reason: string; message: string } } }[] };
}

describe.skipIf(!all)('a node of the tests', () => {
  const { node: real, docker: ours, registry: pulled, traefik: door } = all as NonNullable<typeof all>;
  const { kubectl, apply, ground } = real;
  let image = '';

  const podsOf = async (app: string): Promise<Pod[]> => (JSON.parse(await kubectl(['get', 'pods', '-l', `app=${app}`, '-o', 'json'])) as { items: Pod[] }).items;

  /** A Deployment of that server and the Service in front of it. */
  const server = (app: string, { replicas = 1, annotations = {}, secret = 'registry' }: { replicas?: number; annotations?: Record<string, string>; secret?: string } = {}): object[] => [
    {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app, namespace: 'default' },
      spec: {
        replicas, selector: { matchLabels: { app } },
        template: {
          metadata: { labels: { app }, annotations },
          spec: {
            imagePullSecrets: [{ name: secret }],
            containers: [{ name: 'server', image, readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 }, resources: { requests: { cpu: '10m', memory: '32Mi' } } }],
          },
        },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: app, namespace: 'default' }, spec: { selector: { app }, ports: [{ port: 80, targetPort: 8080 }] } },
  ];
  const start = async (app: string, options?: Parameters<typeof server>[1]): Promise<Pod[]> => {
    await apply(server(app, options));
    await kubectl(['rollout', 'status', `deployment/${app}`, '--timeout=90s']);
    return podsOf(app);
  };
  const inPod = (app: string, script: string): Promise<string> => kubectl(['exec', `deployment/${app}`, '-c', 'server', '--', 'node', '-e', script]);
  const asking = (url: string): string => `fetch('${url}').then((r) => r.text()).then((t) => process.stdout.write(t), (e) => process.stdout.write(String(e.cause ?? e)))`;

  beforeAll(async () => {
    const folder = path.join(ground.folder, 'image');
    await mkdir(folder);
    await writeFile(path.join(folder, 'server.js'), SERVER);
    await writeFile(path.join(folder, 'Dockerfile'), `FROM ${NODE_IMAGE}\nCOPY server.js /\nUSER 1000\nCMD ["node", "/server.js"]\n`);
    image = `${pulled.server}/server:1`;
    await ours.docker(['load', '--input', await nodeImageArchive()]);
    await ours.docker(['build', '--tag', image, folder]);
    await ours.docker(['login', '--username', CREDENTIALS.user, '--password-stdin', pulled.server], CREDENTIALS.password);
    await ours.docker(['push', image]);
    for (const [name, password] of [['registry', CREDENTIALS.password], ['wrong', 'no']] as const) {
      const auth = Buffer.from(`${CREDENTIALS.user}:${password}`).toString('base64');
      const secret = Buffer.from(JSON.stringify({ auths: { [pulled.server]: { auth } } })).toString('base64');
      await apply([{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name, namespace: 'default' }, data: { '.dockerconfigjson': secret } }]);
    }
    await start('web', { replicas: 2 });
  });

  test('runs the pods of a Deployment from an image that Docker built and pushed', async () => {
    const pods = await podsOf('web');
    expect(pods).toHaveLength(2);
    for (const { status } of pods) {
      expect(status.containerStatuses).toEqual([expect.objectContaining({ name: 'server', ready: true, image, containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/) as string })]);
    }
    // A container is a process of this machine.
    const id = pods[0]?.status.containerStatuses[0]?.containerID.slice('containerd://'.length) ?? '';
    expect(existsSync(path.join(ground.folder, 'run/io.containerd.runtime.v2.task/k8s.io', id, 'init.pid'))).toBe(true);
  });

  test('pulls for nobody without the password of the registry', async () => {
    await apply(server('refused', { secret: 'wrong' }));
    const waiting = await until('the pull is refused', async () => (await podsOf('refused'))[0]?.status.containerStatuses?.[0]?.state.waiting?.message, IN_TIME_MS);
    expect(waiting).toContain('401 Unauthorized');
    await kubectl(['delete', 'deployment/refused', 'service/refused', '--wait=false']);
  });

  test('reaches every ready pod through its Service, by address and by name', async () => {
    const address = await kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}']);
    const names = (await podsOf('web')).map(({ metadata }) => metadata.name).sort();
    const answered = new Set<string>();
    await until('both pods have answered', async () => {
      answered.add((JSON.parse(await ground.exec(process.execPath, ['-e', asking(`http://${address}/`)])) as { pod: string }).pod);
      return answered.size === 2;
    });
    expect([...answered].sort()).toEqual(names);
    expect(names).toContain((JSON.parse(await inPod('web', asking('http://web.default.svc.cluster.local/'))) as { pod: string }).pod);
  });

  test('forwards ports and gives logs to who is outside', async () => {
    const child = spawn(real.program, ['--kubeconfig', real.kubeconfig, 'port-forward', 'service/web', ':80'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const port = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1];
      expect(await (await fetch(`http://127.0.0.1:${port}/seen`)).json()).toMatchObject({ path: '/seen' });
    } finally {
      child.kill();
    }
    expect(await kubectl(['logs', 'deployment/web'])).toBe('serving\n');
  });

  test('has figures of pods and of itself', async () => {
    const top = await until('there are figures', () => kubectl(['top', 'pods', '-l', 'app=web', '--no-headers']).catch(() => undefined), IN_TIME_MS);
    for (const line of top.trim().split('\n')) expect(line).toMatch(/^web-\S+ +\d+m +\d+Mi *$/);
    expect(await kubectl(['top', 'nodes', '--no-headers'])).toMatch(/^node +\d+m/);
  });

  test('injects sidecars that call each other by name, with certificates of Dapr', async () => {
    const annotations = (id: string): Record<string, string> => ({ 'dapr.io/enabled': 'true', 'dapr.io/app-id': id, 'dapr.io/app-port': '8080' });
    const [pods] = await Promise.all([start('callee', { annotations: annotations('callee') }), start('caller', { annotations: annotations('caller') })]);
    expect(pods[0]?.status.containerStatuses.map(({ name, ready }) => [name, ready]).sort()).toEqual([['daprd', true], ['server', true]]);
    const answer = await until('the sidecar finds the other', async () => {
      const text = await inPod('caller', asking('http://127.0.0.1:3500/v1.0/invoke/callee/method/hello'));
      return text.includes('"path":"/hello"') && text;
    }, IN_TIME_MS);
    expect(JSON.parse(answer)).toMatchObject({ path: '/hello', caller: 'caller' });
    // Whoever comes sees by its certificate whom it talks to, and who has none of Sentry's does not get in.
    const seen = await ground.exec(process.execPath, ['-e', `const socket = require('tls').connect({ host: '${pods[0]?.status.podIP}', port: 50002, ALPNProtocols: ['h2'], rejectUnauthorized: false });
socket.on('secureConnect', () => console.log(socket.getPeerCertificate().subjectaltname)).on('error', (error) => console.log(error.code)).resume();`]);
    expect(seen.trim().split('\n')).toEqual([expect.stringContaining('URI:spiffe://public/ns/default/callee'), 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED']);
  });

  test('lets an HTTPRoute in by its front door', async () => {
    const parentRefs = [{ name: 'door' }];
    await apply([
      { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'door', namespace: 'default' }, spec: { gatewayClassName: door.gatewayClass, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] } },
      {
        apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'web', namespace: 'default' },
        spec: { parentRefs, rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/shop' } }], backendRefs: [{ name: 'web', port: 80 }] }] },
      },
    ]);
    const answer = await until('the route is open', async () => {
      const response = await fetch(`http://${door.address}/shop/1`).catch(() => undefined);
      return response?.ok && (await response.json());
    }, IN_TIME_MS);
    expect(answer).toMatchObject({ path: '/shop/1' });
    expect((await fetch(`http://${door.address}/elsewhere`)).status).toBe(404);
    const gateway = JSON.parse(await kubectl(['get', 'gateway', 'door', '-o', 'json'])) as { status: { addresses: unknown; conditions: { type: string; status: string }[] } };
    expect(gateway.status.addresses).toEqual([{ type: 'IPAddress', value: door.address }]);
    expect(gateway.status.conditions.filter(({ status }) => status === 'True').map(({ type }) => type).sort()).toEqual(['Accepted', 'Programmed']);
  });

  test('gives a claim its volume, grows it, and deletes it with the claim', async () => {
    const claim = (storage: string): object => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } });
    const pod = {
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'writer', namespace: 'default' },
      spec: {
        restartPolicy: 'Never', imagePullSecrets: [{ name: 'registry' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
        containers: [{ name: 'writer', image, command: ['node', '-e', "require('fs').writeFileSync('/data/said', 'kept')"], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      },
    };
    await apply([claim('1Gi'), pod]);
    await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/writer', '--timeout=60s']);
    const volume = await kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.spec.volumeName}']);
    const said = path.join(ground.folder, 'volumes', volume, 'said');
    expect(readFileSync(said, 'utf8')).toBe('kept');
    expect(await kubectl(['get', 'pvc', 'data', '-o', 'jsonpath={.spec.storageClassName} {.status.capacity.storage}'])).toBe('do-block-storage 1Gi');

    await apply([claim('2Gi')]);
    await kubectl(['wait', '--for=jsonpath={.status.capacity.storage}=2Gi', 'pvc/data', '--timeout=30s']);
    await kubectl(['delete', 'pod/writer', 'pvc/data']);
    await kubectl(['wait', '--for=delete', `pv/${volume}`, '--timeout=30s']);
    expect(existsSync(said)).toBe(false);
  });
});
