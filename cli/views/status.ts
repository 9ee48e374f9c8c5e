import type { Io } from '../io/io.ts';
import type { StatusResult } from '../operations/status.ts';
import type { Health } from '../targets/target.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';
import { environmentFlag } from './deploy.ts';

/** One line per process, worst news in words. `now` is in ms since the epoch. */
export function statusText({ environment, ready, entrance, record, zone, kafka, processes, lag, cost }: StatusResult, io: Pick<Io, 'colour' | 'columns'>, now: number): string {
  const { good, bad, warn, bold, code } = palette(io);
  if (processes.length === 0) return `${bold(environment)} is not deployed here\n\nNext  todoctl deploy${environmentFlag(environment)}\n`;
  const wrong = processes.filter(({ state }) => state !== 'ready').length;
  const head = ready ? good('ready') : bad(`${wrong} of ${processes.length} processes ${wrong === 1 ? 'is' : 'are'} not ready`);
  const places = [...(entrance ? [`Entrance  ${code(entrance)}`] : []), ...(record ? [wrap(`${record} ${zone === undefined ? warn('is not in DNS yet') : `was made at ${zone}; not every resolver knows it yet`}`, io.columns, 'Record    ')] : []), ...(kafka ? [`Kafka     ${kafka}`] : []), ...(lag ? [`Behind    ${lagText(lag)}`] : []), ...(cost ? [`Costs     ${costText(cost, now)}`] : [])];
  return `${[`${bold(environment)} ${head}`, ...places, '', ...table(processes, io, now)].join('\n')}\n`;
}

/** `$0.2366 an hour, $159.00 a month; since 6 d at most $34.07`: as if all of it were as old as the oldest. */
function costText({ hourly, monthly, since }: NonNullable<StatusResult['cost']>, now: number): string {
  const rate = `$${hourly.toFixed(4)} an hour, $${monthly.toFixed(2)} a month`;
  return since === undefined ? rate : `${rate}; since ${ago(now - since)} at most $${((hourly * Math.max(0, now - since)) / 3_600_000).toFixed(2)}`;
}

/** `nobody`, or `audit 3, recurrence 1`: events that each group has not taken yet. */
function lagText(lag: NonNullable<StatusResult['lag']>): string {
  const behind = new Map<string, number>();
  for (const { group, lag: events } of lag) if (events > 0) behind.set(group, (behind.get(group) ?? 0) + events);
  return behind.size === 0 ? 'nobody' : [...behind].map(([group, events]) => `${group} ${events}`).join(', ');
}

function table(processes: readonly Health[], io: Pick<Io, 'colour'>, now: number): string[] {
  const { good, bad, warn, dim } = palette(io);
  const paint = { ready: good, starting: warn, failing: bad, stopped: bad } as const;
  // In a cluster there are replicas, on this machine processes with their ports.
  const inCluster = processes.some(({ replicas }) => replicas !== undefined);
  const where = ({ replicas = '', pid, port }: Health): string[] => (inCluster ? [replicas] : [pid === undefined ? '' : String(pid), port === undefined ? '' : String(port)]);
  const rows = processes.map((health) => ({ ...health, places: where(health) })).map(({ name, state, places, restarts, since, reason }) => ({
    state,
    cells: [name, state, ...places, restarts === 0 ? '' : String(restarts), since === undefined ? '' : ago(now - since), state === 'ready' ? '' : (reason ?? '')],
  }));
  const heads = ['PROCESS', 'STATE', ...(inCluster ? ['READY'] : ['PID', 'PORT']), 'RESTARTS', 'SINCE', ''];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string[] => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return [
    dim(line(heads).join('  ').trimEnd()),
    ...rows.map(({ state, cells }) => line(cells).map((cell, column) => (column === 1 ? paint[state](cell) : cell)).join('  ').trimEnd()),
  ];
}

/** `12 s`, `5 min`, `3 h`, `2 d`: the largest unit alone. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
