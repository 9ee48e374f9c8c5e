import type { Io } from '../io/io.ts';
import type { TeardownResult } from '../operations/teardown.ts';
import type { Resource } from '../targets/target.ts';
import { palette } from '../ui/palette.ts';

const KINDS = { process: ['process', 'processes'], port: ['port', 'ports'], directory: ['folder', 'folders'], database: ['database', 'databases'], topic: ['topic', 'topics'] } as const;

/** The receipt: what is gone, and what was left on purpose. */
export function teardownText({ environment, dryRun, removed, kept, seconds }: TeardownResult, io: Pick<Io, 'colour'>): string {
  const { good, warn, dim, bold } = palette(io);
  if (dryRun) return `${[`${warn('Would remove')} ${bold(environment)}`, ...kept.filter(({ owner }) => owner !== 'other').map(resourceText)].join('\n')}\n`;
  if (removed.length === 0 && kept.every(({ owner }) => owner === 'other')) return `${good('Nothing')} of ${environment} is here\n`;
  return `${[
    `${good('Gone')}  ${bold(environment)} ${dim(`in ${seconds} s`)}`,
    ...counted(removed).map((line) => `      ${line}`),
    ...kept.map((resource) => `${dim('Kept')}${resourceText(resource)}`),
    `${dim('Left')}  nothing${kept.length > 0 ? ' else' : ''}`,
  ].join('\n')}\n`;
}

/** What will be deleted, as the question shows it. */
export function teardownQuestion(environment: string, found: readonly Resource[], io: Pick<Io, 'colour'>): string {
  const { warn } = palette(io);
  return `${[`${warn('This deletes')} all tasks and events of ${environment}:`, ...counted(found).map((line) => `  ${line}`)].join('\n')}\nGo on? [y/N] `;
}

function counted(resources: readonly Resource[]): string[] {
  return Object.entries(KINDS).flatMap(([kind, [one, many]]) => {
    const of = resources.filter((resource) => resource.kind === kind && resource.owner !== 'other');
    if (of.length === 0) return [];
    const names = kind === 'process' || kind === 'port' ? of.map(({ name, id }) => `${name} ${id}`) : of.map(({ name }) => name);
    return [`${of.length} ${of.length === 1 ? one : many}: ${names.join(', ')}`];
  });
}

function resourceText({ kind, name, id, owner, heldBy }: Resource): string {
  const [one] = KINDS[kind];
  const number = kind === 'process' || kind === 'port' ? ` ${id}` : '';
  return `  ${one} ${name}${number}${owner === 'other' ? ` (not ours${heldBy ? `: ${heldBy}` : ''})` : ''}`;
}
