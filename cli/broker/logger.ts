const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type LogLevel = keyof typeof LEVELS;

type Fields = Record<string, unknown>;
/** One function per level: a message and what goes with it. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>>;

export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value);
}

/** JSON lines in pino's shape. Not pino: importing it takes as long as the rest of this broker's start. */
export function createLog(least: LogLevel, write: (line: string) => void, now: () => number): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}): void => {
      if (LEVELS[level] < LEVELS[least]) return;
      write(`${JSON.stringify({ level: LEVELS[level], time: now(), name: 'broker', msg: message, ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}
