import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignRanges, decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from '../../../../cli/sidecar/kafka/assignment.ts';

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

describe('what members of a group tell each other', () => {
  it('comes through', () => {
    fc.assert(fc.property(names, (topics) => {
      expect(decodeSubscription(encodeSubscription(topics))).toEqual(topics);
    }));
    const partitions = [{ topic: 'a', partition: 0 }, { topic: 'b', partition: 2 }, { topic: 'a', partition: 1 }];
    expect(decodeAssignment(encodeAssignment(partitions))).toEqual([partitions[0], partitions[2], partitions[1]]);
  });

  it('may be nothing at all', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });

  it('is what Kafka\'s own clients write', () => {
    // version 0, one topic "t", no user data
    expect(encodeSubscription(['t']).toString('hex')).toBe('0000' + '00000001' + '0001' + '74' + 'ffffffff');
    // version 0, topic "t" with partitions 0 and 1, no user data
    expect(encodeAssignment([{ topic: 't', partition: 0 }, { topic: 't', partition: 1 }]).toString('hex')).toBe('0000' + '00000001' + '0001' + '74' + '00000002' + '00000000' + '00000001' + 'ffffffff');
  });
});

describe('the range strategy', () => {
  it('gives neighbours to each member, the first ones one more', () => {
    const assigned = assignRanges([{ member: 'm2', topics: ['t'] }, { member: 'm1', topics: ['t'] }, { member: 'm3', topics: ['t'] }], new Map([['t', 7]]));
    const of = (member: string): number[] | undefined => assigned.get(member)?.map(({ partition }) => partition);
    expect([of('m1'), of('m2'), of('m3')]).toEqual([[0, 1, 2], [3, 4], [5, 6]]);
  });

  it('gives a topic only to those who want it, and one that is not there to nobody', () => {
    const assigned = assignRanges([{ member: 'm1', topics: ['a', 'gone'] }, { member: 'm2', topics: ['b'] }], new Map([['a', 1], ['b', 1]]));
    expect(Object.fromEntries(assigned)).toEqual({ m1: [{ topic: 'a', partition: 0 }], m2: [{ topic: 'b', partition: 0 }] });
  });

  it('gives every wanted partition to exactly one member, and never more than one above a fair share', () => {
    const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(members, fc.nat(20), (ids, count) => {
      const assigned = assignRanges(ids.map((member) => ({ member, topics: ['t'] })), new Map([['t', count]]));
      const all = [...assigned.values()].flat().map(({ partition }) => partition);
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      const sizes = [...assigned.values()].map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }));
  });
});
