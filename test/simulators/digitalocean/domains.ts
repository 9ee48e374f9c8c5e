import * as z from 'zod';
import { found, invalid } from './refusal.ts';
import { created, noContent, ok, page, PAGE, type Route, route } from './route.ts';
import type { World } from './world.ts';

export interface DomainRecordRow {
  id: number;
  type: string;
  /** Below the zone; `@` for the zone itself. */
  name: string;
  data: string;
  ttl: number;
}

const P = '/v2/domains';
const UNDOCUMENTED = 'zones: they are not in the part of the document that is at hand';
const BODY = z.strictObject({ type: z.enum(['A', 'AAAA', 'CNAME', 'TXT']), name: z.string(), data: z.string(), ttl: z.int().min(30).optional() });
const FIRST_ID = 28_448_429;

/**
 * Zones that the account keeps, after DigitalOcean's document: making a record takes two scopes, `name` in a query is the whole name,
 * and nothing keeps two records from having one name, but a CNAME is alone at its own.
 */
export const domainRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['domain:read'], query: PAGE, undocumented: UNDOCUMENTED }, (call) => page(call, 'domains', [...call.world.state.domains.keys()].map((name) => ({ name, ttl: 1800, zone_file: '' })))),
  route('GET', `${P}/{domain_name}/records`, { scopes: ['domain:read'], query: [...PAGE, 'name', 'type'], undocumented: UNDOCUMENTED }, (call) => {
    const zone = call.params['domain_name'] ?? '';
    const [name, type] = [call.query.get('name'), call.query.get('type')];
    const rows = recordsOf(call.world, zone).filter((row) => (name === null || wholeName(row, zone) === name) && (type === null || row.type === type));
    return page(call, 'domain_records', rows.map(view));
  }),
  route('POST', `${P}/{domain_name}/records`, { scopes: ['domain:create', 'domain:update'], body: BODY, undocumented: UNDOCUMENTED }, ({ world, params, body }) => {
    const rows = recordsOf(world, params['domain_name'] ?? '');
    const row = { id: FIRST_ID + Math.max(0, ...[...world.state.domains.values()].flat().map(({ id }) => id - FIRST_ID + 1)), ttl: 1800, ...checked(rows, body) };
    rows.push(row);
    return created({ domain_record: view(row) });
  }),
  route('PUT', `${P}/{domain_name}/records/{domain_record_id}`, { scopes: ['domain:update'], body: BODY, undocumented: UNDOCUMENTED }, ({ world, params, body }) => {
    const rows = recordsOf(world, params['domain_name'] ?? '');
    const row = found(rows.find(({ id }) => String(id) === params['domain_record_id']));
    Object.assign(row, checked(rows.filter((one) => one !== row), body));
    return ok({ domain_record: view(row) });
  }),
  route('DELETE', `${P}/{domain_name}/records/{domain_record_id}`, { scopes: ['domain:delete', 'domain:update'], undocumented: UNDOCUMENTED }, ({ world, params }) => {
    const rows = recordsOf(world, params['domain_name'] ?? '');
    rows.splice(rows.indexOf(found(rows.find(({ id }) => String(id) === params['domain_record_id']))), 1);
    return noContent;
  }),
];

function recordsOf({ state }: World, zone: string): DomainRecordRow[] {
  return found(state.domains.get(zone));
}

function wholeName({ name }: DomainRecordRow, zone: string): string {
  return name === '@' ? zone : `${name}.${zone}`;
}

type Body = z.output<typeof BODY>;

function checked(others: readonly DomainRecordRow[], { ttl, ...body }: Body): Omit<DomainRecordRow, 'id' | 'ttl'> & { ttl?: number } {
  if (body.type === 'CNAME' && !body.data.endsWith('.')) throw invalid('Data needs to end with a dot (.)');
  if (others.some(({ name, type }) => name === body.name && (type === 'CNAME' || body.type === 'CNAME'))) throw invalid('CNAME records cannot share a name with other records');
  if (body.type === 'A' && !/^\d+(?:\.\d+){3}$/.test(body.data)) throw invalid('IP address is invalid');
  return { ...body, ...(ttl === undefined ? {} : { ttl }) };
}

function view(row: DomainRecordRow): Record<string, unknown> {
  return { ...row, priority: null, port: null, weight: null, flags: null, tag: null };
}
