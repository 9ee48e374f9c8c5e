import path from 'node:path';
import type { Io } from '../io/io.ts';
import { amount } from '../targets/cluster/capacity/room.ts';
import type { Change, FieldChange } from '../targets/cluster/compare/change.ts';
import type { PlanResult } from '../operations/plan/plan.ts';
import { type Palette, palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';

type Screen = Pick<Io, 'colour' | 'columns'>;

const WIDEST = 120;
/** A value longer than this is told by its beginning: a plan is read, the whole is in --json. */
const LONGEST_VALUE = 60;
/** How much is shown before the place where two long values part. */
const MARGIN = 20;
/** As wide as HorizontalPodAutoscaler. */
const KIND_WIDTH = 23;

/** What deploy would change, by system; or in one line that it would change nothing. */
export function planText(result: PlanResult, cwd: string, io: Screen): string {
  const { bold, good, warn } = palette(io);
  const columns = Math.min(io.columns, WIDEST);
  const talk = [...result.unseen, ...result.warnings, ...result.capacity.warnings].map((line) => wrap(line, columns, `${warn('Note')}      `));
  if (result.changes.length === 0) {
    const words = `${bold(result.environment)} is as it is defined, ${result.size} objects${result.approximate ? ', as far as can be seen' : ''}`;
    return `${[wrap(words, columns, `${good('No changes')}  `, '  '), ...talk].join('\n')}\n`;
  }
  const blocks = systemsIn(result.changes).map((system) => systemText(system, result.changes.filter((change) => change.system === system), columns, palette(io)));
  const closing = [...capacityLines(result, columns, palette(io)), ...priceLines(result, columns, palette(io)), ...talk, countsLine(result, columns, palette(io))];
  return `${[wrap(`${bold(result.environment)} ${against(result, cwd)}`, columns, `${good('Plan')}      `), ...blocks, closing.join('\n')].join('\n\n')}\n`;
}

function against({ against: { kind, where = '' }, approximate }: PlanResult, cwd: string): string {
  if (kind === 'nothing') return 'has no cluster yet: everything is new (name one with --kubeconfig)';
  const place = kind === 'folder' ? path.relative(cwd, where) || where : where;
  return `against ${place}${approximate ? ', approximate' : ''}`;
}

function systemsIn(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ system }) => system))];
}

function systemText(system: string, changes: readonly Change[], columns: number, paint: Palette): string {
  const plain = groups(changes.filter(({ action }) => action === 'create' || action === 'after'));
  const told = changes.filter(({ action }) => action === 'change' || action === 'prune');
  return [
    paint.bold(system || 'of no system'),
    ...plain.map((group) => groupText(group, columns, paint)),
    ...told.map((change) => changeText(change, columns, paint)),
  ].join('\n');
}

/** What is new is told kind by kind: there is nothing to say of each but its name. */
function groups(changes: readonly Change[]): Change[][] {
  const keyOf = ({ action, kind, after, reason }: Change): string => [action, kind, after, action === 'after' || kind === 'HelmRelease' ? reason : ''].join(' ');
  return [...new Set(changes.map(keyOf))].map((key) => changes.filter((change) => keyOf(change) === key));
}

function groupText(changes: readonly Change[], columns: number, paint: Palette): string {
  const [first] = changes;
  if (!first) return '';
  const after = first.action === 'after' ? ` (${first.after === undefined ? first.reason : `create after step ${first.after}`})` : '';
  const reason = first.kind === 'HelmRelease' ? ` (${first.reason})` : '';
  return wrap(`${changes.map(({ name }) => name).join(', ')}${after}${reason}`, columns, `  ${sign(first, paint)} ${first.kind.padEnd(KIND_WIDTH)} `, ' '.repeat(KIND_WIDTH + 5));
}

function changeText(change: Change, columns: number, paint: Palette): string {
  const { kind, namespace, name, reason, fields } = change;
  const head = wrap(`${namespace === undefined ? '' : `${namespace}/`}${name}`, columns, `  ${sign(change, paint)} ${kind.padEnd(KIND_WIDTH)} `, ' '.repeat(KIND_WIDTH + 5));
  const why = change.action === 'prune' || kind === 'HelmRelease' ? [wrap(paint.dim(reason), columns, '      ')] : [];
  return [head, ...why, ...fields.map((field) => fieldText(field, columns, paint))].join('\n');
}

