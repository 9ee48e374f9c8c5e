import type { Io } from '../io/io.ts';
import type { LogLine } from '../targets/target.ts';
import { palette } from '../ui/palette.ts';

/** pino's names of its levels. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
/** What daprd calls its levels. */
const NAMED: Readonly<Record<string, number>> = { debug: 20, info: 30, warning: 40, warn: 40, error: 50, fatal: 60 };
/** Said by the prefix already, or of no use to a reader. */
const DROPPED = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'service', 'replica', 'app_id', 'instance', 'type', 'ver']);

/** One line of a process for a person: when, who, how grave, what, and the fields after it. Other lines stay as they are. */
export function logLineText({ process, text }: LogLine, io: Pick<Io, 'colour'>, width: number): string {
  const { dim, bad, warn } = palette(io);
  const who = process.padEnd(width);
  const line = parse(text);
  if (!line) return `${dim(' '.repeat(12))} ${who}       ${text}\n`;
  const level = LEVELS[line.level] ?? String(line.level);
  const paint = line.level >= 50 ? bad : line.level >= 40 ? warn : dim;
  const fields = Object.entries(line).filter(([name]) => !DROPPED.has(name)).map(([name, value]) => `${name}=${fieldText(value)}`);
  return `${dim(clock(line.time))} ${who} ${paint(level.padEnd(5))} ${line.msg ?? ''}${fields.length > 0 ? ` ${dim(fields.join(' '))}` : ''}\n`;
}

/** The same for a program: the line's own fields with the process in front, or `{process, msg}` for what is no JSON. */
export function logLineJson({ process, text }: LogLine): string {
  return `${JSON.stringify({ process, ...(parse(text) ?? { msg: text }) })}\n`;
}

interface PinoLine extends Record<string, unknown> {
  level: number;
  time: number;
  msg?: string;
}

function parse(text: string): PinoLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    const level = typeof line['level'] === 'string' ? NAMED[line['level']] : line['level'];
    const time = typeof line['time'] === 'string' ? Date.parse(line['time']) : line['time'];
    return typeof level === 'number' && typeof time === 'number' && Number.isFinite(time) ? { ...line, level, time } : undefined;
  } catch {
    return undefined;
  }
}

/** Local time, without the day: logs are read where they are made. */
function clock(time: number): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[^\s="]+$/.test(value) ? value : JSON.stringify(value);
}
