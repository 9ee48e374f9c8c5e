import { pino, type DestinationStream } from 'pino';
import { mask } from './mask.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Write = (fields: Record<string, unknown>, message: string) => void;

/** Fields first, then one plain sentence. Personal data and secrets in the fields are masked (mask.ts), errors go under `err`. */
export interface Logger {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  fatal: Write;
  /** A logger whose lines all carry `fields`, e.g. `{trace_id}`. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LogOptions {
  service: string;
  replica: string;
  level?: LogLevel;
  /** Where the lines go; stdout unless told. */
  destination?: DestinationStream;
}

/** JSON lines in pino's shape: `{level: 30, time: epoch ms, service, replica, …fields, msg}`. */
export function createLogger(options: LogOptions): Logger {
  const destination = options.destination ?? pino.destination({ dest: 1, sync: false });
  const { service, replica, level = 'info' } = options;
  return wrap(pino({ level, base: { service, replica }, serializers: { err: describeError } }, destination));
}

/** A logger that says nothing, for tests and tools. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  child: () => silentLogger,
};

interface Sink {
  isLevelEnabled(level: string): boolean;
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  fatal: Write;
  child(fields: Record<string, unknown>): Sink;
}

/** `root` without fields of its own: pino would write a field that a child says again twice into one line. */
function wrap(root: Sink, bound: Record<string, unknown> = {}): Logger {
  const sink = root.child(bound);
  const at = (level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'): Write => (fields, message) => {
    if (sink.isLevelEnabled(level)) sink[level](mask(fields), message);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => wrap(root, { ...bound, ...mask(fields) }),
  };
}

// Only these: a PostgreSQL error also carries `detail`, which quotes the row's values.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  const cause: unknown = error.cause === undefined ? undefined : describeError(error.cause);
  return { type: error.name, message: error.message, ...(code === undefined ? {} : { code }), ...(cause ? { cause } : {}), stack: error.stack };
}
