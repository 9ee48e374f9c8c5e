// What generate says of what it made, and what it prints.
import { expect, test } from 'vitest';
import { filesText, madeText } from '../../../cli/views/generate.ts';

const io = { colour: false };

test('each file with what became of it, and what to do next', () => {
  const files = [{ path: 'a.yaml', is: 'made' }, { path: 'b.yaml', is: 'unchanged' }, { path: 'todoctl.yaml', is: 'changed' }] as const;
  expect(madeText({ root: '/x', files: [...files] }, 'todoctl deploy starts it', io)).toBe('made      a.yaml\nunchanged b.yaml\nchanged   todoctl.yaml\n\nNext      todoctl deploy starts it\n');
});

test('where nothing had to change nothing is to be done', () => {
  expect(madeText({ root: '/x', files: [{ path: 'a.yaml', is: 'unchanged' }] }, 'commit it', io)).toBe('unchanged a.yaml\n\nNothing had to change.\n');
});

test('one file is printed as it is, several with their paths', () => {
  expect(filesText([{ path: 'a.yaml', text: 'a: 1\n' }])).toBe('a: 1\n');
  expect(filesText([{ path: 'a.yaml', text: 'a: 1\n' }, { path: 'main.tf', text: 'b\n' }])).toBe('---\n# Source: a.yaml\na: 1\n# Source: main.tf\nb\n');
});
