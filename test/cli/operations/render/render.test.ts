// What `todoctl render` makes of its flags: which systems, into which folder, or as one stream.
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../../../cli/operations/context.ts';
import { render, renderStream } from '../../../../cli/operations/render/render.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';

const DEFINITION = `platform: todo
topics: { task-events: { key: task } }
services: { audit: { subscribes: [task-events] } }
environments: { prod: { provider: existing, context: mine } }
`;

let context: Context;
beforeEach(async () => {
  context = { ...contextOn(targetWith()), cwd: await temporaryFolder(), environment: 'prod' };
  await writeFile(path.join(context.cwd, 'todoctl.yaml'), DEFINITION);
});
const rendered = (more: Partial<Parameters<typeof render>[1]> = {}) => render(context, { only: [], out: undefined, check: false, ...more });

describe('a folder', () => {
  test('is rendered/ENVIRONMENT, and has every file that is named', async () => {
    const { environment, folder, files, differences } = await rendered();
    expect([environment, folder]).toEqual(['prod', path.join(context.cwd, 'rendered/prod')]);
    expect(differences.every(({ is }) => is === 'added')).toBe(true);
    expect(differences.map(({ path: file }) => file).sort()).toEqual(files.map(({ path: file }) => file).sort());
    for (const { path: file } of files) expect(await readFile(path.join(folder, file), 'utf8')).not.toBe('');
  });

  test('may be another one, named from where one is', async () => {
    expect((await rendered({ out: 'deploy/here' })).folder).toBe(path.join(context.cwd, 'deploy/here'));
  });

  test('that was rendered has no difference; a file that somebody removed is one, and checking does not bring it back', async () => {
    const { folder, files } = await rendered();
    expect((await rendered({ check: true })).differences).toEqual([]);
    const gone = files[0]?.path ?? '';
    await rm(path.join(folder, gone));
    expect((await rendered({ check: true })).differences).toMatchObject([{ path: gone, is: 'added' }]);
    expect((await rendered({ check: true })).differences).toHaveLength(1);
    expect((await rendered()).differences).toHaveLength(1);
  });
});

describe('only some systems', () => {
  test('give their files and no others', async () => {
    const { files } = await rendered({ only: ['kafka', 'dapr'] });
    expect([...new Set(files.map(({ system }) => system))].sort()).toEqual(['dapr', 'kafka']);
  });

  test('go by the names of their Helm releases too, and then own the same files of a folder', async () => {
    const bySystem = await rendered({ only: ['kafka', 'dapr'] });
    const byRelease = await rendered({ only: ['strimzi', 'dapr'] });
    expect(byRelease.files).toEqual(bySystem.files);
    expect(byRelease.differences).toEqual([]);
  });

  test('one that is not there is refused, with those that are and the nearest', async () => {
    const error = await refusal(rendered({ only: ['kafak'] }));
    expect(error).toMatchObject({ code: 'TODOCTL_SYSTEM_UNKNOWN', message: 'This environment has no system kafak', next: ['Did you mean --only kafka?'] });
    expect(error.details.join()).toMatch(/^it has namespaces, kafka, /);
    expect((await refusal(rendered({ only: ['nothing-like-it-at-all'] }))).next.join()).not.toContain('Did you mean');
  });
});

describe('a stream', () => {
  test('has the objects only', async () => {
    const { environment, files } = await renderStream(context, []);
    expect(environment).toBe('prod');
    expect(files.length).toBeGreaterThan(20);
    expect(files.every(({ owner }) => owner !== 'file')).toBe(true);
  });

  test('of systems without an object has their files', async () => {
    const { files } = await renderStream(context, ['compose']);
    expect(files.map(({ path: file }) => file)).toContain('compose/compose.yaml');
  });
});
