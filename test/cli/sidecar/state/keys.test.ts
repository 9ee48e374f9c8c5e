import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originalKey, storedKey } from '../../../../cli/sidecar/state/keys.ts';

const scheme = { store: 'state', appId: 'task-api', prefix: undefined };

describe('state keys', () => {
  it.each([
    [undefined, 'task-api||k'],
    ['appid', 'task-api||k'],
    ['name', 'state||k'],
    ['namespace', 'default.task-api||k'],
    ['none', 'k'],
    ['own', 'own||k'],
  ])('are prefixed by %s as %s', (prefix, stored) => {
    expect(storedKey('k', { ...scheme, prefix })).toBe(stored);
    expect(originalKey(stored)).toBe('k');
  });

  it('cannot hold the separator', () => {
    expect(() => storedKey('a||b', scheme)).toThrow("input key/keyPrefix 'a||b' can't contain '||'");
  });

  it('come back as they were', () => {
    const anyKey = fc.string().filter((key) => !key.includes('||') && !key.startsWith('|'));
    fc.assert(fc.property(anyKey, (key) => {
      expect(originalKey(storedKey(key, scheme))).toBe(key);
    }));
  });
});
