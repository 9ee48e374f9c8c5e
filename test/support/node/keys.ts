import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Users of the cluster, each with a context of the kubeconfig. Only the first may do everything; the others may do what RBAC lets them. */
export const USERS = ['admin', 'reader', 'planner', 'nobody'] as const;

export const tokenOf = (user: string): string => `token-of-${user}`;

/** Makes a cluster's certificates and tokens in `folder/keys`: its CA, the API server's, the one it shows to other API servers, and the key of service accounts. */
export function makeKeys(folder: string, address: string): void {
  const keys = path.join(folder, 'keys');
  mkdirSync(keys, { mode: 0o700 });
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: keys, stdio: ['ignore', 'ignore', 'pipe'] });
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];
  writeFileSync(path.join(keys, 'san'), `subjectAltName=${[...names.map((name) => `DNS:${name}`), 'IP:127.0.0.1', 'IP:10.96.0.1', `IP:${address}`].join(',')}`);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const signed = (name: string, subject: string, ...more: string[]): void => {
    openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.crt`, '-days', '2', ...more);
  };
  openssl('genrsa', '-out', 'sa.key', '2048');
  openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca', '-days', '2');
  signed('server', '/CN=kube-apiserver', '-extfile', 'san');
  signed('front-proxy', '/CN=front-proxy');
  writeFileSync(path.join(keys, 'tokens.csv'), USERS.map((user) => `${tokenOf(user)},${user},${user}${user === 'admin' ? ',system:masters' : ''}\n`).join(''), { mode: 0o600 });
}

/** A kubeconfig that stands alone: the CA and the tokens are in it. Its first context is the admin's. */
export function writeKubeconfig(folder: string, server: string): string {
  const file = path.join(folder, 'kubeconfig');
  const ca = readFileSync(path.join(folder, 'keys/ca.crt')).toString('base64');
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': USERS[0],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': ca } }],
    users: USERS.map((name) => ({ name, user: { token: tokenOf(name) } })),
    contexts: USERS.map((name) => ({ name, context: { cluster: 'test', user: name } })),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
