import fc from 'fast-check';
import { readableKey } from '../../../support/json-values.ts';

// Words and signs that YAML, Go or both take for something special; and every kind of character.
const SPECIAL = [
  '', ' ', '  ', '\n', '\t', ':', ': ', ' #', '#', '- ', '-', '---', '...', '?', '? ', '"', "'", '\\', '{', '}', '[', ']', ',', '&', '*', '!', '|', '>', '%', '@', '`', '~', '=', '<<',
  'y', 'N', 'yes', 'No', 'ON', 'off', 'true', 'False', 'null', 'Null', '.nan', '.inf', '-.Inf', '0', '-0', '1', '+1', '007', '08', '0o7', '0x1F', '0b11', '1_000', '1.5', '.5', '1.', '1e3', '1E-3', '1:30', '12:30:45', '-1:2',
  '2026-11-21', '2026-1-2', '2026-13-01', '2026-02-30', '2026-11-21T10:00:00Z', '2026-11-21 10:00:00', '2026-11-21t1:2:3.5+02:00', 'E0', '1e', 'a', 'word', 'a longer word', 'ü', 'é', '漢', '😀', '\u00ad', '\u200b', '\u00a0', '\u0007', '\ue000', '\u0000', '\r',
];

/** What Helm's `toYaml` does not give back, and ours refuses. */
const LOST = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

// From blocks that are long complete: which of the newer characters can be seen, Go and Node know of different years.
const character = fc
  .oneof(...([[0, 0x7ff], [0x2000, 0x2064], [0x4e00, 0x9fef], [0xe000, 0xf8ff], [0x1f600, 0x1f640]] as const).map(([min, max]) => fc.integer({ min, max })))
  .map((code) => String.fromCodePoint(code));
const text = fc.oneof(
  fc.constantFrom(...SPECIAL, '9223372036854775807', '9223372036854775808', '18446744073709551615', '18446744073709551616', '-9223372036854775808'),
  fc.array(fc.constantFrom(...SPECIAL), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom('some', 'words', 'that', 'make', 'a', 'long', 'line', ' ', 'it\'s', '"so"', 'ü'), { minLength: 15, maxLength: 60 }).map((parts) => parts.join(' ')),
  fc.string({ unit: character }).filter((drawn) => !LOST.test(drawn)),
);
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1e6, 123456, 1234567, 1e20, 1e21, 1e-4, 1e-5, 1e-7, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 63)));
const key = fc.oneof(fc.stringMatching(/^[a-z0-9./_-]{0,12}$/), fc.constantFrom(...SPECIAL).filter((drawn) => !/[\n\r]/.test(drawn) && readableKey(drawn)));

/** Anything that a values file can hold, and above all what is easily written wrong. */
export const yamlValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
