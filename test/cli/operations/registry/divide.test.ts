import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divide } from '../../../../cli/operations/registry/clean.ts';
import type { StoredTag } from '../../../../cli/providers/registry-keeper.ts';

const stored = (tag: string, digest: string): StoredTag => ({ tag, digest, bytes: 1, updated: '2026-11-21T00:00:00Z' });

test('the tags of an image that is used stay, all of them; the others go', () => {
  const tags = [stored('web-1', 'a'), stored('image-1', 'a'), stored('commit', 'a'), stored('web-0', 'b'), stored('image-0', 'b')];
  const { unused, kept } = divide(tags, ['web-1', 'not-there']);
  expect([unused.map(({ tag }) => tag), kept.map(({ tag }) => tag)]).toEqual([['web-0', 'image-0'], ['web-1', 'image-1', 'commit']]);
  expect(divide(tags, []).kept).toEqual([]);
});

test('whatever is stored and used: each tag is in one part, none that is used goes, and none goes whose image stays', () => {
  const name = fc.stringMatching(/^[a-d]{1,2}$/);
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(name, fc.constantFrom('x', 'y', 'z')), { selector: ([tag]) => tag, maxLength: 12 }), fc.array(name), (pairs, used) => {
    const tags = pairs.map(([tag, digest]) => stored(tag, digest));
    const { unused, kept } = divide(tags, used);
    expect([...unused, ...kept].map(({ tag }) => tag).sort()).toEqual(tags.map(({ tag }) => tag).sort());
    expect(unused.filter(({ tag }) => used.includes(tag))).toEqual([]);
    const staying = new Set(kept.map(({ digest }) => digest));
    expect(unused.filter(({ digest }) => staying.has(digest))).toEqual([]);
    for (const digest of staying) expect(tags.some((one) => one.digest === digest && used.includes(one.tag))).toBe(true);
  }));
});
