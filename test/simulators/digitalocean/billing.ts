import { randomUUID } from 'node:crypto';
import { hourly, SIZES } from './catalog.ts';
import { ok, page, PAGE, type Route, route } from './route.ts';
import type { World } from './world.ts';

/** What the account owes. All money is text, and the figures lag behind what runs, as the real ones do. */
export const billingRoutes: readonly Route[] = [
  route('GET', '/v2/customers/my/balance', { scopes: ['billing:read'] }, ({ world }) => {
    const usage = usageOf(world).toFixed(2);
    return ok({ month_to_date_balance: usage, account_balance: '0.00', month_to_date_usage: usage, generated_at: world.clock.iso() });
  }),
  route('GET', '/v2/customers/my/invoices', { scopes: ['billing:read'], query: PAGE }, (call) => {
    const { body } = page(call, 'invoices', call.world.state.invoices);
    const preview = { invoice_uuid: PREVIEW, amount: usageOf(call.world).toFixed(2), invoice_period: call.world.clock.iso().slice(0, 7), updated_at: call.world.clock.iso() };
    return ok({ ...(body as object), invoice_preview: preview });
  }),
  route('GET', '/v2/customers/my/invoices/{invoice_uuid}', { scopes: ['billing:read'], query: PAGE }, (call) =>
    page(call, 'invoice_items', [...call.world.state.clusters.values()].map((cluster) => ({
      product: 'Kubernetes Clusters', resource_uuid: cluster.id, group_description: cluster.name, description: cluster.name, amount: '12.34', duration: '100', duration_unit: 'Hours',
      start_time: call.world.clock.iso(cluster.created), end_time: call.world.clock.iso(), project_name: 'default',
    })))),
];

export interface InvoiceRow {
  invoice_uuid: string;
  amount: string;
  invoice_period: string;
}

const PREVIEW = randomUUID();

/** What nodes cost since they are there, in USD. */
function usageOf({ state, clock }: World): number {
  const nodes = [...state.clusters.values()].flatMap(({ pools }) => pools.flatMap(({ size, nodes: rows }) => rows.map(({ created }) => ({ size, created }))));
  return nodes.reduce((sum, { size, created }) => sum + hourly(SIZES.find(({ slug }) => slug === size)?.monthly ?? 0) * ((clock.now() - created) / 3_600_000), 0);
}
