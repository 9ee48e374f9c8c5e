import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lex } from '../../../../cli/render/chart/lexer.ts';
import { refused } from '../../../support/chart.ts';

function lexed(text: string): unknown[] {
  return lex({ name: 'sample/templates/a.yaml', text }).map((piece) => ('text' in piece ? piece.text : piece.tokens.map(({ kind, text: said }) => (kind === said ? kind : `${kind} ${said}`))));
}

test('text stays as it is, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }).filter((text) => !text.includes('{{')), (text) => {
      expect(lexed(text)).toEqual(text === '' ? [] : [text]);
    }),
  );
});

test('every kind of token', () => {
  expect(lexed('{{ $x, $ := .a.b | call "s\\n" `r` 1 -2 1.5 . (true) = }}')).toEqual([
    ['variable $x', ',', 'variable $', ':=', 'field a', 'field b', '|', 'word call', 'string s\n', 'string r', 'number 1', 'number -2', 'number 1.5', 'dot .', '(', 'word true', ')', '='],
  ]);
});

test('tokens know where they are, and whether a space stands before them', () => {
  const [piece] = lex({ name: 'x', text: 'ab{{ .a.b .c }}'.slice(2) });
  expect(piece).toMatchObject({
    at: 0,
    end: 13,
    tokens: [
      { text: 'a', at: 3, spaced: true },
      { text: 'b', at: 5, spaced: false },
      { text: 'c', at: 8, spaced: true },
    ],
  });
});

describe('white space', () => {
  test.each([
    ['a \n{{- 1 -}}\t b', ['a', ['number 1'], 'b']],
    ['a {{ 1 }} b', ['a ', ['number 1'], ' b']],
    ['a {{-1 }} b', ['a ', ['number -1'], ' b']],
    ['{{ 1 -}}\n\n{{- 2 }}', [['number 1'], ['number 2']]],
    ['a{{ "}}" }}b', ['a', ['string }}'], 'b']],
  ])('%j', (text, pieces) => {
    expect(lexed(text)).toEqual(pieces);
  });
});

describe('comments', () => {
  test.each([
    ['a {{/* b */}} c', ['a ', ' c']],
    ['a {{- /* b\n}} */ -}} c', ['a', 'c']],
    ['a {{/* b */ -}} c', ['a ', 'c']],
  ])('%j', (text, pieces) => {
    expect(lexed(text)).toEqual(pieces);
  });
});

describe('what is refused, and where', () => {
  test.each([
    ['a\n  {{ .a', 'an action is not closed with }}', '2:3'],
    ['a\n  {{ .a # }}', '"#" is not known here', '2:9'],
    ['{{ "a\nb" }}', 'is not known here', '1:4'],
    ['{{ "\\q" }}', 'is not a text that Go reads', '1:4'],
    ["{{ 'a' }}", 'is not known here', '1:4'],
    ['{{/* a */ b }}', 'is not known here', '1:3'],
    ['{{/* a }}', 'is not known here', '1:3'],
  ])('%j', (text, message, place) => {
    const said = refused(() => lexed(text));
    expect(said.message).toContain(message);
    expect(said.details).toEqual([`charts/sample/templates/a.yaml:${place}`]);
  });
});
