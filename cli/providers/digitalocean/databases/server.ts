import type { State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { ApiVpc } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { markOf, nameOf, type Owner, tagsOf } from '../marks.ts';
import type { ApiDatabase, ApiDatabaseOptions, ApiRule } from './api.ts';

export interface WantedServer {
  owner: Owner;
  engine: 'pg' | 'kafka';
  /** For a person: `PostgreSQL`. */
  title: string;
  region: string;
  size: string;
  nodes: number;
  /** Picks one of the versions that there are. */
  version: (offered: readonly string[]) => string | undefined;
}

const SUFFIXES = { pg: 'postgres', kafka: 'kafka' } as const;
/** DigitalOcean's own tools wait so long. */
const MAKING_MS = 30 * 60_000;

/** `todo-prod-postgres`, as the Terraform module names it too. */
export function nameOfServer({ owner, engine }: Pick<WantedServer, 'owner' | 'engine'>): string {
  return `${nameOf(owner)}-${SUFFIXES[engine]}`;
}

/**
 * The machines of a managed database, in the environment's private network. One of the same name and mark is taken as it is; of
 * another size it is asked to become as wanted. Errors: TODOCTL_DIGITALOCEAN_NAME_TAKEN, TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN.
 */
export function serverStep(api: DigitalOcean, wanted: WantedServer, vpc: Step<ApiVpc>): Step<ApiDatabase> {
  const { owner, engine, title, region, size, nodes } = wanted;
  const name = nameOfServer(wanted);
  const find = async (): Promise<ApiDatabase | undefined> => (await api.list<ApiDatabase>('/v2/databases', 'databases')).find((one) => one.name === name);
  return {
    id: `${SUFFIXES[engine]}-server`,
    title,
    needs: [vpc],
    timeout: MAKING_MS,
    makes: [`${title} ${name}, ${nodes} × ${size} in ${region}`],
    async check(): Promise<State<ApiDatabase>> {
      const found = await find();
      if (!found) return { is: 'absent' };
      if (!found.tags?.includes(markOf(owner)) || found.engine !== engine) return { is: 'stuck', error: taken(name) };
      if (found.status !== 'online') return { is: 'busy', reason: `DigitalOcean says ${found.status ?? 'nothing'} of ${name}; it takes some minutes` };
      if (found.size === size && found.num_nodes === nodes) return { is: 'done', value: found };
      return { is: 'drifted', value: found, changes: [{ what: `${title} ${name}`, from: `${found.num_nodes} × ${found.size}`, to: `${nodes} × ${size}` }] };
    },
    async apply(run) {
      const found = await find();
      const version = await checkOffer(api, wanted);
      if (found) {
        await api.put(`/v2/databases/${found.id}/resize`, { size, num_nodes: nodes });
        return;
      }
      const body = { name, engine, version, region, size, num_nodes: nodes, private_network_uuid: run.of(vpc).id, tags: tagsOf(owner) };
      await api.make<{ database: ApiDatabase }>('/v2/databases', body, async () => {
        const made = await find();
        return made && { database: made };
      });
    },
  };
}

/** The version to ask for. Errors: TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN with what there is. */
export async function checkOffer(api: DigitalOcean, { engine, title, region, size, nodes, version: pick }: WantedServer): Promise<string> {
  const { options } = await api.get<{ options: Readonly<Record<string, ApiDatabaseOptions>> }>('/v2/databases/options');
  const { regions = [], versions = [], layouts = [] } = options[engine] ?? {};
  const sizes = layouts.filter((one) => one.num_nodes === nodes).flatMap((one) => one.sizes);
  const version = pick(versions);
  const refuse = (message: string, there: readonly string[]): TodoctlError => new TodoctlError('TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN', { message, details: [`there is ${there.join(', ') || 'none'}`] });
  if (!regions.includes(region)) throw refuse(`DigitalOcean has no managed ${title} in ${region}`, regions);
  if (!sizes.includes(size)) throw refuse(`DigitalOcean has no ${title} of ${nodes} × ${size}`, sizes);
  if (version === undefined) throw refuse(`DigitalOcean has no version of ${title} that will do`, versions);
  return version;
}

/** The trusted sources with the cluster among them; undefined where it is one already. Replacing rules forgets those that are left out. */
export async function rulesWith(api: DigitalOcean, database: string, cluster: string): Promise<readonly ApiRule[] | undefined> {
  const { rules } = await api.get<{ rules?: readonly ApiRule[] | null }>(`/v2/databases/${database}/firewall`);
  const there = (rules ?? []).map(({ uuid, type, value, description }) => ({ ...(uuid ? { uuid } : {}), type, value, ...(description ? { description } : {}) }));
  return there.some(({ type, value }) => type === 'k8s' && value === cluster) ? undefined : [...there, { type: 'k8s', value: cluster }];
}

/** Errors: TODOCTL_DIGITALOCEAN_SCOPE_MISSING where the token may not see passwords. */
export function passwordOf({ name, password }: { name: string; password?: string }): string {
  if (password) return password;
  throw new TodoctlError('TODOCTL_DIGITALOCEAN_SCOPE_MISSING', { message: `DigitalOcean does not tell the password of the database user ${name}`, details: ['it needs the scope database:view_credentials'] });
}

function taken(name: string): TodoctlError {
  return new TodoctlError('TODOCTL_DIGITALOCEAN_NAME_TAKEN', { message: `There is a database ${name} on the account that todoctl did not make for this environment` });
}
