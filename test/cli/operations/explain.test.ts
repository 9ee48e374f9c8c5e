import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../cli/errors/catalogue.ts';
import { explain, listErrors } from '../../../cli/operations/explain.ts';
import { errorListText, explanationText } from '../../../cli/views/explain.ts';

const codes = Object.keys(catalogue);
const plain = { colour: false, columns: 80 };

describe('a code', () => {
  test.each(['TODOCTL_PORT_TAKEN', 'PORT_TAKEN', 'port_taken', 'port-taken', 'todoctl_port_taken'])('is found when it is written %s', (written) => {
    expect(explain(written).code).toBe('TODOCTL_PORT_TAKEN');
  });

  test('whatever its capitals: always the same', () => {
    const any = fc.constantFrom(...codes).chain((code) => fc.array(fc.boolean(), { minLength: code.length, maxLength: code.length }).map((up) => ({ code, written: [...code].map((char, index) => (up[index] ? char.toUpperCase() : char.toLowerCase())).join('') })));
    fc.assert(fc.property(any, ({ code, written }) => {
      expect(explain(written).code).toBe(code);
    }));
  });

  test('that nearly is one: that one is offered; that is nothing like one: none is', () => {
    expect(() => explain('PORT_TAKN')).toThrow(expect.objectContaining({ code: 'TODOCTL_UNKNOWN_CODE', message: 'No error has the code PORT_TAKN', next: ['Did you mean todoctl explain TODOCTL_PORT_TAKEN?'] }) as Error);
    expect(() => explain('xyzzy')).toThrow(expect.objectContaining({ code: 'TODOCTL_UNKNOWN_CODE' }) as Error);
  });

  test.each(['toString', '__proto__', 'constructor', '', 'TODOCTL_'])('%j, which every object has, is none', (written) => {
    expect(() => explain(written)).toThrow(expect.objectContaining({ code: 'TODOCTL_UNKNOWN_CODE' }) as Error);
  });
});

test('the list has every code once, by name', () => {
  const { errors } = listErrors();
  expect(errors.map(({ code }) => code)).toEqual(codes.toSorted());
});

describe('as a person reads it', () => {
  test('one error', () => {
    expect(explanationText(explain('LEFTOVERS'), plain)).toMatchInlineSnapshot(`
      "TODOCTL_LEFTOVERS  Something of the platform is left
      Why   After the teardown processes, ports or files of this environment were
            still found.
      Next  Run todoctl teardown again.
            End what is named above by hand; todoctl does not touch what belongs to
            others.
      Exit  7, something is left over
      "
    `);
  });

  test.each(codes)('%s: no line is wider than 80 columns, unless a word is; and it ends with its exit code', (code) => {
    const text = explanationText(explain(code), plain);
    for (const line of text.split('\n')) if (line.trim().includes(' ')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/\nExit {2}\d+, .+\n$/);
  });

  test('all of them: a line each, in columns', () => {
    const text = errorListText(listErrors(), { colour: false });
    const lines = text.split('\n\n')[0]?.split('\n') ?? [];
    expect(lines).toHaveLength(codes.length);
    expect(new Set(lines.map((line) => /^TODOCTL_\S+ +\d+ {2}/.exec(line)?.[0].length))).toEqual(new Set([Math.max(...codes.map((code) => code.length)) + 7]));
    expect(text).toContain('todoctl explain CODE says why it happens and what to do.');
  });
});
