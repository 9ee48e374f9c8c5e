import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { peekDefinition } from '../../../cli/definition/peek.ts';
import { minimal, refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function folderWith(text: string): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), text);
  return cwd;
}

test('names, root, provider and the block as it is written, and nothing more is asked of the file', async () => {
  const cwd = await folderWith(minimal('  prod: { provider: digitalocean, nonsense: true }\n'));
  expect(await peekDefinition({ cwd, environment: 'prod' })).toEqual({
    platform: 'todo',
    root: cwd,
    file: path.join(cwd, 'todoctl.yaml'),
    environments: ['local', 'prod'],
    provider: 'digitalocean',
    settings: { provider: 'digitalocean', nonsense: true },
  });
});

test('an unknown environment is refused with the nearest name', async () => {
  const cwd = await folderWith(minimal('  staging: { provider: local }\n'));
  const error = await refusal(peekDefinition({ cwd, environment: 'stagin' }));
  expect(error.toJSON()).toMatchObject({ code: 'TODOCTL_ENVIRONMENT_UNKNOWN', next: ['Did you mean --env staging?'] });
});

test('text that is not YAML is refused with its place', async () => {
  const error = await refusal(peekDefinition({ cwd: await folderWith('environments: ['), environment: 'local' }));
  expect(error.toJSON()).toMatchObject({ code: 'TODOCTL_DEFINITION_NOT_YAML', details: ['todoctl.yaml:1:16'] });
});

test.each([
  ['', 'the definition wants a map, not nothing'],
  ['[]', 'the definition wants a map, not a list'],
  ['platform: todo', 'environments is missing in the definition'],
  ['environments: 7', 'environments wants a map, not a number'],
  ['environments: [local]', 'environments wants a map, not a list'],
])('%j has no environments, and the refusal says what is wrong with it', async (text, mistake) => {
  const error = await refusal(peekDefinition({ cwd: await folderWith(text), environment: 'local' }));
  expect(error.code).toMatch(/^TODOCTL_DEFINITION_/);
  expect([error.message, ...error.details].join('\n')).toContain(mistake);
});

test('the schema library is not loaded', () => {
  const module = path.resolve(import.meta.dirname, '../../../cli/definition/peek.ts');
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(module)});
    console.log(loaded.filter((url) => /node_modules\\/(zod|handlebars)\\//.test(url)).length, loaded.some((url) => url.endsWith('peek.ts')));`;
  const found = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(found).toBe('0 true\n');
});
