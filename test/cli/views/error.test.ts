import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { errorText } from '../../../cli/views/error.ts';

const plain = { colour: false, columns: 80 };
const long = 'Every word of this sentence is needed to make it longer than a line of eighty columns, which it now is.';

test('what, where, why, what next, and the code', () => {
  const error = new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Stopped by you', details: ['after 3 of 7 steps'] });
  expect(errorText(error, plain)).toMatchInlineSnapshot(`
    "Error Stopped by you
          after 3 of 7 steps
    Why   Ctrl-C (or SIGTERM) asked todoctl to stop. Changes that were under way
          were finished, nothing new was started.
    Next  Run the same command again: it goes on from what it finds.
    Code  TODOCTL_INTERRUPTED (todoctl explain TODOCTL_INTERRUPTED)
    "
  `);
});

describe('the page', () => {
  const error = new TodoctlError('TODOCTL_USAGE', { message: long, why: long, next: [long, long], details: [long, `  ${long}`] });

  test.each([40, 60, 80, 100])('fits into %i columns', (columns) => {
    const lines = errorText(error, { colour: false, columns }).trimEnd().split('\n');
    for (const line of columns < 60 ? lines.slice(0, -1) : lines) expect(line.length, line).toBeLessThanOrEqual(columns);
  });

  test('is never wider than is good to read', () => {
    for (const line of errorText(error, { colour: false, columns: 300 }).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('of a long code has the hint on a line of its own', () => {
    const { code } = new TodoctlError('TODOCTL_DIGITALOCEAN_DATABASE_UNKNOWN');
    expect(errorText(new TodoctlError(code), plain)).toContain(`Code  ${code}\n      (todoctl explain ${code})\n`);
    expect(errorText(new TodoctlError(code), { colour: false, columns: 100 })).toContain(`Code  ${code} (todoctl explain ${code})\n`);
  });

  test('what hangs below a detail stays below it', () => {
    const { details, ...rest } = { details: ['todoctl.yaml:3:5 TODOCTL_BAD', '  partitions is a number'], next: ['Go on.'], why: 'Because.' };
    const lines = errorText(new TodoctlError('TODOCTL_USAGE', { ...rest, details }), plain).split('\n');
    expect(lines.slice(1, 3)).toEqual(['      todoctl.yaml:3:5 TODOCTL_BAD', '        partitions is a number']);
  });
});

test('where a caret points at something, lines are not broken', () => {
  const where = `data.priority=high and ${'data.tags=x and '.repeat(6)}!`;
  const error = new TodoctlError('TODOCTL_USAGE', { details: [where, `${' '.repeat(where.length - 1)}^`] });
  const lines = errorText(error, plain).split('\n');
  expect(lines.slice(1, 3)).toEqual([`      ${where}`, `      ${' '.repeat(where.length - 1)}^`]);
});

test('colours mark the parts and change no word', () => {
  const error = new TodoctlError('TODOCTL_USAGE', { details: ['here'] });
  const coloured = errorText(error, { colour: true, columns: 80 });
  expect(coloured).toContain('\u001b[31mError\u001b[39m');
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(errorText(error, plain));
});
