import { REGIONS } from '../catalog.ts';
import type { Engine } from './row.ts';

const regions = REGIONS.filter(({ available }) => available).map(({ slug }) => slug as string);
const standard = ['db-s-1vcpu-2gb', 'db-s-2vcpu-4gb', 'db-s-4vcpu-8gb', 'db-s-6vcpu-16gb'];

/** What databases there can be. */
export const DATABASE_OPTIONS: Record<Engine, { regions: string[]; versions: string[]; layouts: { num_nodes: number; sizes: string[] }[] }> = {
  pg: {
    regions,
    versions: ['14', '15', '16', '17', '18'],
    layouts: [{ num_nodes: 1, sizes: ['db-s-1vcpu-1gb', ...standard] }, { num_nodes: 2, sizes: standard }, { num_nodes: 3, sizes: standard }],
  },
  kafka: {
    regions,
    versions: ['3.8'],
    layouts: [{ num_nodes: 3, sizes: ['db-s-2vcpu-2gb', 'db-s-2vcpu-4gb'] }, { num_nodes: 6, sizes: ['gd-2vcpu-8gb'] }],
  },
};
