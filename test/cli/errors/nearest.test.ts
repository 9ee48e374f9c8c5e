import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../../cli/errors/nearest.ts';

const names = ['deploy', 'status', 'logs', 'teardown', 'events tail', 'env'];

test.each([
  ['deplyo', 'deploy'],
  ['statsu', 'status'],
  ['DEPLOY', 'deploy'],
  ['log', 'logs'],
  ['tear-down', 'teardown'],
  ['event tail', 'events tail'],
  ['environment', 'env'],
  ['tear', 'teardown'],
])('%s means %s', (wrong, right) => {
  expect(nearest(wrong, names)).toBe(right);
});

test.each(['', 'x', 'kubernetes', 'wq'])('%j means none of them', (wrong) => {
  expect(nearest(wrong, names)).toBeUndefined();
});

test('a name is nearest to itself', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, selector: (name) => name.toLowerCase() }), fc.nat(), (all, pick) => {
    const name = all[pick % all.length] as string;
    expect(nearest(name, all)).toBe(name);
  }));
});

test('one slip is forgiven: a letter dropped, doubled or swapped', () => {
  const slips = fc.tuple(fc.constantFrom('teardown', 'task-events', 'partitions'), fc.nat({ max: 6 }), fc.constantFrom('drop', 'double', 'swap'));
  fc.assert(
    fc.property(slips, ([name, at, slip]) => {
      const [a = '', b = ''] = [name[at], name[at + 1]];
      const middle = { drop: b, double: a + a + b, swap: b + a }[slip];
      expect(nearest(name.slice(0, at) + middle + name.slice(at + 2), ['teardown', 'task-events', 'partitions'])).toBe(name);
    }),
  );
});
