import { createHash } from 'node:crypto';
import type { Platform } from '../definition/platform.ts';
import { DATABASE, POSTGRES_IMAGE } from './database.ts';
import { namespaceOf, pooledConnections, SECRETS } from './names.ts';
import type { Parts, Pods } from './system.ts';

const POD = { cpu: 20, memory: 64 } as const;
const NAME = 'postgres-rights';

/**
 * A job that lets the services' user make schemas: in DigitalOcean's databases all belongs to doadmin, and no call of its API gives
 * rights. Its name carries a hash of what it does, for a job never changes; what was granted already may be granted again.
 */
export function grantRights(platform: Platform): Required<Pick<Parts, 'artefacts' | 'ownPods' | 'calls'>> {
  const { name: database, owner } = DATABASE;
  const statements = [
    `GRANT CREATE ON DATABASE "${database}" TO "${owner}"`,
    // Tables of sidecars' state lie in the schema that is there.
    `GRANT CREATE ON SCHEMA public TO "${owner}"`,
  ];
  const command = ['psql', '--no-psqlrc', '--set=ON_ERROR_STOP=1', ...statements.map((statement) => `--command=${statement}`)];
  const view = { image: POSTGRES_IMAGE, secret: SECRETS.databaseAdmin.name, database, command, cpu: `${POD.cpu}m`, memory: `${POD.memory}Mi`, pods: podsOf(platform).labels };
  const name = `${NAME}-${createHash('sha256').update(JSON.stringify(view)).digest('hex').slice(0, 8)}`;
  return {
    artefacts: [{ owner: 'applied', file: 'job.yaml', template: 'postgres/rights.yaml.hbs', view: { ...view, name } }],
    ownPods: [{ name, replicas: 1, ...POD }],
    calls: [{ from: podsOf(platform), to: [pooledConnections(platform) === undefined ? 'postgres' : 'postgres-direct'] }],
  };
}

function podsOf(platform: Platform): Pods {
  return { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/name': NAME } };
}
