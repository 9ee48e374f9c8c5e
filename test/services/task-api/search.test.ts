import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchForm, searchText } from '../../../services/task-api/search.ts';

const text = (title: string, description = '', tags: string[] = []) => searchText({ title, description, tags });

describe('a text search', () => {
  test.each([
    ['another case', 'Wäsche waschen', 'WÄSCHE'],
    ['Greek', 'Ὀδυσσεύς', 'ὈΔΥΣΣ'],
    ['the two small sigmas', 'Ὀδυσσεύς', 'ὀδυσς'],
    ['the sharp s, which has no capital of old', 'Straße fegen', 'STRASSE'],
    ['Cyrillic', 'Позвонить маме', 'МАМЕ'],
    ['a letter with its mark apart', 'Caf\u00e9', 'cafe\u0301'],
    ['full-width forms', 'ＴＯＤＯ list', 'todo'],
    ['a ligature', 'o\ufb03ce', 'OFFICE'],
    ['a superscript', 'm²', 'm2'],
    ['an emoji of several', 'Family 👩‍👩‍👧 dinner', '👩‍👩‍👧'],
    ['what SQL would take for a wildcard', '100% of_it\\done', '0% OF_IT\\'],
  ])('finds in spite of %s', (_what, title, looked) => {
    expect(text(title)).toContain(searchForm(looked));
  });

  test('finds in title, description and tags, but nothing that spans two of them', () => {
    const found = (looked: string) => text('buy milk', 'and eggs', ['home', 'weekly']).includes(searchForm(looked));
    expect(['milk', 'eggs', 'home', 'weekly'].map(found)).toEqual([true, true, true, true]);
    expect(['milkand', 'milk and', 'eggshome', 'home weekly'].map(found)).toEqual([false, false, false, false]);
  });

  test('finds each part of a title, in the case that a person types it', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[\p{Script=Latin}\p{Script=Cyrillic} ]{1,8}$/u), { minLength: 1, maxLength: 4 }), fc.nat(), (words, pick) => {
        const word = words[pick % words.length] ?? '';
        expect(text(words.join(' '))).toContain(searchForm(word));
      }),
    );
  });

  test('has one form for a text: the form of a form is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite' }), (any) => {
        expect(searchForm(searchForm(any))).toBe(searchForm(any));
      }),
    );
  });
});
