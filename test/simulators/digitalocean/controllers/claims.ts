import type { ClusterRow } from '../clusters/row.ts';
import { deleteVolume, newVolume } from '../volumes.ts';
import type { World } from '../world.ts';
import type { ApiServer } from './api.ts';

const PROTECTION = 'kubernetes.io/pvc-protection';

export interface ClaimsGiven {
  /** Classes whose claims get volumes. */
  classes: readonly string[];
  /** Makes the PersistentVolume too, in a folder of the node, and binds it; where somebody else does, volumes are only counted. */
  provision: boolean;
  /** No controller manager runs, which else lets go of claims that are deleted. */
  alone: boolean;
}

/** As DigitalOcean's CSI driver: a volume for each claim, and none any more when that is gone. */
export async function reconcileClaims(world: World, cluster: ClusterRow, api: ApiServer, { classes, provision, alone }: ClaimsGiven): Promise<void> {
  const claims = (await api.list('/api/v1/persistentvolumeclaims')).filter(({ spec }) => classes.some((name) => name === spec?.['storageClassName']));
  const tag = `k8s:${cluster.id}`;
  for (const { metadata, spec = {}, status = {} } of claims) {
    const path = `/api/v1/namespaces/${metadata.namespace ?? ''}/persistentvolumeclaims/${metadata.name}`;
    const name = `pvc-${metadata.uid}`;
    if (metadata.deletionTimestamp !== undefined) {
      if (alone) await api.patch(path, { metadata: { finalizers: (metadata.finalizers ?? []).filter((one) => one !== PROTECTION) } });
      continue;
    }
    const size = gibibytes((spec['resources'] as { requests?: { storage?: string } } | undefined)?.requests?.storage);
    if (![...world.state.volumes.values()].some((one) => one.name === name)) newVolume(world, { name, region: cluster.region, size_gigabytes: size, tags: [tag] });
    if (!provision || status['phase'] === 'Bound') continue;
    await api.create('/api/v1/persistentvolumes', {
      apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name },
      spec: {
        capacity: { storage: `${size}Gi` }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: String(spec['storageClassName']).endsWith('retain') ? 'Retain' : 'Delete', storageClassName: spec['storageClassName'],
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
        hostPath: { path: `/var/lib/volumes/${name}`, type: 'DirectoryOrCreate' },
      },
    });
    if (!alone) continue;
    if (spec['volumeName'] === undefined) await api.patch(path, { spec: { volumeName: name } });
    await api.patch(`${path}/status`, { status: { phase: 'Bound', capacity: { storage: `${size}Gi` }, accessModes: ['ReadWriteOnce'] } });
  }
  // What is retained goes only once somebody has said that it need not be; who made a disk takes it away.
  const disks = (await api.list('/api/v1/persistentvolumes')).filter(({ spec: disk }) => !provision || disk?.['persistentVolumeReclaimPolicy'] === 'Retain');
  const wanted = new Set([...claims.map(({ metadata }) => `pvc-${metadata.uid}`), ...disks.map(({ metadata }) => metadata.name)]);
  for (const volume of world.state.volumes.values()) {
    if (!volume.tags.includes(tag) || !volume.name.startsWith('pvc-') || wanted.has(volume.name)) continue;
    if (provision) await api.remove(`/api/v1/persistentvolumes/${volume.name}`);
    deleteVolume(world, volume);
  }
}

function gibibytes(quantity = '1Gi'): number {
  const [, number = '1', unit = 'Gi'] = /^(\d+(?:\.\d+)?)(\w*)$/.exec(quantity) ?? [];
  const bytes = Number(number) * ({ Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }[unit] ?? 1);
  return Math.max(1, Math.ceil(bytes / 2 ** 30));
}
