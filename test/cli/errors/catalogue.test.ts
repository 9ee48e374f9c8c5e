import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue, isErrorCode } from '../../../cli/errors/catalogue.ts';
import { exitMeaning } from '../../../cli/errors/entry.ts';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const areas = path.join(root, 'cli/errors/catalogue');

describe.each(Object.entries(catalogue))('%s', (code, { exit, title, why, next }) => {
  test('is spelt like a code and ends with a known exit code', () => {
    expect(code).toMatch(/^TODOCTL_[A-Z0-9]+(_[A-Z0-9]+)*$/);
    expect(exitMeaning).toHaveProperty(String(exit));
    expect(exit).not.toBe(0);
  });

  test('says what, why and what next, in whole sentences', () => {
    expect(title).toMatch(/^\S.*[^.!\s]$/);
    expect(why).toMatch(/\.$/);
    expect(next.length).toBeGreaterThan(0);
    expect([title, why, ...next].join('\n')).not.toMatch(/\b(TODO|FIXME|undefined)\b/);
  });
});

test('no code stands in two areas', () => {
  const codes = readdirSync(areas).flatMap((file) => [...readFileSync(path.join(areas, file), 'utf8').matchAll(/^ {2}(TODOCTL_\w+):/gm)].map(([, code]) => code));
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  expect(codes.sort()).toEqual(Object.keys(catalogue).sort());
});

test('every code stands in the code somewhere: in quotes, for a comment throws nothing', () => {
  const sources = ['cli', 'bin'].flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }));
  const files = sources.filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name) && entry.parentPath !== areas);
  const used = new Set(files.flatMap((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8').match(/(?<=['"`])TODOCTL_\w+(?=['"`])/g) ?? []));
  expect(Object.keys(catalogue).filter((code) => !used.has(code))).toEqual([]);
});

test('names of Object.prototype are no codes', () => {
  expect(['constructor', '__proto__', 'toString'].map(isErrorCode)).toEqual([false, false, false]);
});

describe('an error', () => {
  test('says what the catalogue says, until more is known', () => {
    expect(new TodoctlError('TODOCTL_INTERRUPTED').toJSON()).toMatchObject({ message: catalogue.TODOCTL_INTERRUPTED.title, details: [] });
    const told = new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Stopped', why: 'Because.', next: ['Go on.'], details: ['here'] });
    expect(told.toJSON()).toEqual({ code: 'TODOCTL_INTERRUPTED', message: 'Stopped', why: 'Because.', next: ['Go on.'], details: ['here'] });
    expect(told.exit).toBe(130);
  });

  test('keeps its cause to itself', () => {
    const error = new TodoctlError('TODOCTL_BUG', { cause: new Error('password=hunter2') });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});
