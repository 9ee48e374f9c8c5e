import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Api } from './api.ts';

export const PROVISIONER = 'dobs.csi.digitalocean.com';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const MADE_BY = 'volume.kubernetes.io/storage-provisioner';

interface Claim {
  metadata: { name: string; namespace: string; uid: string; annotations?: Record<string, string> };
  spec: { storageClassName?: string; volumeName?: string; accessModes: string[]; resources: { requests: { storage: string } } };
  status: { phase: string; capacity?: { storage: string } };
}

interface Volume {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { persistentVolumeReclaimPolicy: string; claimRef?: { uid: string }; capacity: { storage: string } };
  status: { phase: string };
}

interface Class {
  metadata: { name: string };
  provisioner: string;
  reclaimPolicy: string;
}

interface List<T> {
  items: T[];
}

/** The classes that DigitalOcean's clusters have. The first is the default. */
export const CLASSES = ['do-block-storage', 'do-block-storage-retain'].map((name, index) => ({
  apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: PROVISIONER, allowVolumeExpansion: true, volumeBindingMode: 'Immediate',
  metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(index === 0) } }, reclaimPolicy: name.endsWith('retain') ? 'Retain' : 'Delete',
}));

/** Brings volumes in line with claims, once: makes what is claimed, grows what is claimed larger, deletes what nobody claims any more. */
export async function reconcile({ ask }: Api, folder: string): Promise<void> {
  const [claims, volumes, classes] = await Promise.all([
    ask<List<Claim>>('GET', '/api/v1/persistentvolumeclaims'), ask<List<Volume>>('GET', '/api/v1/persistentvolumes'), ask<List<Class>>('GET', '/apis/storage.k8s.io/v1/storageclasses'),
  ]);
  const ours = volumes.body.items.filter(({ metadata }) => metadata.annotations?.[PROVISIONED_BY] === PROVISIONER);
  for (const claim of claims.body.items.filter(({ metadata }) => metadata.annotations?.[MADE_BY] === PROVISIONER)) {
    const known = ours.find(({ metadata }) => metadata.name === nameOf(claim));
    const type = classes.body.items.find(({ metadata }) => metadata.name === claim.spec.storageClassName);
    if (!known && type && claim.status.phase === 'Pending') await ask('POST', '/api/v1/persistentvolumes', make(claim, type, folder));
    if (known && claim.status.phase === 'Bound' && claim.spec.resources.requests.storage !== claim.status.capacity?.storage) await grow(ask, claim);
  }
  for (const { metadata, spec, status } of ours) {
    if (status.phase !== 'Released' || spec.persistentVolumeReclaimPolicy !== 'Delete') continue;
    rmSync(path.join(folder, metadata.name), { recursive: true, force: true });
    await ask('DELETE', `/api/v1/persistentvolumes/${metadata.name}`);
  }
}

const nameOf = ({ metadata }: Claim): string => `pvc-${metadata.uid}`;

function make(claim: Claim, { metadata: { name: storageClassName }, reclaimPolicy }: Class, folder: string): object {
  const at = path.join(folder, nameOf(claim));
  mkdirSync(at, { recursive: true });
  // The kubelet gives a hostPath to nobody in particular, and whoever claims it runs as some number.
  chmodSync(at, 0o777);
  return {
    apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: nameOf(claim), annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec.resources.requests.storage }, accessModes: claim.spec.accessModes, persistentVolumeReclaimPolicy: reclaimPolicy, storageClassName,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim.metadata.name, namespace: claim.metadata.namespace, uid: claim.metadata.uid },
      hostPath: { path: at, type: 'Directory' },
    },
  };
}

// First the volume, then what the claim says of it, as a driver that resizes does.
async function grow(ask: Api['ask'], claim: Claim): Promise<void> {
  const capacity = claim.spec.resources.requests;
  await ask('PATCH', `/api/v1/persistentvolumes/${nameOf(claim)}`, { spec: { capacity } });
  await ask('PATCH', `/api/v1/namespaces/${claim.metadata.namespace}/persistentvolumeclaims/${claim.metadata.name}/status`, { status: { capacity } });
}
