import { describe, expect, it } from 'vitest';
import { changeConfig, defaultConfig, InvalidConfig, SETTINGS } from '../../../cli/broker/topic-config.ts';

describe("a topic's settings", () => {
  it('are parsed, and go back to their default with null', () => {
    const set = changeConfig({}, [['retention.ms', '60000'], ['cleanup.policy', 'delete'], ['retention.bytes', '-1']]);
    expect(set).toEqual({ 'retention.ms': 60_000, 'cleanup.policy': 'delete', 'retention.bytes': -1 });
    expect(changeConfig(set, [['retention.ms', null]])).toEqual({ 'cleanup.policy': 'delete', 'retention.bytes': -1 });
  });

  it('are not changed where they stand', () => {
    const set = { 'retention.ms': 5 };
    changeConfig(set, [['retention.ms', '6']]);
    expect(set).toEqual({ 'retention.ms': 5 });
  });

  it('take the largest 64-bit number as for ever', () => {
    expect(changeConfig({}, [['retention.ms', '9223372036854775807']])).toEqual({ 'retention.ms': Number.MAX_SAFE_INTEGER });
  });

  it.each([
    ['retention.ms', 'soon', /whole number of at least -1/],
    ['retention.ms', '1.5', /whole number/],
    ['retention.ms', '-2', /at least -1/],
    ['retention.ms', '99999999999999999999', /whole number/],
    ['segment.bytes', '4294967296', /whole number/],
    ['segment.ms', '0', /at least 1/],
    ['cleanup.policy', 'compact', /does not compact/],
    ['min.insync.replicas', '2', /does not know min.insync.replicas; it knows retention.ms, /],
  ])('refuse %s=%s', (name, value, why) => {
    expect(() => changeConfig({}, [[name, value]])).toThrow(InvalidConfig);
    expect(() => changeConfig({}, [[name, value]])).toThrow(why);
  });

  it('have a default and a line of documentation each', () => {
    expect(Object.keys(defaultConfig()).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(defaultConfig(4096)['segment.bytes']).toBe(4096);
  });
});
