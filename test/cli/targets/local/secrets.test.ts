import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { holds, readJson, writePrivate } from '../../../../cli/targets/local/json-file.ts';
import { knownSecrets, makeSecrets, readSecrets, resolveSecret, secretNames, secretOf } from '../../../../cli/targets/local/secrets.ts';
import { platformOf, temporaryFolder } from './platforms.ts';

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8);

test('an environment has a password for each user of its PostgreSQL, and two tokens for each service with a sidecar', async () => {
  expect(secretNames(await platformOf())).toEqual(['postgres', 'todo-user', 'task-api.dapr-token', 'task-api.app-token', 'audit.dapr-token', 'audit.app-token', 'realtime.dapr-token', 'realtime.app-token']);
  expect(secretNames(await platformOf({ environment: 'provider: local, postgres: { url: { env: X } }' }))).not.toContain('postgres');
});

test('secrets are made once, long, different, and for their owner alone', async () => {
  const folder = path.join(temporaryFolder(), 'secrets');
  await makeSecrets(folder, ['a', 'b']);
  const first = await readSecrets(folder, ['a', 'b']);
  expect(new Set(Object.values(first)).size).toBe(2);
  for (const name of ['a', 'b']) {
    expect(first[name]).toMatch(/^[\w-]{32}$/);
    expect(mode(path.join(folder, name))).toBe('600');
  }
  expect(mode(folder)).toBe('700');
  await makeSecrets(folder, ['a', 'b', 'c']);
  expect(await readSecrets(folder, ['a', 'b'])).toEqual(first);
  expect((await knownSecrets(folder)).length).toBe(3);
});

test('a secret that was cut off by a crash is made anew', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'a'), '');
  expect(await readSecrets(folder, ['a', 'none'])).toEqual({});
  await makeSecrets(folder, ['a'], () => 'new');
  expect(secretOf(await readSecrets(folder, ['a']), 'a')).toBe('new');
});

describe('a reference of the definition', () => {
  test('to a variable or to a file', async () => {
    const file = path.join(temporaryFolder(), 'url');
    writeFileSync(file, 'postgres://x\n');
    expect(await resolveSecret({ env: 'URL' }, { URL: 'postgres://y' })).toBe('postgres://y');
    expect(await resolveSecret({ file }, {})).toBe('postgres://x');
  });

  test.each([
    [{ env: 'URL' }, 'The environment variable URL is not set'],
    [{ file: '/nowhere/url' }, '/nowhere/url cannot be read or is empty'],
  ])('to nothing: %j', async (reference, message) => {
    await expect(resolveSecret(reference, { URL: '' })).rejects.toMatchObject({ code: 'TODOCTL_SECRET_MISSING', message });
  });
});

describe('a file of the state', () => {
  test('is written whole, for its owner alone, with the folders that it needs', async () => {
    const file = path.join(temporaryFolder(), 'a/b/c.json');
    await writePrivate(file, '{"a":1}');
    expect([readFileSync(file, 'utf8'), mode(file), readdirSync(path.dirname(file))]).toEqual(['{"a":1}', '600', ['c.json']]);
    expect(await readJson(file)).toEqual({ a: 1 });
    expect([await holds(file, '{"a":1}'), await holds(file, '{"a":2}'), await holds(`${file}.none`, '')]).toEqual([true, false, false]);
  });

  test('that is missing or cut off is as good as none', async () => {
    const file = path.join(temporaryFolder(), 'x.json');
    expect(await readJson(file)).toBeUndefined();
    writeFileSync(file, '{"a":');
    expect(await readJson(file)).toBeUndefined();
  });
});
