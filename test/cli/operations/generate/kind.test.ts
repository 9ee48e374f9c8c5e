import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generateKind, type Kind, writeKind } from '../../../../cli/operations/generate/kind.ts';
import type { Context } from '../../../../cli/operations/context.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const contextIn = (environment: string, cwd = root): Context => ({ ...contextOn(targetWith()), cwd, environment });
const pathsOf = async (kind: Kind, environment = 'prod'): Promise<string[]> => (await generateKind(contextIn(environment), { kind })).map((file) => file.path);

describe('one thing on its own', () => {
  test('the components of Dapr, or one by its name', async () => {
    expect(await pathsOf('component', 'local')).toEqual(['component-secrets.yaml', 'component-pubsub.yaml', 'component-pubsub-realtime.yaml']);
    expect(await pathsOf('component')).toEqual(['component-pubsub.yaml', 'component-pubsub-realtime.yaml']);
    const [one, ...others] = await generateKind(contextIn('prod'), { kind: 'component', name: 'pubsub-realtime' });
    expect(others).toEqual([]);
    expect(parse(one?.text ?? '')).toMatchObject({ kind: 'Component', metadata: { name: 'pubsub-realtime' } });
  });

  test('the chart, as it is, with the values of the environment', async () => {
    const files = await generateKind(contextIn('staging'), { kind: 'chart' });
    const paths = files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(['todo/Chart.yaml', 'todo/values.yaml', 'todo/templates/deployments.yaml', 'staging.values.yaml']));
    for (const file of files.filter(({ path: name }) => name.startsWith('todo/'))) expect(file.text).toBe(await readFile(path.join(root, 'charts', file.path), 'utf8'));
    expect(parse(files.at(-1)?.text ?? '')).toHaveProperty('services.task-api');
  });

  test('Terraform, Compose, the workflows and the diagram', async () => {
    expect(await pathsOf('terraform')).toContain('terraform/main.tf');
    expect(await pathsOf('compose')).toContain('compose/compose.yaml');
    expect(await pathsOf('workflow', 'local')).toEqual(['build', 'build-push', 'deploy-staging', 'deploy-prod', 'drift-detection'].map((name) => `.github/workflows/${name}.yml`));
    const [drawing] = await generateKind(contextIn('local'), { kind: 'diagram' });
    expect(drawing).toMatchObject({ path: 'diagram.mmd', text: expect.stringContaining('s_recurrence -.-> s_task_api') as string });
  });

  test('Kustomize’s base and an overlay for each cluster, whichever environment is asked for', async () => {
    const paths = await pathsOf('kustomize', 'local');
    expect(paths).toEqual(expect.arrayContaining(['base/kustomization.yaml', 'overlays/staging/kustomization.yaml', 'overlays/prod/kustomization.yaml']));
  });
});

describe('refused', () => {
  test.each<[Kind, string | undefined, string, RegExp]>([
    ['terraform', undefined, 'local', /local has no terraform/],
    ['chart', undefined, 'local', /local has no chart/],
    ['component', 'pubsup', 'prod', /prod has no component pubsup/],
  ])('%s %s of %s', async (kind, name, environment, message) => {
    const error = await refusal(generateKind(contextIn(environment), { kind, name }));
    expect([error.code, error.message]).toEqual(['TODOCTL_NOTHING_TO_GENERATE', expect.stringMatching(message)]);
  });

  test('with the name that was meant', async () => {
    expect((await refusal(generateKind(contextIn('prod'), { kind: 'component', name: 'pubsup' }))).next).toEqual(['Did you mean pubsub?']);
  });

  test.each<Kind>(['chart', 'workflow', 'terraform', 'compose', 'kustomize', 'diagram'])('a name behind %s, which is one whole', async (kind) => {
    const { code, message, next } = await refusal(generateKind(contextIn('prod'), { kind, name: 'pubsub' }));
    expect([code, message, next]).toEqual(['TODOCTL_USAGE', `Only a component is made by its name; ${kind} takes no pubsub`, ['Leave pubsub out.']]);
  });

  test('an environment that is not defined', async () => {
    expect((await refusal(generateKind(contextIn('production'), { kind: 'component' }))).code).toBe('TODOCTL_ENVIRONMENT_UNKNOWN');
  });
});

describe('written to a folder', () => {
  let folder: string;
  beforeEach(async () => { folder = await temporaryFolder(); });
  const write = () => writeKind(contextIn('prod'), { kind: 'workflow' }, folder);
  const states = async (): Promise<string[]> => [...new Set((await write()).files.map(({ is }) => is))];

  test('made once, then unchanged, then made good where somebody changed what todoctl wrote', async () => {
    expect(await states()).toEqual(['made']);
    expect(await states()).toEqual(['unchanged']);
    const build = path.join(folder, '.github/workflows/build.yml');
    await writeFile(build, `${await readFile(build, 'utf8')}# more\n`);
    expect(await states()).toEqual(['changed', 'unchanged']);
  });

  test('never over a file that a person wrote; then nothing is written at all', async () => {
    await mkdir(path.join(folder, '.github/workflows'), { recursive: true });
    await writeFile(path.join(folder, '.github/workflows/drift-detection.yml'), 'name: mine\n');
    const error = await refusal(write());
    expect([error.code, error.details]).toEqual(['TODOCTL_FILE_NOT_OURS', ['.github/workflows/drift-detection.yml']]);
    expect(await readdir(path.join(folder, '.github/workflows'))).toEqual(['drift-detection.yml']);
  });
});
