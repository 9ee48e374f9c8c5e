import { readObject } from '../../../kubernetes/read.ts';
import { DAPR_NAMESPACE } from '../../../systems/dapr.ts';
import { SECRETS } from '../../../systems/names.ts';
import { statusesOf } from '../status.ts';
import type { Around, Runbook } from './check.ts';

const SIDECAR = 'daprd';
const INJECTOR = 'dapr-sidecar-injector';

interface WebhookConfiguration {
  webhooks?: { clientConfig: { caBundle?: string } }[];
}

/** Why a service is without its sidecar, or that is not well. */
export const sidecarTrouble: Runbook = {
  page: 'sidecar-trouble',
  code: 'TODOCTL_SIDECAR_TROUBLE',
  checks: [
    {
      title: 'Dapr’s control plane runs',
      look: ({ seen }) => {
        const parts = seen.workloads.filter(({ metadata }) => metadata.namespace === DAPR_NAMESPACE);
        return parts.length === 0 ? undefined : parts.filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec.replicas ?? 1)).map(({ metadata, status, spec }) => `${metadata.name}: ${status?.readyReplicas ?? 0} of ${spec.replicas ?? 1} are ready`);
      },
    },
    {
      title: 'The injector is called for new pods',
      async look({ kubernetes, seen }) {
        if (!withSidecar({ seen }).length) return undefined;
        const found = await readObject<WebhookConfiguration>(kubernetes, `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${INJECTOR}`);
        if (!found) return [`there is no MutatingWebhookConfiguration ${INJECTOR}`];
        return found.webhooks?.some(({ clientConfig }) => clientConfig.caBundle) ? [] : [`${INJECTOR} has no authority: the API server cannot trust the injector`];
      },
    },
    {
      title: 'Every pod has its sidecar',
      look: ({ seen }) => withSidecar({ seen }).filter((pod) => !statusesOf(pod).some(({ name }) => name === SIDECAR) && pod.status?.phase === 'Running').map(({ metadata }) => `${metadata.name} was made without one: delete it, and its next has one`),
    },
    {
      title: 'Sidecars are ready',
      look: ({ seen }) => seen.pods.flatMap((pod) => statusesOf(pod).filter(({ name, ready }) => name === SIDECAR && !ready).map(({ restartCount, state }) => `${pod.metadata.name}: ${state?.waiting?.reason ?? 'runs and is not ready'}, ${restartCount} restarts`)),
    },
    {
      title: 'Tokens of the sidecars are there',
      async look({ kubernetes, marks, seen }) {
        if (!withSidecar({ seen }).length) return undefined;
        const wanted = [SECRETS.daprApiToken, SECRETS.appApiToken];
        const found = await Promise.all(wanted.map(({ name }) => readObject(kubernetes, `/api/v1/namespaces/${marks.namespace}/secrets/${name}`)));
        return wanted.filter((_, index) => !found[index]).map(({ name, key }) => `there is no Secret ${name} with the key ${key}`);
      },
    },
  ],
};

/** Pods of services that Dapr is asked to give a sidecar. */
function withSidecar({ seen }: Pick<Around, 'seen'>): Around['seen']['pods'] {
  return seen.pods.filter(({ metadata }) => (metadata as { annotations?: Record<string, string> }).annotations?.['dapr.io/enabled'] === 'true');
}
