import type { Run, Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { EntranceAddress, ProviderNames } from '../provider.ts';
import type { DigitalOcean } from './client.ts';
import { isRefusal, isRefusedAlone } from './failures.ts';
import { markOf, type Owner, ownerOf } from './marks.ts';

interface ApiRecord {
  id: number;
  type: string;
  /** Below its zone; `@` for the zone itself. */
  name: string;
  data: string;
}

/** What a TXT record beside a host says: who made the host's record, and where that was made to lead. */
interface Mark {
  id: number;
  owner: Owner;
  /** Two while a record is being changed: it is the one or the other. */
  addresses: readonly string[];
}

/** A host name of an environment, known as ours by the mark beside it. */
export interface MarkedName {
  owner: Owner;
  zone: string;
  host: string;
  mark: Mark;
}

interface Made {
  domain_record: ApiRecord;
}

type Body = Omit<ApiRecord, 'id'>;

/** What a host leads to: `A`, or `CNAME` where a load balancer has a name. */
interface Leads {
  zone: string;
  /** Records with an address at the host. */
  there: ApiRecord[];
  /** Beside them. */
  marks: Mark[];
}

/** In front of a host: `_todoctl.todo.example.com TXT todoctl:todo:prod 203.0.113.7`. */
const MARK = '_todoctl';
const ADDRESSES = new Set(['A', 'AAAA', 'CNAME']);
/** Short, so that another load balancer is soon found, in seconds. */
const TTL = 300;
const LIMIT_MS = 120_000;

/**
 * Host names in zones of the account. A record is made where there is none, and changed where it is as the mark beside it says that it was
 * made for this environment; one of somebody else, or that somebody has changed since, is never touched. Who may not see zones (scope domain:read) has none.
 */
export function namesAt(api: DigitalOcean, owner: Owner): ProviderNames {
  return {
    servers: 'digitalocean.com',
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
    const texts = await recordsIn(api, zone, { type: 'TXT' });
    return texts.flatMap((record): MarkedName[] => {
      const mark = markIn(record);
      const [first, ...rest] = record.name.split('.');
      return mark && first === MARK ? [{ owner: mark.owner, zone, host: [...rest, zone].join('.'), mark }] : [];
    });
  }));
  return found.flat();
}

/** The host names of one environment. */
export async function namesOf(api: DigitalOcean, owner: Owner): Promise<MarkedName[]> {
  return (await markedNames(api)).filter(({ mark }) => isBy(owner)(mark));
}

/** Removes the record that is as it was made, and then its mark. What somebody else has made there, or changed since, stays. */
export async function removeName(api: DigitalOcean, { zone, host, mark }: MarkedName, run: Run): Promise<void> {
  const { there } = await lookIn(api, zone, host);
  const others = there.filter((record) => !isOf([mark], record));
  if (others.length > 0) run.progress(`${host} leads elsewhere (${textOf(others)}), by what todoctl did not make, or somebody has changed since: it stays`);
  for (const { id } of there.filter((record) => isOf([mark], record))) await api.remove(`${recordsOf(zone)}/${id}`);
  await api.remove(`${recordsOf(zone)}/${mark.id}`);
}

function recordStep(api: DigitalOcean, owner: Owner, entrance: Step<EntranceAddress | undefined>): Step {
  let without = false;
  const goWithout = (run: Run, what: string) => (error: unknown): undefined => {
    if (!isRefusedAlone(error)) throw error;
    without = true;
    run.progress(`${what}: ${[error.message, ...error.details].join('; ')}`);
  };
  return {
    id: 'dns',
    title: 'DNS record',
    needs: [entrance],
    timeout: LIMIT_MS,
    async check(run) {
      const { host, address } = run.of(entrance) ?? {};
      if (without) return { is: 'done', value: undefined, made: false };
      if (host === undefined || address === undefined) return { is: 'done', value: undefined };
      const found = await lookAt(api, host).catch(goWithout(run, 'The record was not looked at'));
      if (!found || isAddress(found.there, address)) return { is: 'done', value: undefined };
      const { there, marks } = found;
      const wanted = `${typeOf(address)} ${address}`;
      if (there.length === 0) return { is: 'drifted', value: undefined, changes: [{ what: `${host} ${wanted}` }] };
      const now = textOf(there);
      const [only, ...more] = there;
      if (only && more.length === 0 && isOf(marks.filter(isBy(owner)), only)) return { is: 'drifted', value: undefined, changes: [{ what: host, from: now, to: wanted }] };
      run.progress(`${host} leads elsewhere (${now}), by what was not made for this environment, or somebody has changed since: it stays. To enter here: ${wanted}`);
      return { is: 'done', value: undefined };
    },
    async apply(run) {
      const { host = '', address = '' } = run.of(entrance) ?? {};
      await lookAt(api, host).then((found) => found && write(api, owner, { ...found, host, address })).catch(goWithout(run, 'The record was not made'));
    },
  };
}

