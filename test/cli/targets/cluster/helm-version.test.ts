// Whether helm can be used: there, recent enough, and asked only once for each program that it is.
import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { helmIsThere, isRecent } from '../../../../cli/targets/cluster/helm-version.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A helm of some version that counts how often it is asked. */
async function stage(version: string): Promise<{ look: () => Promise<void>; asked: () => number; file: string }> {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'helm');
  await writeFile(file, '', { mode: 0o755 });
  // Its state is in a folder named helm too.
  const state = await temporaryFolder();
  let asked = 0;
  const helm = { version: async () => (asked++, version) };
  return { file, asked: () => asked, look: () => helmIsThere(helm, state, { PATH: `/nowhere:${folder}` }) };
}

test.each([['v3.17.9', false], ['v3.18.0', true], ['v3.21.4', true], ['v4.2.4', true], ['4.0.0', true], ['v2.17.0', false], ['', false], ['who knows', false]])('%s is recent: %s', (version, is) => {
  expect(isRecent(version)).toBe(is);
});

test('a helm that was asked once is not started again, until it is another file', async () => {
  const { look, asked, file } = await stage('v4.2.4');
  await look();
  await look();
  expect(asked()).toBe(1);
  await utimes(file, new Date(), new Date(1_000_000_000_000));
  await look();
  expect(asked()).toBe(2);
});

test('one that is too old is refused each time', async () => {
  const { look } = await stage('v3.9.0');
  expect(await refusal(look())).toMatchObject({ code: 'TODOCTL_HELM_MISSING', message: 'helm v3.9.0 is too old' });
  expect(await refusal(look())).toMatchObject({ code: 'TODOCTL_HELM_MISSING' });
});

test('one that is not on the PATH, or may not be run, is missing', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'helm'), '', { mode: 0o644 });
  const helm = { version: () => Promise.reject(new Error('nobody is asked')) };
  expect(await refusal(helmIsThere(helm, folder, { PATH: folder }))).toMatchObject({ code: 'TODOCTL_HELM_MISSING', message: 'helm is not on the PATH' });
  expect(await refusal(helmIsThere(helm, folder, {}))).toMatchObject({ code: 'TODOCTL_HELM_MISSING' });
});
