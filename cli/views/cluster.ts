import type { Io } from '../io/io.ts';
import type { ClusterCreateResult } from '../operations/cluster/create.ts';
import type { ClusterDeleteResult } from '../operations/cluster/delete.ts';
import type { ClusterKubeconfigResult } from '../operations/cluster/kubeconfig.ts';
import type { ClusterShowResult } from '../operations/cluster/show.ts';
import type { ClusterUpgradeResult } from '../operations/cluster/upgrade.ts';
import type { ClusterSummary } from '../providers/provider.ts';
import type { Resource } from '../providers/resource.ts';
import { palette } from '../ui/palette.ts';

type Colours = Pick<Io, 'colour'>;

export function clusterCreateText({ environment, dryRun, changed, seconds, steps, cluster }: ClusterCreateResult, io: Colours): string {
  const { good, warn, bold, dim, code } = palette(io);
  if (dryRun) {
    const changes = steps.flatMap(({ title, changes: some = [] }) => some.map(({ what, from, to }) => `  ${title}: ${what}${from === undefined ? '' : ` ${from} → ${to ?? ''}`}`));
    return changed === 0 ? `${good('Nothing')} would change: the cluster of ${environment} is there\n` : lines(`${warn('Would change')} ${environment}`, ...changes);
  }
  return lines(
    `${good('Ready')}       ${bold(cluster?.name ?? environment)} ${dim(`in ${seconds} s${changed === 0 ? ', nothing had to change' : ''}`)}`,
    `Kubeconfig  ${code(cluster?.kubeconfig ?? '')}`,
    `Next        todoctl deploy --env ${environment}`,
    `            todoctl cluster delete --env ${environment}`,
  );
}

/** Ours first; whose a cluster is stands where others have a dash. */
export function clusterListText(clusters: readonly ClusterSummary[], io: Colours): string {
  const { bold } = palette(io);
  if (clusters.length === 0) return 'The account has no clusters\n';
  const sorted = [...clusters].sort((a, b) => Number(b.platform !== undefined) - Number(a.platform !== undefined) || a.name.localeCompare(b.name));
  const rows = sorted.map(({ name, region, version, state, pools, platform, environment, nodesMonthly }) => [
    name, platform === undefined ? '-' : `${platform}/${environment ?? ''}`, region, version, state, String(pools.reduce((sum, { count }) => sum + count, 0)), nodesMonthly === undefined ? '?' : `$${nodesMonthly}`,
  ]);
  const [head = '', ...rest] = table([['CLUSTER', 'OURS', 'REGION', 'VERSION', 'STATE', 'NODES', 'A MONTH'], ...rows]);
  return lines(bold(head), ...rest);
}

export function clusterShowText({ name, id, region, version, state, message, ha, endpoint, pools, nodesMonthly, upgrades }: ClusterShowResult, io: Colours): string {
  const { bold, dim, good, warn } = palette(io);
  return lines(
    `${bold(name)} is ${state === 'running' ? good(state) : warn(state)}${message ? `: ${message}` : ''}`,
    `Id          ${id}`,
    `Region      ${region}`,
    `Version     ${version}${upgrades.length > 0 ? dim(`, could be ${upgrades.slice(0, 3).join(', ')}`) : ''}`,
    `Control     ${ha ? 'several machines' : 'one machine'}`,
    ...pools.map(({ name: pool, size, count, min, max }) => `Nodes       ${count} × ${size} in pool ${pool}${max === undefined ? '' : `, from ${min ?? 0} to ${max}`}`),
    ...(nodesMonthly === undefined ? [] : [`Nodes cost  $${nodesMonthly} a month`]),
    ...(endpoint ? [`API         ${endpoint}`] : []),
  );
}

/** The path alone, so that `KUBECONFIG=$(todoctl cluster kubeconfig …)` works. */
export function clusterKubeconfigText({ file, merged, context }: ClusterKubeconfigResult, io: Colours): string {
  if (!merged) return `${file}\n`;
  const { good, code } = palette(io);
  return lines(`${good('Written')}  ${code(file)}`, `Use it   kubectl --context ${context} get nodes`, 'The current context is the one that it was.');
}

export function clusterUpgradeText({ environment, dryRun, changed, changes, version }: ClusterUpgradeResult, io: Colours): string {
  const { good, warn } = palette(io);
  if (dryRun && changes.length > 0) return lines(`${warn('Would change')} ${environment}`, ...changes.map(({ what, from, to }) => `  ${what}${from === undefined ? '' : ` ${from} → ${to ?? ''}`}`));
  return changed ? `${good('Upgraded')} ${environment} to ${version}\n` : `${good('Nothing')} to upgrade: ${environment} has ${version}\n`;
}

export function clusterDeleteText({ environment, dryRun, removed, kept, seconds }: ClusterDeleteResult, io: Colours): string {
  const { good, warn, bold, dim } = palette(io);
  const stays = kept.length > 0 ? [dim(dryRun ? 'Would keep' : 'Kept'), ...resourceLines(kept)] : [];
  if (removed.length === 0) return lines(`${good('Nothing')} of the cluster of ${environment} is there`, ...stays);
  if (dryRun) return lines(`${warn('Would remove')} ${bold(environment)}`, ...resourceLines(removed), ...stays);
  return lines(`${good('Gone')}  ${bold(environment)} ${dim(`in ${seconds} s`)}`, ...resourceLines(removed), ...stays);
}

/** `  cluster todo-prod (6f0c…)  $48 a month`, one each. */
export function resourceLines(resources: readonly Resource[]): string[] {
  return resources.map(({ kind, name, id, price, heldBy }) => `  ${kind} ${name} (${id})${price ? `, $${Math.round(price.monthly * 100) / 100} a month` : ''}${heldBy ? `: ${heldBy}` : ''}`);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

function lines(...some: readonly string[]): string {
  return `${some.join('\n')}\n`;
}
