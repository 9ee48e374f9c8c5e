import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getKubernetes } from '../tools/kubernetes/build.ts';
import { freePorts } from './free-ports.ts';

export interface ApiServer {
  server: string;
  /** Kubeconfig with the contexts `admin`, and one for each of the users `reader`, `planner` and `nobody`, who may do what RBAC lets them. */
  kubeconfig: string;
  folder: string;
  /** Runs kubectl as admin and answers its stdout; `input` is its stdin. */
  kubectl(args: readonly string[], input?: string): string;
  /** Path of kubectl. */
  program: string;
  stop(): Promise<void>;
}

const USERS = ['admin', 'reader', 'planner', 'nobody'] as const;
const START_MS = 60_000;
const STOP_MS = 15_000;

/** Starts etcd and a real API server on loopback (some 5 s), Pod Security Admission on; or says why it cannot. */
export async function startApiServer(): Promise<ApiServer | { skipped: string }> {
  if (spawnSync('etcd', ['--version']).error) return { skipped: 'etcd is not installed (Debian: etcd-server)' };
  if (spawnSync('openssl', ['version']).error) return { skipped: 'openssl is not installed' };
  const built = getKubernetes();
  if ('skipped' in built) return built;
  const folder = mkdtempSync(path.join(tmpdir(), 'api-server-'));
  const [client, peer, port] = (await freePorts(3)) as [number, number, number];
  makeKeys(folder);
  writeFileSync(path.join(folder, 'tokens.csv'), USERS.map((user) => `token-of-${user},${user},${user}${user === 'admin' ? ',system:masters' : ''}\n`).join(''));
  const server = `https://127.0.0.1:${port}`;
  const kubeconfig = writeKubeconfig(folder, server);
  const etcd = launch(folder, 'etcd', 'etcd', [
    '--data-dir', path.join(folder, 'etcd'), '--unsafe-no-fsync', '--listen-client-urls', `http://127.0.0.1:${client}`,
    '--advertise-client-urls', `http://127.0.0.1:${client}`, '--listen-peer-urls', `http://127.0.0.1:${peer}`,
  ]);
  const api = launch(folder, 'api-server', built.apiServer, [
    `--etcd-servers=http://127.0.0.1:${client}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, '--tls-cert-file=server.crt', '--tls-private-key-file=server.key',
    '--client-ca-file=ca.crt', '--service-account-issuer=https://kubernetes.default.svc', '--service-account-key-file=sa.key', '--service-account-signing-key-file=sa.key',
    '--token-auth-file=tokens.csv', '--authorization-mode=RBAC', '--service-cluster-ip-range=10.96.0.0/16',
    // A request would otherwise wait for quotas and accounts of a controller manager, which is not here.
    '--disable-admission-plugins=ServiceAccount',
  ]);
  const stop = async (): Promise<void> => {
    await end(api);
    await end(etcd);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(server, folder, api);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server, kubeconfig, folder, stop, program: built.kubectl,
    kubectl: (args, input = '') => execFileSync(built.kubectl, ['--kubeconfig', kubeconfig, '--cache-dir', path.join(folder, 'cache'), ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 2 ** 28 }),
  };
}

function makeKeys(folder: string): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  writeFileSync(path.join(folder, 'san'), 'subjectAltName=DNS:kubernetes,DNS:localhost,IP:127.0.0.1,IP:10.96.0.1');
  openssl('genrsa', '-out', 'sa.key', '2048');
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=kube-apiserver');
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.crt', '-days', '2', '-extfile', 'san');
}

function writeKubeconfig(folder: string, server: string): string {
  const file = path.join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'admin',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': 'ca.crt' } }],
    users: USERS.map((name) => ({ name, user: { token: `token-of-${name}` } })),
    contexts: USERS.map((name) => ({ name, context: { cluster: 'test', user: name } })),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

function launch(folder: string, name: string, program: string, args: readonly string[]): ChildProcess {
  mkdirSync(path.join(folder, 'log'), { recursive: true });
  const log = openSync(path.join(folder, 'log', name), 'a');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

/** Waits until the API server calls itself ready; its log is the error when it ends before. */
async function ready(server: string, folder: string, child: ChildProcess): Promise<void> {
  const ca = readFileSync(path.join(folder, 'ca.crt'));
  const deadline = Date.now() + START_MS;
  while (!(await answers(`${server}/readyz`, ca))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the API server did not start:\n${readFileSync(path.join(folder, 'log/api-server'), 'utf8').slice(-2000)}`);
    await pause(100);
  }
}

function answers(url: string, ca: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(url, { ca, agent: false, timeout: 2000, headers: { authorization: 'Bearer token-of-admin' } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false)).on('timeout', () => request.destroy());
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}
