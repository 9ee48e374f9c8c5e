import type { Platform } from '../definition/platform.ts';
import { wholeGibibytes } from '../definition/size.ts';
import { namespaceOf, pooledConnections, POSTGRES_CLUSTER, postgresProvider } from './names.ts';
import type { Calls, Chart, Parts, Serves, System } from './system.ts';
import { storageClass } from './volumes.ts';

const OPERATOR_NAMESPACE = 'cnpg-system';
const REPOSITORY = 'https://cloudnative-pg.github.io/charts';
/** The version that the laptop has. */
const POSTGRES_VERSION = '18';
/** Of the services, whoever runs PostgreSQL. */
export const DATABASE = { name: 'todoapp', owner: 'todo_user' } as const;
/** Most connections of a database in the cluster, unless the definition says otherwise; PostgreSQL's own default. */
export const CLUSTER_CONNECTIONS = 100;

const PORT = 5432;
/** The instance manager's, which the operator asks and other instances too. */
const STATUS_PORT = 8000;
const METRICS_PORT = 9187;
/** Of DigitalOcean's databases. */
const DIGITALOCEAN = { direct: 25_060, pool: 25_061 } as const;
const INSTANCE = { cpu: 250, memory: 512 };

/** PostgreSQL: CloudNativePG in the cluster, or somebody else's, of which only its ports concern the cluster. */
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
    return { serves: [outside('postgres', port), ...(pooled ? [outside('postgres-direct', direct)] : [])] };
  },
};

function outside(id: string, port: number): Serves {
  return { id, pods: 'outside', ports: [{ port }] };
}

function inTheCluster(platform: Platform): Parts {
  const namespace = namespaceOf(platform);
  const pods = { namespace, labels: { 'cnpg.io/cluster': POSTGRES_CLUSTER } };
  const operator = { namespace: OPERATOR_NAMESPACE, labels: { 'app.kubernetes.io/name': 'cloudnative-pg' } };
  const calls: Calls[] = [
    // A replica follows the primary, and each instance keeps its own state in the API server.
    { from: pods, to: ['postgres', 'postgres-status', 'kubernetes-api'] },
    { from: operator, to: ['postgres', 'postgres-status'] },
  ];
  return {
    namespace: { name: OPERATOR_NAMESPACE, podSecurity: 'restricted' },
    charts: [operatorChart(), clusterChart(platform)],
    serves: [
      { id: 'postgres', pods, ports: [{ port: PORT }] },
      { id: 'postgres-status', pods, ports: [{ port: STATUS_PORT }] },
      { id: 'metrics', pods, ports: [{ port: METRICS_PORT }] },
    ],
    calls,
  };
}

function operatorChart(): Chart {
  const pod = { name: 'cloudnative-pg', replicas: 1, cpu: 50, memory: 128 };
  return {
    release: 'cloudnative-pg',
    namespace: OPERATOR_NAMESPACE,
    chart: 'cloudnative-pg',
    repository: REPOSITORY,
    version: '0.29.0',
    values: { template: 'helm/cloudnative-pg.values.yaml.hbs', view: { cpu: `${pod.cpu}m`, memory: `${pod.memory}Mi` } },
    provides: ['postgresql.cnpg.io'],
    pods: [pod],
  };
}

/** A primary, and two that follow it where people rely on the environment. */
function clusterChart(platform: Platform): Chart {
  const { protected: relied, postgres: given } = platform.environment;
  const replicas = relied ? 3 : 1;
  const storage = wholeGibibytes(given?.storage ?? '10GiB');
  return {
    release: POSTGRES_CLUSTER,
    namespace: namespaceOf(platform),
    chart: 'cluster',
    repository: REPOSITORY,
    version: '0.8.1',
    values: {
      template: 'helm/cloudnative-pg-cluster.values.yaml.hbs',
      view: {
        name: POSTGRES_CLUSTER,
        version: POSTGRES_VERSION,
        instances: replicas,
        several: replicas > 1,
        storage: { size: `${storage}Gi`, storageClass: storageClass(platform) ?? null },
        connections: String(given?.connections ?? CLUSTER_CONNECTIONS),
        database: DATABASE.name,
        owner: DATABASE.owner,
        cpu: `${INSTANCE.cpu}m`,
        memory: `${INSTANCE.memory}Mi`,
      },
    },
    provides: [],
    pods: [{ name: POSTGRES_CLUSTER, replicas, ...INSTANCE, volumes: [storage] }],
  };
}
