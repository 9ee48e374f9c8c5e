// Stands in for cert-manager's controller: an issuer is registered at once, and a certificate is issued when a test lets it, as the real
// one can do only when DNS leads to the entrance.
import { setTimeout as pause } from 'node:timers/promises';
import { Redactor } from '../../../cli/io/redactor.ts';
import { Kubernetes } from '../../../cli/kubernetes/client.ts';
import { readKubeconfig } from '../../../cli/kubernetes/kubeconfig.ts';

const API = '/apis/cert-manager.io/v1';
const LOOK_MS = 200;

interface Issued {
  metadata: { name: string; namespace?: string };
  spec: { secretName: string; dnsNames: readonly [string] };
  status?: { conditions?: readonly { status: string }[] };
}

export interface CertManager {
  /** From now on certificates are issued. */
  issue(): void;
  stop(): Promise<void>;
}

/** Says of each ClusterIssuer that has just come that it is registered. */
export async function registerIssuers(kubernetes: Kubernetes): Promise<void> {
  const { body } = await kubernetes.ask<{ items?: Issued[] }>(`${API}/clusterissuers`);
  const fresh = (body.items ?? []).filter(({ status }) => status?.conditions === undefined);
  await Promise.all(fresh.map(({ metadata: { name } }) => say(kubernetes, `clusterissuers/${name}`, { status: 'True', reason: 'ACMEAccountRegistered', message: 'The ACME account was registered' })));
}

/** `sign` makes the certificate and key of a host name, both PEM. */
export async function startCertManager(kubeconfig: string, sign: (host: string) => { cert: string; key: string }): Promise<CertManager> {
  const ended = new AbortController();
  const kubernetes = new Kubernetes(await readKubeconfig([kubeconfig], 'admin'), { env: process.env, redactor: new Redactor(), stop: ended.signal });
  let issuing = false;
  const certificates = async (): Promise<void> => {
    const { body } = await kubernetes.ask<{ items?: Issued[] }>(`${API}/certificates`);
    for (const { metadata: { name, namespace = '' }, spec, status } of body.items ?? []) {
      const path = `namespaces/${namespace}/certificates/${name}`;
      if (!issuing && status?.conditions === undefined) await say(kubernetes, path, { status: 'False', reason: 'DoesNotExist', message: 'Issuing certificate as Secret does not exist' });
      if (!issuing || status?.conditions?.[0]?.status === 'True') continue;
      const { cert, key } = sign(spec.dnsNames[0]);
      const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: spec.secretName, annotations: { 'cert-manager.io/certificate-name': name } }, stringData: { 'tls.crt': cert, 'tls.key': key } };
      await kubernetes.ask(`/api/v1/namespaces/${namespace}/secrets`, { method: 'POST', body: JSON.stringify(secret) });
      await say(kubernetes, path, { status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' });
    }
  };
  const work = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await Promise.all([registerIssuers(kubernetes), certificates()]);
      await pause(LOOK_MS, undefined, { signal: ended.signal });
    }
  };
  const working = work().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    issue: () => void (issuing = true),
    async stop() {
      ended.abort(new Error('the test is over'));
      await working;
      kubernetes[Symbol.dispose]();
    },
  };
}

async function say(kubernetes: Kubernetes, path: string, condition: { status: string; reason: string; message: string }): Promise<void> {
  const conditions = [{ type: 'Ready', lastTransitionTime: new Date().toISOString(), ...condition }];
  await kubernetes.ask(`${API}/${path}/status`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ status: { conditions } }) });
}
