import { expect, test } from 'vitest';
import { isNeeded, withNeeds } from '../../../cli/engine/graph.ts';
import { pace } from '../../../cli/engine/pace.ts';
import { Releases } from '../../../cli/engine/releases.ts';
import { thing } from './stage.ts';

test('the pace slows down from 10 ms to 2 s and stays there', () => {
  const paces = Array.from({ length: 60 }, (_, attempt) => pace(attempt));
  expect(paces[0]).toBe(10);
  expect(paces.at(-1)).toBe(2000);
  expect(paces).toEqual([...paces].sort((a, b) => a - b));
});

test('withNeeds finds what nobody listed, needs first', () => {
  const a = thing('a');
  const b = thing('b', { needs: [a] });
  const c = thing('c', { needs: [b, a] });
  expect(withNeeds([c]).map((step) => step.id)).toEqual(['a', 'b', 'c']);
});

test('isNeeded sees through others, and in a dense graph without taking for ever', () => {
  const layers = [thing('0')];
  for (let index = 1; index < 60; index++) layers.push(thing(String(index), { needs: layers.slice(-10) }));
  const [first, last] = [layers[0], layers.at(-1)];
  if (!first || !last) throw new Error('no layers');
  expect(isNeeded(last, first)).toBe(true);
  expect(isNeeded(first, last)).toBe(false);
});

test('releases go last in, first out, and a failure is returned, not thrown', async () => {
  const log: string[] = [];
  const releases = new Releases();
  releases.add(async () => void log.push('first'));
  releases.add(() => Promise.reject(new Error('no')));
  releases.add(async () => void log.push('last'));
  expect(await releases.all()).toEqual([new Error('no')]);
  expect(log).toEqual(['last', 'first']);
  expect(await releases.all()).toEqual([]);
});
