import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../cli/definition/duration.ts';
import { bytesOf, parseSize, wholeGibibytes } from '../../../cli/definition/size.ts';

describe('durations', () => {
  test.each([
    ['0s', 0],
    ['500ms', 500],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '7', 'd', '7 d', '-7d', '1.5h', '7D', '7days', '7d ', '\n7d', '9999999999d', '٣d'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('whatever is formatted is parsed back', () => {
    fc.assert(fc.property(fc.nat({ max: 999_999_999 }), fc.constantFrom(1, 1000, 60_000), (count, unit) => parseDuration(formatDuration(count * unit)) === count * unit));
  });

  test('and is written in its largest whole unit', () => {
    expect([0, 1, 1000, 90_000, 3_600_000, 604_800_000].map(formatDuration)).toEqual(['0ms', '1ms', '1s', '90s', '1h', '7d']);
  });
});

describe('sizes', () => {
  test.each([
    ['0B', 0],
    ['1kB', 1000],
    ['1KiB', 1024],
    ['512MiB', 536_870_912],
    ['10GB', 10_000_000_000],
    ['2TiB', 2_199_023_255_552],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each([
    ['0B', 0],
    ['1B', 1],
    ['512MiB', 1],
    ['10GB', 10],
    ['10GiB', 10],
    ['2TiB', 2048],
  ])('a volume that holds %s has %i GiB', (text, gibibytes) => {
    expect(wholeGibibytes(text)).toBe(gibibytes);
  });

  test('whoever asks for the bytes of no size has made a mistake', () => {
    expect(bytesOf('1kB')).toBe(1000);
    expect(() => bytesOf('much')).toThrow(new RangeError('not a size: much'));
  });

  test.each(['', '10', '10 GB', '10gb', '1.5GiB', '-1B', 'GiB', '1KB', '9999999999B', '999999999TiB'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});
