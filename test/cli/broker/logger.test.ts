import { describe, expect, it } from 'vitest';
import { createLog, isLogLevel } from '../../../cli/broker/logger.ts';

describe("the broker's log", () => {
  it("is JSON lines in pino's shape, from a level up", () => {
    const lines: string[] = [];
    const log = createLog('warn', (line) => lines.push(line), () => 123);
    log.debug('not');
    log.info('not');
    log.warn('two\nlines', { topic: 't' });
    log.fatal('over');
    expect(lines).toEqual([
      '{"level":40,"time":123,"name":"broker","msg":"two\\nlines","topic":"t"}\n',
      '{"level":60,"time":123,"name":"broker","msg":"over"}\n',
    ]);
  });

  it('knows its levels', () => {
    expect([isLogLevel('info'), isLogLevel('loud'), isLogLevel(3), isLogLevel('toString')]).toEqual([true, false, false, false]);
  });
});
