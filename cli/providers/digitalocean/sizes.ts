/** A Droplet as a node: what it has, and what its kubelet leaves to pods. */
export interface NodeSize {
  slug: string;
  cpus: number;
  /** GiB. */
  memory: number;
  /** What pods may request together: thousandths of a CPU, and MiB. */
  allocatable: { cpu: number; memory: number };
}

/**
 * Sizes of nodes. DigitalOcean's page on limits gives the memory that is left to pods, in steps by size; of the CPUs a tenth of one is kept.
 * Not confirmed by a live account: a cluster that is there is asked itself.
 */
export const SIZES: { readonly asOf: string; readonly source: string; readonly sizes: readonly NodeSize[] } = {
  asOf: '2026-11-20',
  source: "DigitalOcean's table of allocatable memory, not confirmed by an account",
  sizes: [
    { slug: 's-1vcpu-2gb', cpus: 1, memory: 2, allocatable: { cpu: 900, memory: 1024 } },
    { slug: 's-2vcpu-2gb', cpus: 2, memory: 2, allocatable: { cpu: 1900, memory: 1024 } },
    { slug: 's-2vcpu-4gb', cpus: 2, memory: 4, allocatable: { cpu: 1900, memory: 2560 } },
    { slug: 's-4vcpu-8gb', cpus: 4, memory: 8, allocatable: { cpu: 3900, memory: 6144 } },
    { slug: 's-8vcpu-16gb', cpus: 8, memory: 16, allocatable: { cpu: 7900, memory: 13_312 } },
  ],
};

/** Volumes that one node takes: the default of DigitalOcean's CSI driver. */
export const VOLUMES_PER_NODE = 7;
