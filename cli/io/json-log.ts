const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type LogLevel = keyof typeof LEVELS;

type Write = (message: string, fields?: object) => void;

/** One function per level: a message and what goes with it. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** The same log with fields that stand on every line. */
  with(fields: object): Log;
}

export interface LogGiven {
  /** Which process this is. */
  name: string;
  /** Takes a whole line, with its end. */
  write: (line: string) => unknown;
  /** Lines below it are left out; `info` unless told. */
  level?: LogLevel;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value);
}

/**
 * JSON lines in pino's shape: `{"level":30,"time":…,"pid":…,"name":"broker",…fields,"msg":"…"}`. Not pino: importing it takes as
 * long as the rest of the start of the processes that write this.
 */
export function jsonLog(given: LogGiven): Log {
  return logWith(given, {});
}

function logWith(given: LogGiven, always: object): Log {
  const { name, write, level: least = 'info', now = Date.now } = given;
  const at =
    (level: LogLevel): Write =>
    (message, fields) => {
      if (LEVELS[level] < LEVELS[least]) return;
      write(`${JSON.stringify({ level: LEVELS[level], time: now(), pid: process.pid, name, ...always, ...fields, msg: message })}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    with: (fields) => logWith(given, { ...always, ...fields }),
  };
}
