import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import type { Meta } from '../workloads.ts';
import { podsWith, type Runbook } from './check.ts';

interface Claim {
  metadata: Meta;
  spec?: { storageClassName?: string };
  status?: { phase?: string };
}

/** Why pods do not start, cause by cause. */
export const podsNotStarting: Runbook = {
  page: 'pods-not-starting',
  code: 'TODOCTL_PODS_NOT_STARTING',
  checks: [
    {
      title: 'Nodes are ready',
      look: ({ seen }) => seen.nodes.flatMap(({ metadata, status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        return ready?.status === 'True' ? [] : [`${metadata.name}: ${ready?.message ?? 'has said nothing yet'}`];
      }),
    },
    { title: 'Pods have a node', look: ({ troubles }) => podsWith(troubles, 'unschedulable') },
    { title: 'Images can be pulled', look: ({ troubles }) => podsWith(troubles, 'image') },
    { title: 'Settings and Secrets are there', look: ({ troubles }) => podsWith(troubles, 'config', 'mount') },
    {
      title: 'Disks are bound',
      async look({ kubernetes, seen, marks }) {
        const lists = await Promise.all(seen.namespaces.map((namespace) => ifAllowed(listObjects<Claim>(kubernetes, `/api/v1/namespaces/${namespace}/persistentvolumeclaims`))));
        return lists.flat().filter(({ status }) => status?.phase !== 'Bound').map(({ metadata, spec, status }) =>
          `${metadata.namespace === marks.namespace ? '' : `${metadata.namespace}/`}${metadata.name}: ${status?.phase ?? 'Pending'}, class ${spec?.storageClassName ?? 'of the cluster’s default, which may be missing'}`);
      },
    },
    { title: 'Programs keep running', look: ({ troubles }) => podsWith(troubles, 'crash', 'failed') },
    { title: 'Programs become ready', look: ({ troubles }) => podsWith(troubles, 'unready') },
    {
      title: 'Pods are not refused',
      look: ({ seen }) => seen.workloads.flatMap(({ metadata, status }) => {
        const refused = status?.conditions?.find(({ type, status: is }) => type === 'ReplicaFailure' && is === 'True');
        return refused ? [`${metadata.name}: ${refused.message ?? refused.reason}`] : [];
      }),
    },
  ],
};
