import type { Io } from '../io/io.ts';
import type { CostLine, CostResult } from '../operations/cost.ts';
import { palette } from '../ui/palette.ts';

/** A bill: each line with who says so and when, and the sums. */
export function costText({ environment, lines, monthly, hourly, weekend, unknown }: CostResult, io: Pick<Io, 'colour'>): string {
  const { bold, dim, warn } = palette(io);
  if (lines.length === 0) return `${bold(environment)} costs nothing that todoctl knows of\n`;
  const rows = lines.map((line) => [`${line.what}${line.shared ? ', for all environments' : ''}`, money(line.monthly)]);
  const total = ['all of it', money(monthly)];
  const widths = [0, 1].map((column) => Math.max(...[...rows, total].map((row) => (row[column] ?? '').length)));
  const row = ([what = '', price = '']: readonly string[]): string => `  ${what.padEnd(widths[0] ?? 0)}  ${price.padStart(widths[1] ?? 0)}`;
  const notes = sources(lines);
  return `${[
    `${bold(environment)} ${dim('a month, USD')}`,
    ...rows.map((cells, index) => `${row(cells)}${markOf(lines[index], notes)}`),
    bold(row(total)),
    '',
    `  ${hourly.toFixed(4)} an hour, ${money(weekend)} from Friday 18:00 to Monday 08:00`,
    ...(unknown.length > 0 ? [warn(`  no price is known of ${unknown.join(', ')}`)] : []),
    ...notes.map((note, index) => dim(`  ${index + 1} ${note}`)),
  ].join('\n')}\n`;
}

/** Each source once, in the order of the lines. */
function sources(lines: readonly CostLine[]): string[] {
  return [...new Set(lines.flatMap(({ source, asOf }) => (source === undefined ? [] : [noteOf(source, asOf)])))];
}

function markOf(line: CostLine | undefined, notes: readonly string[]): string {
  return line?.source === undefined ? '' : `  ${notes.indexOf(noteOf(line.source, line.asOf)) + 1}`;
}

function noteOf(source: string, asOf = ''): string {
  return `${source}, ${asOf}`;
}

function money(amount: number | undefined): string {
  return amount === undefined ? '?' : amount.toFixed(2);
}
