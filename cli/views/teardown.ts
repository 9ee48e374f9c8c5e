import path from 'node:path';
import type { Io } from '../io/io.ts';
import type { TeardownResult } from '../operations/teardown.ts';
import type { Resource, ResourceKind } from '../providers/resource.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';
import { environmentFlag } from './deploy.ts';

type Screen = Pick<Io, 'colour' | 'columns'>;

const KINDS: Record<ResourceKind, readonly [one: string, many: string]> = {
  process: ['process', 'processes'],
  port: ['port', 'ports'],
  directory: ['file or folder', 'files and folders'],
  topic: ['topic', 'topics'],
  cluster: ['cluster', 'clusters'],
  'node pool': ['node pool', 'node pools'],
  'load balancer': ['load balancer', 'load balancers'],
  volume: ['volume', 'volumes'],
  snapshot: ['snapshot', 'snapshots'],
  registry: ['registry', 'registries'],
  database: ['database', 'databases'],
  kafka: ['Kafka cluster', 'Kafka clusters'],
  vpc: ['VPC', 'VPCs'],
  project: ['project', 'projects'],
  tag: ['tag', 'tags'],
  'dns record': ['DNS record', 'DNS records'],
  namespace: ['namespace', 'namespaces'],
  release: ['Helm release', 'Helm releases'],
  object: ['object', 'objects'],
};

/** A line of the receipt names no more than this; --json names all. */
const MOST_NAMES = 12;

/** The receipt: what is gone, and what was left on purpose. */
export function teardownText({ environment, dryRun, removed, kept, seconds }: TeardownResult, io: Screen): string {
  const { good, warn, dim, bold } = palette(io);
  const ours = kept.filter(({ owner }) => owner !== 'other');
  const others = kept.filter(({ owner }) => owner === 'other');
  const staying = counted(ours.filter(({ owner }) => owner !== 'platform')).concat(counted(ours.filter(({ owner }) => owner === 'platform')).map((line) => `${line}, for all environments: todoctl registry delete${environmentFlag(environment)}`));
  const stays = staying.map((line) => wrap(line, io.columns, `${dim('Kept')}  `, '        '));
  if (removed.length === 0 && ours.every(({ owner }) => owner === 'platform')) return `${nothing(environment, io)}${stays.map((line) => `${line}\n`).join('')}`;
  if (dryRun) return block(`${warn('Would remove')} ${bold(environment)}`, [...counted(removed).map((line) => wrap(line, io.columns, '  ', '    ')), ...stays]);
  return block(`${good('Gone')}  ${bold(environment)} ${dim(`in ${seconds} s`)}`, [
    ...counted(removed).map((line) => wrap(line, io.columns, '      ', '        ')),
    ...stays,
    ...others.map(({ kind, name, id, heldBy }) => wrap(`${KINDS[kind][0]} ${name} ${id}, which is not ours${heldBy ? `: ${heldBy}` : ''}`, io.columns, `${dim('Kept')}  `, '        ')),
    `${dim('Left')}  nothing${kept.length > 0 ? ' else' : ''}`,
    ...billing(removed, ours).map((line) => dim(line)),
  ]);
}

/** What no longer costs anything, and what still does. */
function billing(removed: readonly Resource[], kept: readonly Resource[]): string[] {
  const [stopped, on] = [monthly(removed), monthly(kept)];
  return [...(stopped > 0 ? [`Stopped  ${dollars(stopped)} a month`] : []), ...(on > 0 ? [`Goes on  ${dollars(on)} a month`] : [])];
}

function monthly(resources: readonly Resource[]): number {
  return resources.reduce((sum, { price }) => sum + (price?.monthly ?? 0), 0);
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

/** What will be deleted, as the question shows it. */
export function teardownQuestion(environment: string, goes: readonly Resource[], io: Screen, { keepDatabase = false }: { keepDatabase?: boolean } = {}): string {
  const { warn } = palette(io);
  const ours = goes.filter(({ owner }) => owner !== 'other');
  return `${block(`${warn('This deletes')} ${keepDatabase ? `all of ${environment} but its database` : `all tasks and events of ${environment}`}:`, [...counted(ours).map((line) => wrap(line, io.columns, '  ', '    ')), ...(monthly(ours) > 0 ? [`  which costs ${dollars(monthly(ours))} a month`] : [])])}`;
}

function nothing(environment: string, io: Pick<Io, 'colour'>): string {
  return `${palette(io).good('Nothing')} of ${environment} is here\n`;
}

function block(head: string, lines: readonly string[]): string {
  return `${[head, ...lines].join('\n')}\n`;
}

/** `6 processes: postgres 4711, broker 4712, …`, kind by kind, with what they cost where that is known; files by their folder. */
function counted(resources: readonly Resource[]): string[] {
  return Object.entries(KINDS).flatMap(([kind, [one, many]]) => {
    const of = resources.filter((resource) => resource.kind === kind);
    if (of.length === 0) return [];
    const [first] = of;
    const where = kind === 'directory' && first ? ` of ${path.dirname(first.name)}` : '';
    const names = of.map(({ name, id }) => (kind === 'process' || kind === 'port' ? `${name} ${id}` : path.basename(name)));
    const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
    const cost = monthly(of);
    return [`${of.length} ${of.length === 1 ? one : many}${where}: ${names.slice(0, MOST_NAMES).join(', ')}${more}${cost > 0 ? `, ${dollars(cost)} a month` : ''}`];
  });
}
