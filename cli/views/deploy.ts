import type { Io } from '../io/io.ts';
import type { DeployResult } from '../operations/deploy.ts';
import type { Health } from '../targets/target.ts';
import { palette } from '../ui/palette.ts';
import { plannedLine } from '../ui/reporters/words.ts';
import { wrap } from '../ui/wrap.ts';

/** What is up, where, and what to try next; in a dry run what would change. */
export function deployText(result: DeployResult, io: Pick<Io, 'colour' | 'columns'>): string {
  return result.running ? readyText(result, result.running, io) : plannedText(result, io);
}

function readyText({ environment, changed, seconds }: DeployResult, { entrance, record, zone, kafka, processes, cost }: NonNullable<DeployResult['running']>, io: Pick<Io, 'colour' | 'columns'>): string {
  const { good, dim, code, bold } = palette(io);
  const did = changed === 0 ? 'nothing had to change' : `${changed} ${changed === 1 ? 'change' : 'changes'}`;
  return `${[
    `${good('Ready')}     ${bold(environment)} ${dim(`in ${seconds} s, ${did}`)}`,
    `Entrance  ${entrance === undefined ? dim('has no address yet: todoctl status') : code(entrance)}`,
    ...(record === undefined ? [] : [`DNS       ${record}${zone === undefined ? '' : `, made at ${zone}`}`]),
    ...(kafka === undefined ? [] : [`Kafka     ${kafka}`]),
    wrap(servicesText(processes), io.columns, 'Runs      '),
    ...(cost ? [`Costs     $${cost.monthly.toFixed(2)} a month, $${cost.hourly.toFixed(3)} an hour`] : []),
    '',
    `Next      todoctl events tail task-events${environmentFlag(environment)}`,
    `          todoctl status${environmentFlag(environment)}`,
    `          todoctl teardown${environmentFlag(environment)}`,
  ].join('\n')}\n`;
}

function plannedText({ environment, changed, steps }: DeployResult, io: Pick<Io, 'colour'>): string {
  const { warn, good } = palette(io);
  if (changed === 0) return `${good('Nothing')} would change in ${environment}\n`;
  const lines = steps.filter(({ is }) => is === 'planned').map(({ title, changes = [] }) => `  ${plannedLine(title, changes.map(({ what }) => ({ what })))}`);
  return `${[`${warn('Would change')} ${environment}`, ...lines].join('\n')}\n`;
}

/** `task-api × 2, audit, postgres`: replicas counted together. */
export function servicesText(processes: readonly Health[]): string {
  const counts = new Map<string, number>();
  for (const { name, kind, replicas } of processes) {
    const shown = kind === 'service' ? name.replace(/-\d+$/, '') : kind === 'sidecar' && name.endsWith('.dapr') ? 'daprd' : name;
    // In a cluster one line stands for all replicas of a service.
    counts.set(shown, (counts.get(shown) ?? 0) + (replicas === undefined ? 1 : Number.parseInt(replicas, 10)));
  }
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} × ${count}`)).join(', ');
}

export function environmentFlag(environment: string): string {
  return environment === 'local' ? '' : ` --env ${environment}`;
}
