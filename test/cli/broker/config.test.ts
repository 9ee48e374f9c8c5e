import { describe, expect, it } from 'vitest';
import { InvalidBrokerConfig, parseConfig } from '../../../cli/broker/config.ts';

const right = { host: '127.0.0.1', port: 0, dataDir: '/data', clusterId: 'c' };

describe("the broker's config file", () => {
  it('is taken as it is when it is right', () => {
    const whole = { ...right, logLevel: 'warn', segmentBytes: 4096, flush: 'every-write', retentionCheckMs: 100 };
    expect(parseConfig(JSON.stringify(right))).toEqual(right);
    expect(parseConfig(JSON.stringify(whole))).toEqual(whole);
    expect(parseConfig(JSON.stringify({ ...right, flush: 50 }))).toMatchObject({ flush: 50 });
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('binds loopback: %s', (host) => {
    expect(parseConfig(JSON.stringify({ ...right, host })).host).toBe(host);
  });

  it.each([
    ['not JSON', '{', /not JSON/],
    ['not an object', '[]', /an object/],
    ['a public address', { host: '0.0.0.0' }, /no authentication/],
    ['a name that could be anywhere', { host: 'example.com' }, /host/],
    ['no port', { port: undefined }, /port/],
    ['a port that is none', { port: 70_000 }, /port/],
    ['no data directory', { dataDir: '' }, /dataDir/],
    ['no cluster id', { clusterId: undefined }, /clusterId/],
    ['an unknown log level', { logLevel: 'loud' }, /logLevel/],
    ['tiny segments', { segmentBytes: 10 }, /segmentBytes/],
    ['a flush that is none', { flush: 'sometimes' }, /flush/],
    ['a flush of no time', { flush: 0 }, /flush/],
    ['retention that never sleeps', { retentionCheckMs: 0 }, /retentionCheckMs/],
  ])('is refused with %s', (_, given, why) => {
    const text = typeof given === 'string' ? given : JSON.stringify({ ...right, ...given });
    expect(() => parseConfig(text)).toThrow(InvalidBrokerConfig);
    expect(() => parseConfig(text)).toThrow(why);
  });
});
