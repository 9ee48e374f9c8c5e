import type { Writable } from 'node:stream';

export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void;

const LEVELS = { info: 30, warn: 40, error: 50 } as const;

/** JSON lines in pino's shape, without pino: the gateway says little and starts before everything else. */
export function createLog(out: Writable, now: () => number): Log {
  return (level, message, fields = {}) => void out.write(`${JSON.stringify({ level: LEVELS[level], time: now(), name: 'gateway', ...fields, msg: message })}\n`);
}
