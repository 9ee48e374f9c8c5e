import { openLog } from './logs.ts';
import { writeSync } from 'node:fs';

/** The supervisor's own log, in the shape that every process writes. */
export interface Talk {
  info(msg: string, fields?: Record<string, unknown>): void;
  error(msg: string, fields?: Record<string, unknown>): void;
}

/** Writes JSON lines to a file by itself: stdout may lead to a terminal that is gone. */
export function fileTalk(file: string, name: string): Talk {
  const log = openLog(file);
  const say = (level: number) => (msg: string, fields: Record<string, unknown> = {}) => {
    writeSync(log, `${JSON.stringify({ level, time: Date.now(), pid: process.pid, name, ...fields, msg })}\n`);
  };
  return { info: say(30), error: say(50) };
}
