import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import type { Kubernetes } from '../../tools/kubernetes/build.ts';
import { until } from '../until.ts';
import { run, type Ground } from './ground.ts';
import { makeKeys, tokenOf, writeKubeconfig } from './keys.ts';

export interface ControlPlane {
  /** `https://10.10.0.2:6443`, reachable from this machine; the second node that runs at the same time has 10.10.1.2. */
  server: string;
  /** Kubeconfig with the contexts `admin`, which it starts with, `reader`, `planner` and `nobody`, who may do what RBAC lets them. */
  kubeconfig: string;
  /** Path of kubectl. */
  program: string;
  /** Runs kubectl as admin and answers its stdout; `input` is its stdin. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>;
  /** Applies these objects as admin. */
  apply: (objects: readonly object[]) => Promise<void>;
}

const START_MS = 120_000;

/** etcd, the API server, the controller manager and the scheduler; ready when the API server says so. */
export async function startControlPlane({ folder, address, launch, logs }: Ground, programs: Kubernetes): Promise<ControlPlane> {
  makeKeys(folder, address);
  const key = (name: string): string => path.join(folder, 'keys', name);
  const server = `https://${address}:6443`;
  const kubeconfig = writeKubeconfig(folder, server);
  launch('etcd', 'etcd', [
    `--data-dir=${path.join(folder, 'etcd')}`, '--unsafe-no-fsync', '--listen-client-urls=http://127.0.0.1:2379', '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=http://127.0.0.1:2380',
  ]);
  const api = launch('api-server', programs.apiServer, [
    '--etcd-servers=http://127.0.0.1:2379', '--bind-address=0.0.0.0', `--advertise-address=${address}`, '--secure-port=6443',
    `--tls-cert-file=${key('server.crt')}`, `--tls-private-key-file=${key('server.key')}`, `--client-ca-file=${key('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key('sa.key')}`, `--service-account-signing-key-file=${key('sa.key')}`,
    `--token-auth-file=${key('tokens.csv')}`, '--authorization-mode=Node,RBAC', '--service-cluster-ip-range=10.96.0.0/16', '--allow-privileged=true',
    // The node's name is in nobody's DNS: logs, exec and port-forward must reach the kubelet by its address.
    '--kubelet-preferred-address-types=InternalIP',
    // With these it can hand requests to other API servers, metrics-server for one, and they believe who asks.
    `--requestheader-client-ca-file=${key('ca.crt')}`, '--requestheader-allowed-names=front-proxy', '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group', '--requestheader-extra-headers-prefix=X-Remote-Extra-', `--proxy-client-cert-file=${key('front-proxy.crt')}`,
    `--proxy-client-key-file=${key('front-proxy.key')}`,
  ]);
  await until('the API server is ready', () => ended(api, path.join(logs, 'api-server')) ?? answers(`${server}/readyz`, readFileSync(key('ca.crt'))), START_MS);
  launch('controller-manager', programs.controllerManager, [
    `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--use-service-account-credentials=false',
    // Pods get it as ca.crt; without it they trust nobody.
    `--root-ca-file=${key('ca.crt')}`, `--service-account-private-key-file=${key('sa.key')}`,
    `--cluster-signing-cert-file=${key('ca.crt')}`, `--cluster-signing-key-file=${key('ca.key')}`,
  ]);
  launch('scheduler', programs.scheduler, [`--kubeconfig=${kubeconfig}`, '--leader-elect=false']);
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    run(programs.kubectl, ['--kubeconfig', kubeconfig, '--cache-dir', path.join(folder, 'kubectl'), ...args], {}, input);
  return {
    server, kubeconfig, kubectl, program: programs.kubectl,
    apply: async (objects) => void (await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))),
  };
}

/** Throws with the end of its log when a process that should run has ended. */
export function ended(child: ChildProcess, log: string): undefined {
  if (child.exitCode === null && child.signalCode === null) return undefined;
  throw new Error(`${path.basename(log)} ended:\n${readFileSync(log, 'utf8').slice(-3000)}`);
}

function answers(url: string, ca: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const request = https.get(url, { ca, agent: false, timeout: 2000, headers: { authorization: `Bearer ${tokenOf('admin')}` } }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false)).on('timeout', () => request.destroy());
  });
}