/** `image: a → b` on one line where both have room, else each on its own. */
function fieldText({ path: field, from, to, masked }: FieldChange, columns: number, paint: Palette): string {
  if (masked) return wrap(`${field}: ${paint.dim('changed, masked')}`, columns, '      ', '        ');
  const [was, is] = shownBoth(from, to);
  const line = `      ${field}: ${was} → ${is}`;
  if (line.length <= columns) return `      ${field}: ${paint.bad(was)} → ${paint.good(is)}`;
  return [`      ${field}:`, wrap(was, columns, `        ${paint.bad('-')} `), wrap(is, columns, `        ${paint.good('+')} `)].join('\n');
}

/** Both values as one reads them; long ones from shortly before where they part, so that the difference is in sight. */
function shownBoth(from: unknown, to: unknown): [string, string] {
  const [was, is] = [inWords(from), inWords(to)];
  const parting = [...was].findIndex((letter, index) => letter !== is[index]);
  const start = Math.max(was.length, is.length) > LONGEST_VALUE && parting > LONGEST_VALUE - MARGIN ? parting - MARGIN : 0;
  return [cut(was, start), cut(is, start)];
}

function cut(text: string, start: number): string {
  const rest = start > 0 && text.length > start ? `…${text.slice(start)}` : text;
  return rest.length > LONGEST_VALUE ? `${rest.slice(0, LONGEST_VALUE - 1)}…` : rest;
}

function inWords(value: unknown): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? value.replaceAll(/\s+/g, ' ') : JSON.stringify(value);
}

function sign({ action }: Change, { good, warn, bad, dim }: Palette): string {
  return { create: good('+'), change: warn('~'), prune: bad('-'), after: dim('>') }[action];
}

function capacityLines({ capacity: { least, most, nodes, connections } }: PlanResult, columns: number, { dim }: Palette): string[] {
  const asked = `${least.pods} to ${most.pods} pods request ${amount(least)} to ${amount(most)}`;
  const lines = [wrap(asked, columns, `${dim('Capacity')}  `)];
  if (nodes) {
    const range = nodes.least === nodes.most ? String(nodes.count) : `${nodes.count} (${nodes.least} to ${nodes.most})`;
    const source = `${nodes.source}${nodes.asOf === undefined ? '' : `, ${nodes.asOf}`}`;
    lines.push(wrap(`${range} nodes${nodes.size === undefined ? '' : ` ${nodes.size}`} of ${amount(nodes)} each; needed ${between(nodes.needed.least, nodes.needed.most)} ${dim(`(${source})`)}`, columns, '          '));
  }
  if (connections) lines.push(wrap(`${connections.used} connections of the database${connections.limit === undefined ? ', whose limit is not known' : `, which gives ${connections.limit}`}`, columns, '          '));
  return lines;
}

function priceLines({ price, against: { kind } }: PlanResult, columns: number, { dim }: Palette): string[] {
  if (!price) return [];
  const { monthly, hourly, least, most, difference, asOf, currency, items, unknown } = price;
  const range = least === most ? '' : `, ${money(least)} to ${money(most)} by autoscaling`;
  const more = difference === undefined || kind === 'nothing' ? '' : difference === 0 ? '; as much as what is there' : `; ${difference < 0 ? '' : '+'}${money(difference)} a month against what is there`;
  const parts = items.map(({ what, count, monthly: each }) => `${count > 1 ? `${count} × ` : ''}${what} ${each === undefined ? '?' : money(each)}`);
  return [
    wrap(`${money(monthly)} ${currency} a month (${money(hourly)} an hour)${range}${more}`, columns, `${dim('Price')}     `),
    wrap(dim(`${parts.join(', ')}; list of ${asOf}, not confirmed${unknown.length > 0 ? `; no price known of ${unknown.join(', ')}` : ''}`), columns, '          '),
  ];
}

function between(least: number, most: number): string {
  return least === most ? String(least) : `${least} to ${most}`;
}

/** `231`, or `230.90`: an amount as on a bill. */
function money(amount: number): string {
  return Number.isInteger(amount) ? String(amount) : amount.toFixed(2);
}

function countsLine({ changes }: PlanResult, columns: number, { bold }: Palette): string {
  const count = (action: Change['action']): number => changes.filter((change) => change.action === action).length;
  const parts = [`${count('create')} to create`, `${count('change')} to change`, `${count('prune')} to prune`];
  if (count('after') > 0) parts.push(`${count('after')} to create after another step`);
  return wrap(bold(parts.join(', ')), columns, 'In all    ');
}
