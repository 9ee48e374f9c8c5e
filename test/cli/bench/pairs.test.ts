import { describe, expect, test } from 'vitest';
import { figureOf, interleave, median } from '../../bench/pairs.ts';
import { report } from '../../bench/report.ts';

describe('median', () => {
  test.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  test('of nothing is not a number', () => expect(median([])).toBeNaN());
});

describe('interleave', () => {
  test('runs subject and reference in turn, and changes who goes first', async () => {
    const order: string[] = [];
    const times = await interleave({
      pairs: 3,
      subject: async () => order.push('s'),
      reference: async () => order.push('r'),
    });
    expect(order.join('')).toBe('rssrrs');
    expect(times).toEqual({ subject: [2, 3, 6], reference: [1, 4, 5] });
  });

  test('a failing run fails the bench', async () => {
    await expect(interleave({ pairs: 1, subject: () => Promise.reject(new Error('ended with 1')), reference: async () => 1 })).rejects.toThrow('ended with 1');
  });
});

describe('a figure', () => {
  const what = { name: 'x', reference: 'y', goal: '≤ 2', meets: (ratio: number) => ratio <= 2 };

  test('of times is subject by reference, pair by pair', () => {
    const figure = figureOf({ ...what, as: 'time' }, { subject: [10, 30, 20], reference: [10, 10, 10] });
    expect(figure).toMatchObject({ ratio: 2, spread: [1, 3], pairs: 3, met: true, subjectMs: 20, referenceMs: 10 });
  });

  test('of rates is the inverse: who needs half the time has twice the rate', () => {
    const figure = figureOf({ ...what, goal: '≥ 2', meets: (ratio) => ratio >= 2, as: 'rate' }, { subject: [5, 5, 5], reference: [10, 20, 5] });
    expect(figure).toMatchObject({ ratio: 2, spread: [1, 4], met: true });
  });

  test('in the report says whether the goal is met', () => {
    const figure = figureOf({ ...what, as: 'time' }, { subject: [1500], reference: [500] });
    expect(report([figure], { node: 'v26', cpus: 2, date: '2026-01-01' })).toContain('| x | y | ≤ 2 | **3.00** | 3.00–3.00 | 1 | 1.50 s / 500 ms | no |');
  });
});
