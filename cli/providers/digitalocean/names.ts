import type { Run, Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { EntranceAddress, ProviderNames } from '../provider.ts';
import type { DigitalOcean } from './client.ts';
import { isRefusal } from './failures.ts';
import { markOf, type Owner, ownerOf } from './marks.ts';

interface ApiRecord {
  id: number;
  type: string;
  /** Below its zone; `@` for the zone itself. */
  name: string;
  data: string;
}

/** A host name of an environment, known as ours by a TXT record beside it. */
export interface MarkedName {
  owner: Owner;
  zone: string;
  host: string;
  mark: ApiRecord;
}

/** What a host leads to: `A`, or `CNAME` where a load balancer has a name. */
interface Leads {
  zone: string;
  /** Records with an address at the host. */
  there: ApiRecord[];
  /** Whose they are, by the marks beside them. */
  marks: string[];
}

/** In front of a host: `_todoctl.todo.example.com TXT todoctl:todo:prod`. */
const MARK = '_todoctl';
const ADDRESSES = new Set(['A', 'AAAA', 'CNAME']);
/** Short, so that another load balancer is soon found, in seconds. */
const TTL = 300;
const LIMIT_MS = 120_000;

/**
 * Host names in zones of the account. A record is made where there is none, and changed where the mark beside it says that it is this
 * environment's; another one is never touched. Who may not see zones (scope domain:read) has none.
 */
export function namesAt(api: DigitalOcean, owner: Owner): ProviderNames {
  return {
    async leadsTo(host, address) {
      const found = await lookAt(api, host);
      return found !== undefined && found.there.length === 1 && isAddress(found.there, address);
    },
    record: (entrance) => recordStep(api, owner, entrance),
  };
}

/** All host names that bear a mark of ours, of every zone. They cost nothing: none are found by a token that may not see zones. */
export async function markedNames(api: DigitalOcean): Promise<MarkedName[]> {
  const zones = await zonesOf(api);
  const found = await Promise.all(zones.map(async (zone) => {
    const texts = await api.list<ApiRecord>(recordsOf(zone), 'domain_records', { type: 'TXT' });
    return texts.flatMap((mark): MarkedName[] => {
      const owner = ownerOf(unquoted(mark.data));
      const [first, ...rest] = mark.name.split('.');
      return owner && first === MARK ? [{ owner, zone, host: [...rest, zone].join('.'), mark }] : [];
    });
  }));
  return found.flat();
}

/** The host names of one environment. */
export async function namesOf(api: DigitalOcean, owner: Owner): Promise<MarkedName[]> {
  return (await markedNames(api)).filter((name) => markOf(name.owner) === markOf(owner));
}

/** Removes a record and then its mark. Where there are several at the host, somebody else has added some: these stay. */
export async function removeName(api: DigitalOcean, { zone, host, mark }: MarkedName, run: Run): Promise<void> {
  const { there } = await lookIn(api, zone, host);
  if (there.length > 1) run.progress(`${host} has ${there.length} records, of which todoctl made one: they stay`);
  const [only] = there;
  if (only && there.length === 1) await api.remove(`${recordsOf(zone)}/${only.id}`);
  await api.remove(`${recordsOf(zone)}/${mark.id}`);
}

function recordStep(api: DigitalOcean, owner: Owner, entrance: Step<EntranceAddress | undefined>): Step {
  let refused = false;
  return {
    id: 'dns',
    title: 'DNS record',
    needs: [entrance],
    timeout: LIMIT_MS,
    async check(run) {
      const { host, address } = run.of(entrance) ?? {};
      const found = host === undefined || refused ? undefined : await lookAt(api, host);
      if (host === undefined || address === undefined || !found || isAddress(found.there, address)) return { is: 'done', value: undefined };
      const { there, marks } = found;
      const wanted = `${typeOf(address)} ${address}`;
      if (there.length === 0) return { is: 'drifted', value: undefined, changes: [{ what: `${host} ${wanted}` }] };
      const now = there.map(({ type, data }) => `${type} ${data}`).join(', ');
      if (marks.includes(markOf(owner)) && there.length === 1) return { is: 'drifted', value: undefined, changes: [{ what: host, from: now, to: wanted }] };
      run.progress(`${host} leads elsewhere (${now}), by a record that was not made for this environment: it stays. To enter here: ${wanted}`);
      return { is: 'done', value: undefined };
    },
    async apply(run) {
      const { host = '', address = '' } = run.of(entrance) ?? {};
      const found = await lookAt(api, host);
      if (!found) return;
      try {
        await write(api, owner, { ...found, host, address });
      } catch (error) {
        if (!isRefusal(error, 403)) throw error;
        refused = true;
        run.progress(`The record was not made: ${[error.message, ...error.details].join('; ')}`);
      }
    },
  };
}

/** The mark first: what a killed run has made is known as ours. */
async function write(api: DigitalOcean, owner: Owner, { zone, host, address, there, marks }: Leads & { host: string; address: string }): Promise<void> {
  const records = recordsOf(zone);
  const make = (body: { type: string; name: string; data: string }, at: string): Promise<object> =>
    api.make<object>(records, { ...body, ttl: TTL }, async () => (await recordsAt(api, zone, at)).find(({ type, data }) => type === body.type && data === body.data));
  const type = typeOf(address);
  const data = type === 'CNAME' ? `${address.replace(/\.$/, '')}.` : address;
  if (!marks.includes(markOf(owner))) await make({ type: 'TXT', name: below(zone, `${MARK}.${host}`), data: markOf(owner) }, `${MARK}.${host}`);
  const [old] = there;
  if (!old) await make({ type, name: below(zone, host), data }, host);
  else await api.put(`${records}/${old.id}`, { type, name: below(zone, host), data, ttl: TTL });
}

/** Undefined where no zone of the account holds the host. */
async function lookAt(api: DigitalOcean, host: string): Promise<Leads | undefined> {
  const zones = (await zonesOf(api)).filter((zone) => host === zone || host.endsWith(`.${zone}`));
  const [zone] = zones.sort((one, other) => other.length - one.length);
  return zone === undefined ? undefined : lookIn(api, zone, host);
}

async function lookIn(api: DigitalOcean, zone: string, host: string): Promise<Leads> {
  const [there, beside] = await Promise.all([recordsAt(api, zone, host), recordsAt(api, zone, `${MARK}.${host}`)]);
  return { zone, there: there.filter(({ type }) => ADDRESSES.has(type)), marks: beside.flatMap(({ type, data }) => (type === 'TXT' ? [unquoted(data)] : [])) };
}

function recordsAt(api: DigitalOcean, zone: string, host: string): Promise<ApiRecord[]> {
  return api.list<ApiRecord>(recordsOf(zone), 'domain_records', { name: host });
}

/** Names of the account's zones; none for a token that may not see them, for they are of use and not needed. */
async function zonesOf(api: DigitalOcean): Promise<string[]> {
  const zones = await api.list<{ name: string }>('/v2/domains', 'domains').catch((error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING') return [];
    throw error;
  });
  return zones.map(({ name }) => name);
}

function recordsOf(zone: string): string {
  return `/v2/domains/${encodeURIComponent(zone)}/records`;
}

function below(zone: string, host: string): string {
  return host === zone ? '@' : host.slice(0, -zone.length - 1);
}

function isAddress(there: readonly ApiRecord[], address: string): boolean {
  return there.some(({ data }) => data.replace(/\.$/, '') === address.replace(/\.$/, ''));
}

function typeOf(address: string): 'A' | 'AAAA' | 'CNAME' {
  if (address.includes(':')) return 'AAAA';
  return /^[\d.]+$/.test(address) ? 'A' : 'CNAME';
}

function unquoted(data: string): string {
  return data.replace(/^"(.*)"$/, '$1');
}
