import type { Platform } from '../definition/platform.ts';

/**
 * Class of the volumes that hold what is nowhere else: events, the database, state. Undefined: the cluster's default. Those of a
 * protected environment outlive their claims.
 */
export function storageClass({ environment: { provider, protected: guarded } }: Platform): string | undefined {
  if (provider !== 'digitalocean') return undefined;
  return guarded ? 'do-block-storage-retain' : 'do-block-storage';
}
