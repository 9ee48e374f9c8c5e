// Stands in for what runs pods: says of every Deployment, StatefulSet and DaemonSet that all of it is ready, and of every Job that it is
// done, as soon as it is there; where it is told to, that Gateways have an address.
import { setTimeout as pause } from 'node:timers/promises';
import { Redactor } from '../../cli/io/redactor.ts';
import { Kubernetes } from '../../cli/kubernetes/client.ts';
import { readKubeconfig } from '../../cli/kubernetes/kubeconfig.ts';
import { registerIssuers } from '../simulators/cert-manager/cert-manager.ts';

interface Workload {
  metadata: { name: string; namespace: string; generation: number };
  spec: { replicas?: number };
  status?: { observedGeneration?: number };
}

interface Job {
  metadata: { name: string; namespace: string };
  status?: { conditions?: object[] };
}

const LOOK_MS = 200;

export interface InstantWorkloads {
  /** Names of those that never get ready. */
  held: Set<string>;
  stop(): Promise<void>;
}

/** `address`: what every Gateway gets, where nobody else gives them one. */
export async function startInstantWorkloads(kubeconfig: string, { address }: { address?: string } = {}): Promise<InstantWorkloads> {
  const ended = new AbortController();
  const kubernetes = new Kubernetes(await readKubeconfig([kubeconfig], 'admin'), { env: process.env, redactor: new Redactor(), stop: ended.signal });
  const held = new Set<string>();
  const round = async (plural: string): Promise<void> => {
    const { body } = await kubernetes.ask<{ items?: Workload[] }>(`/apis/apps/v1/${plural}`);
    const late = (body.items ?? []).filter(({ metadata, status }) => (status?.observedGeneration ?? 0) < metadata.generation && !held.has(metadata.name));
    await Promise.all(late.map(async ({ metadata: { namespace, name, generation }, spec: { replicas = 1 } }) => {
      const status = plural === 'daemonsets'
        ? { observedGeneration: generation, desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 0, numberReady: 1, numberAvailable: 1, updatedNumberScheduled: 1 }
        : { observedGeneration: generation, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
      await kubernetes.ask(`/apis/apps/v1/namespaces/${namespace}/${plural}/${name}/status`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ status }) });
    }));
  };
  const finish = async (): Promise<void> => {
    const { body } = await kubernetes.ask<{ items?: Job[] }>('/apis/batch/v1/jobs');
    const open = (body.items ?? []).filter(({ metadata: { name }, status }) => status?.conditions === undefined && !held.has(name));
    await Promise.all(open.map(async ({ metadata: { namespace, name } }) => {
      const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True', lastTransitionTime: time }));
      const status = { startTime: time, completionTime: time, succeeded: 1, ready: 0, uncountedTerminatedPods: {}, conditions };
      await kubernetes.ask(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}/status`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ status }) });
    }));
  };
  const gateways = async (): Promise<void> => {
    if (address === undefined) return;
    const { body } = await kubernetes.ask<{ items?: { metadata: Workload['metadata']; status?: { addresses?: object[] } }[] }>('/apis/gateway.networking.k8s.io/v1/gateways');
    await Promise.all((body.items ?? []).filter(({ status }) => status?.addresses === undefined).map(({ metadata: { namespace, name, generation } }) => {
      const conditions = ['Accepted', 'Programmed'].map((type) => ({ type, status: 'True', reason: type, message: '', observedGeneration: generation, lastTransitionTime: new Date().toISOString() }));
      const status = { addresses: [{ type: 'IPAddress', value: address }], conditions };
      return kubernetes.ask(`/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${name}/status`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ status }) });
    }));
  };
  const work = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await Promise.all([...['deployments', 'statefulsets', 'daemonsets'].map(round), finish(), registerIssuers(kubernetes), gateways()]);
      await pause(LOOK_MS, undefined, { signal: ended.signal });
    }
  };
  const working = work().catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
  return {
    held,
    async stop() {
      ended.abort(new Error('the test is over'));
      await working;
      kubernetes[Symbol.dispose]();
    },
  };
}
