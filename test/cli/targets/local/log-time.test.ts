import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineTime } from '../../../../cli/targets/local/log-time.ts';

const AT = Date.UTC(2026, 10, 21, 9, 5, 7, 42);

test.each([
  ['a JSON line of pino', `{"level":30,"time":${AT},"msg":"x"}`],
  ['a JSON line of daprd, with its own zone', '{"app_id":"audit","time":"2026-11-21T10:05:07.042+01:00","level":"info"}'],
  ['a line of PostgreSQL', '2026-11-21 09:05:07.042 UTC LOG:  ready'],
  ['a line of PostgreSQL that says GMT', '2026-11-21 09:05:07.042 GMT LOG:  ready'],
])('%s has its time', (_, line) => {
  expect(lineTime(line)).toBe(AT);
});

describe('no time', () => {
  test.each(['', 'plain words', '\tat Module._compile', '{"level":30,"msg":"x"}', '{"time":"yesterday"}', '{"time":""}', '2026-13-45 99:99:99.999 UTC LOG: x', '2026-11-21 09:05:07 UTC', '{"time":12}'])('in %j', (line) => {
    expect(lineTime(line)).toBeUndefined();
  });

  test('is ever a number that nothing could be sorted by', () => {
    const line = fc.oneof(fc.string(), fc.string().map((time) => JSON.stringify({ time })), fc.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC/));
    fc.assert(fc.property(line, (text) => {
      expect(lineTime(text)).not.toBeNaN();
    }));
  });
});
