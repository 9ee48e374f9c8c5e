import type { Platform } from '../definition/platform.ts';
import { wholeGibibytes } from '../definition/size.ts';
import { DATABASE, POSTGRES_IMAGE } from './database.ts';
import { byArgoCD } from './delivery.ts';
import { namespaceOf, pooledConnections, postgresPods, postgresProvider, SECRETS } from './names.ts';
import { grantRights } from './postgres-rights.ts';
import type { Artefact, Footprint, Parts, Serves, System } from './system.ts';
import { storageClass } from './volumes.ts';

/** Most connections of a database in the cluster, unless the definition says otherwise; PostgreSQL's own default. */
export const CLUSTER_CONNECTIONS = 100;

const NAME = 'postgres';
const PORT = 5432;
/** Of DigitalOcean's databases. */
const DIGITALOCEAN = { direct: 25_060, pool: 25_061 } as const;
const INSTANCE = { cpu: 250, memory: 512 };

/** PostgreSQL: one instance of our own in the cluster, or somebody else's, of which its ports concern the cluster, and what must be granted first. */
export const postgres: System = {
  id: 'postgres',
  needs: [],
  parts(platform) {
    if (!platform.services.some(({ database, state }) => database || state)) return undefined;
    const provider = postgresProvider(platform);
    if (provider === 'cluster') return inTheCluster(platform);
    const pooled = pooledConnections(platform) !== undefined;
    const port = provider === 'external' ? (platform.environment.postgres?.port ?? PORT) : pooled ? DIGITALOCEAN.pool : DIGITALOCEAN.direct;
    const direct = provider === 'external' ? PORT : DIGITALOCEAN.direct;
    const serves = [outside('postgres', port), ...(pooled ? [outside('postgres-direct', direct)] : [])];
    return { serves, ...(provider === 'digitalocean' ? grantRights(platform) : {}) };
  },
};

/**
 * The connection string of a database in the cluster, for the Secret `postgres`. It asks for no TLS, which this database does not
 * speak: the password is never sent (SCRAM), and network policies let only the services reach it.
 */
export function addressInCluster(platform: Platform, password: string): string {
  return `postgres://${DATABASE.owner}:${encodeURIComponent(password)}@${NAME}.${namespaceOf(platform)}.svc:${PORT}/${DATABASE.name}`;
}

function outside(id: string, port: number): Serves {
  return { id, pods: 'outside', ports: [{ port }] };
}

/**
 * One instance, in protected environments too: its disk outlives it, and a node's end costs minutes. Whoever needs more takes a
 * managed database (`provider: digitalocean` or `external`).
 */
function inTheCluster(platform: Platform): Parts {
  const storage = wholeGibibytes(platform.environment.postgres?.storage ?? '10GiB');
  const footprint: Footprint = { name: NAME, replicas: 1, ...INSTANCE, volumes: [storage] };
  return {
    artefacts: artefacts(platform, storage),
    ownPods: [footprint],
    serves: [{ id: 'postgres', pods: postgresPods(platform), ports: [{ port: PORT }] }],
  };
}

function artefacts(platform: Platform, storage: number): Artefact[] {
  const common = { name: NAME, pods: postgresPods(platform).labels, port: PORT };
  return [
    { owner: 'applied', file: 'service.yaml', template: 'postgres/service.yaml.hbs', view: common },
    {
      owner: 'applied',
      file: 'stateful-set.yaml',
      template: 'postgres/stateful-set.yaml.hbs',
      view: {
        ...common,
        image: POSTGRES_IMAGE,
        version: 18,
        database: DATABASE.name,
        owner: DATABASE.owner,
        connections: String(platform.environment.postgres?.connections ?? CLUSTER_CONNECTIONS),
        secret: SECRETS.databasePassword,
        storage: `${storage}Gi`,
        storageClass: storageClass(platform) ?? null,
        cpu: `${INSTANCE.cpu}m`,
        memory: `${INSTANCE.memory}Mi`,
        argocd: byArgoCD(platform),
      },
    },
  ];
}
