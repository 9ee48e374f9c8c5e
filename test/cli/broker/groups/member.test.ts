import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseProtocol, sameProtocols } from '../../../../cli/broker/groups/member.ts';

const knows = (...names: string[]): { protocols: { name: string; metadata: Buffer }[] } => ({ protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })) });

describe('the protocol of a group', () => {
  it.each([
    ['the only one of one member', [knows('range')], 'range'],
    ['one that everybody knows', [knows('sticky', 'range'), knows('range')], 'range'],
    ['what most like best', [knows('a', 'b'), knows('b', 'a'), knows('b', 'a')], 'b'],
    ["the first member's favourite between equals", [knows('a', 'b'), knows('b', 'a')], 'a'],
    ['none when they share none', [knows('a'), knows('b')], undefined],
    ['none without members', [], undefined],
  ])('is %s', (_, members, chosen) => {
    expect(chooseProtocol(members)).toBe(chosen);
  });

  it('is always known to all', () => {
    const some = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 6 }), (drawn) => {
        const members = drawn.map((names) => knows(...names));
        const chosen = chooseProtocol(members);
        const shared: string[] = (['a', 'b', 'c', 'd'] as const).filter((name) => drawn.every((names) => names.includes(name)));
        expect(chosen === undefined ? shared.length : shared.includes(chosen)).toBe(chosen === undefined ? 0 : true);
      }),
    );
  });
});

describe('two offers', () => {
  it('are the same when names, order and metadata are', () => {
    expect(sameProtocols(knows('a', 'b').protocols, knows('a', 'b').protocols)).toBe(true);
    expect(sameProtocols(knows('a', 'b').protocols, knows('b', 'a').protocols)).toBe(false);
    expect(sameProtocols(knows('a').protocols, knows('a', 'b').protocols)).toBe(false);
    expect(sameProtocols(knows('a').protocols, [{ name: 'a', metadata: Buffer.from('other') }])).toBe(false);
  });
});
