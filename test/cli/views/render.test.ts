// What render says, for a person at 80 columns.
import { describe, expect, test } from 'vitest';
import type { RenderResult } from '../../../cli/operations/render/render.ts';
import { checkTalk, checkText, renderText } from '../../../cli/views/render.ts';

const io = { colour: false, columns: 80 };
const systems = ['namespaces', 'kafka', 'postgres', 'dapr', 'monitoring', 'tracing', 'terraform', 'compose', 'certificates', 'autoscaling'];
const result = (differences: [string, 'added' | 'changed' | 'removed'][] = []): RenderResult => ({
  environment: 'prod',
  folder: '/home/me/todo/rendered/prod',
  files: systems.map((system) => ({ path: `${system}.yaml`, system })),
  differences: differences.map(([path, is]) => ({ path, is, diff: `--- ${path}\n` })),
});
const cwd = '/home/me/todo';

describe('what was written', () => {
  test('nothing, in lines that fit', () => {
    expect(renderText(result(), cwd, io)).toBe(`Rendered  prod to rendered/prod (nothing had to change)
Files     namespaces 1, kafka 1, postgres 1, dapr 1, monitoring 1, tracing 1,
          terraform 1, compose 1, certificates 1, autoscaling 1
`);
  });

  test('what was removed is not counted as written', () => {
    const text = renderText(result([['a', 'added'], ['b', 'changed'], ['c', 'removed']]), cwd, io);
    expect(text.split('\n')[0]).toBe('Rendered  prod to rendered/prod (2 of 10 written, 1 removed)');
  });

  test('a folder that is elsewhere is told whole', () => {
    expect(renderText(result(), '/home/me/other', io)).toMatch(/^Rendered {2}prod to \/home\/me\/todo\/rendered\/prod /);
    expect(renderText(result(), '/home/me/todo/rendered/prod', io)).toMatch(/^Rendered {2}prod to \/home\/me\/todo\/rendered\/prod /);
  });
});

describe('what is checked', () => {
  test('a folder that is up to date', () => {
    expect(checkText(result(), cwd, io)).toBe('Up to date  rendered/prod has prod as it is defined, 10 files\n');
    expect(checkTalk(result(), cwd)).toBe('');
  });

  test('differences are data; how many there are is talk', () => {
    const different = result([['a', 'added'], ['b', 'added'], ['c', 'removed']]);
    expect(checkText(different, cwd, io)).toBe('--- a\n--- b\n--- c\n');
    expect(checkTalk(different, cwd)).toBe('rendered/prod is not prod as it is defined: 2 to add, 1 to remove. todoctl render without --check does it.\n');
  });
});
