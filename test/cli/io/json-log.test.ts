import { beforeEach, describe, expect, test } from 'vitest';
import { isLogLevel, jsonLog, type LogLevel } from '../../../cli/io/json-log.ts';

let lines: string[];
beforeEach(() => { lines = []; });

const logFrom = (level?: LogLevel): ReturnType<typeof jsonLog> => jsonLog({ name: 'broker', write: (line) => lines.push(line), now: () => 123, ...(level ? { level } : {}) });

describe('a log', () => {
  test("is JSON lines in pino's shape, from a level up", () => {
    const log = logFrom('warn');
    log.debug('not');
    log.info('not');
    log.warn('two\nlines', { topic: 't' });
    log.fatal('over');
    expect(lines).toEqual([
      `{"level":40,"time":123,"pid":${process.pid},"name":"broker","topic":"t","msg":"two\\nlines"}\n`,
      `{"level":60,"time":123,"pid":${process.pid},"name":"broker","msg":"over"}\n`,
    ]);
  });

  test('begins at info unless told', () => {
    const log = logFrom();
    log.debug('not');
    log.info('one');
    log.error('two');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ level: 30, msg: 'one' }, { level: 50, msg: 'two' }]);
  });

  test('may have fields on every line; a line’s own come after them, and its message last', () => {
    const log = logFrom().with({ app: 'audit' }).with({ topic: 't' });
    log.info('plain');
    log.info('other', { topic: 'u', msg: 'no' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ app: 'audit', topic: 't', msg: 'plain' }, { app: 'audit', topic: 'u', msg: 'other' }]);
  });
});

test('levels are known by name', () => {
  expect(['trace', 'info', 'fatal', 'loud', 3, 'toString', undefined].map(isLogLevel)).toEqual([true, true, true, false, false, false, false]);
});