/** The mark first, and with both addresses while one follows the other: what a killed run has made is known as ours. */
async function write(api: DigitalOcean, owner: Owner, { zone, host, address, there, marks }: Leads & { host: string; address: string }): Promise<void> {
  const records = recordsOf(zone);
  const put = (id: number, body: Body): Promise<Made> => api.put<Made>(`${records}/${id}`, { ...body, ttl: TTL });
  const make = (body: Body, at: string): Promise<Made> => api.make<Made>(records, { ...body, ttl: TTL }, async () => {
    const row = (await recordsAt(api, zone, at)).find(({ type, data }) => type === body.type && data === body.data);
    return row && { domain_record: row };
  });
  const type = typeOf(address);
  const record = { type, name: below(zone, host), data: type === 'CNAME' ? `${address.replace(/\.$/, '')}.` : address };
  const saying = (...addresses: string[]): Body => ({ type: 'TXT', name: below(zone, `${MARK}.${host}`), data: [markOf(owner), ...addresses].join(' ') });
  const [old] = there;
  const mark = saying(address, ...(old ? [old.data] : []));
  const [ours] = marks.filter(isBy(owner));
  const { domain_record: { id } } = ours ? await put(ours.id, mark) : await make(mark, `${MARK}.${host}`);
  if (old) {
    await put(old.id, record);
    await put(id, saying(address));
    return;
  }
  await make(record, host).catch(async (error: unknown) => {
    // A mark of nothing is of no use; where it cannot go either, the first reason is the one to tell.
    if (isRefusedAlone(error)) await api.remove(`${records}/${id}`).catch(() => false);
    throw error;
  });
}

/** Undefined where no zone of the account holds the host. */
async function lookAt(api: DigitalOcean, host: string): Promise<Leads | undefined> {
  const zones = (await zonesOf(api)).filter((zone) => host === zone || host.endsWith(`.${zone}`));
  const [zone] = zones.sort((one, other) => other.length - one.length);
  return zone === undefined ? undefined : lookIn(api, zone, host);
}

async function lookIn(api: DigitalOcean, zone: string, host: string): Promise<Leads> {
  const [there, beside] = await Promise.all([recordsAt(api, zone, host), recordsAt(api, zone, `${MARK}.${host}`)]);
  return { zone, there: there.filter(({ type }) => ADDRESSES.has(type)), marks: beside.flatMap((record) => markIn(record) ?? []) };
}

function recordsAt(api: DigitalOcean, zone: string, host: string): Promise<ApiRecord[]> {
  return recordsIn(api, zone, { name: host });
}

/** None where the zone was deleted meanwhile. */
function recordsIn(api: DigitalOcean, zone: string, query: { name: string } | { type: string }): Promise<ApiRecord[]> {
  return api.list<ApiRecord>(recordsOf(zone), 'domain_records', query).catch((error: unknown) => {
    if (isRefusal(error, 404)) return [];
    throw error;
  });
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

function isAddress(there: readonly Pick<ApiRecord, 'data'>[], address: string): boolean {
  return there.some(({ data }) => data.replace(/\.$/, '') === address.replace(/\.$/, ''));
}

function markIn({ id, type, data }: ApiRecord): Mark | undefined {
  const [whose = '', ...addresses] = data.replace(/^"(.*)"$/, '$1').split(' ');
  const owner = type === 'TXT' ? ownerOf(whose) : undefined;
  return owner && { id, owner, addresses };
}

function isBy(owner: Owner): (mark: Mark) => boolean {
  return (mark) => markOf(mark.owner) === markOf(owner);
}

/** Whether a record is as one of these marks says that it was made. */
function isOf(marks: readonly Mark[], record: ApiRecord): boolean {
  return marks.some(({ addresses }) => addresses.some((address) => isAddress([record], address)));
}

function textOf(there: readonly ApiRecord[]): string {
  return there.map(({ type, data }) => `${type} ${data}`).join(', ');
}

function typeOf(address: string): 'A' | 'AAAA' | 'CNAME' {
  if (address.includes(':')) return 'AAAA';
  return /^[\d.]+$/.test(address) ? 'A' : 'CNAME';
}
