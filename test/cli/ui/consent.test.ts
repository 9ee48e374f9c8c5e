import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type Asking, consent } from '../../../cli/ui/consent.ts';

function asking(answer: string | undefined, more: Partial<Asking> = {}): Asking & { shown(): string } {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  if (answer !== undefined) stdin.write(`${answer}\n`);
  let shown = '';
  stderr.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return { io: { stderr, stderrIsTty: true }, stdin, yes: false, question: 'This deletes all.\n', signal: new AbortController().signal, shown: () => shown, ...more };
}

test.each([['y', true], ['Yes', true], ['n', false], ['', false], ['prod', false]])('"%s" is %s', async (answer, agreed) => {
  expect(await consent(asking(answer))).toBe(agreed);
});

test.each([['prod', true], [' prod ', true], ['y', false], ['PROD', false], ['', false]])('of a protected environment "%s" is %s', async (answer, agreed) => {
  const given = asking(answer, { name: 'prod' });
  expect(await consent(given)).toBe(agreed);
  expect(given.shown()).toContain('This deletes all.\nType prod to go on: ');
});

test('--yes asks nobody', async () => {
  expect(await consent(asking(undefined, { yes: true, name: 'prod' }))).toBe(true);
});

test('without a terminal nobody can be asked', async () => {
  const given = asking('y', { unasked: 'This would change prod' });
  given.stdin.isTTY = false;
  await expect(consent(given)).rejects.toMatchObject({ code: 'TODOCTL_NEEDS_YES', exit: 2, message: 'This would change prod', next: ['Add --yes.'] });
  delete given.unasked;
  await expect(consent(given)).rejects.toMatchObject({ message: 'This would delete data and was not confirmed', next: ['Add --yes.', expect.stringContaining('--keep-data')] });
});

test('Ctrl-C ends the question', async () => {
  await expect(consent(asking(undefined, { signal: AbortSignal.abort(new Error('stopped')) }))).rejects.toThrow();
});
