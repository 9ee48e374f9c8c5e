// The page on architecture adds a system; here that is done as it stands there, and what follows from it is looked at.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPlatform } from '../../cli/definition/load.ts';
import type { Platform } from '../../cli/definition/platform.ts';
import { renderEnvironment } from '../../cli/render/environment.ts';
import type { Rendered } from '../../cli/render/rendered.ts';
import { compileTemplate } from '../../cli/render/template.ts';
import { openTemplates, type Templates } from '../../cli/render/templates.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../cli/systems/all.ts';
import type { System } from '../../cli/systems/system.ts';
import { coreMistakes } from '../support/core-kinds.ts';
import { refusal } from '../support/definition.ts';
import { type KubernetesObject, objectsIn } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = await readFile(path.join(root, 'docs/architecture.md'), 'utf8');
/** The block of code below the line that names the file. */
const block = (file: string): string => new RegExp(`\`${file}\`:\n\n\`\`\`\\w+\n([^]*?)\`\`\``).exec(page)?.[1] ?? expect.fail(`the page has no ${file}`);

// Beside the other systems, because it imports them; gone again when the tests are over.
const folder = path.join(root, '.cache/adding-a-system');
let mailpit: System;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `mailpit-${process.pid}.ts`);
  await writeFile(file, block('cli/systems/mailpit.ts').replaceAll("from './", `from '${path.join(root, 'cli/systems')}/`));
  ({ mailpit } = (await import(file)) as { mailpit: System });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ours = openTemplates();
const templates: Templates = {
  fill: (name, view) => (name.startsWith('mailpit/') ? compileTemplate({ name, source: block(`templates/${name}`) })(view) : ours.fill(name, view)),
  chart: (name) => ours.chart(name),
};

const yaml = (mail: string): string => `platform: todo
topics: { reminders: { key: task } }
services:
  notifier: { subscribes: [reminders] }
  audit: { subscribes: [reminders] }
environments:
  staging: { provider: digitalocean, region: nyc3, nodes: { size: s-2vcpu-4gb, count: 2 }${mail} }
`;
async function platformWith(mail: string): Promise<Platform> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), yaml(mail));
  return loadPlatform({ cwd, environment: 'staging', env: {}, systems: { ...SYSTEM_SCHEMAS, ...(mailpit.settings ? { mailpit: mailpit.settings } : {}) } });
}
const render = async (mail: string): Promise<Rendered[]> => renderEnvironment(await platformWith(mail), [...SYSTEMS, mailpit], { notifier: 'a', audit: 'b' }, templates);
const policies = (files: readonly Rendered[]): KubernetesObject[] => objectsIn(files).filter(({ kind }) => kind === 'NetworkPolicy');

describe('the system of the page', () => {
  test('has the objects that it says, valid, labelled, with the setting’s default', async () => {
    const files = (await render(', mailpit: {}')).filter(({ system }) => system === 'mailpit');
    const objects = objectsIn(files);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Deployment mailpit', 'Service mailpit']);
    expect(objects.flatMap((object) => coreMistakes(object))).toEqual([]);
    expect(objects[0]?.metadata.labels).toMatchObject({ 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'staging', 'todoctl.io/system': 'mailpit' });
    expect(JSON.stringify(objects)).toContain('["--max","500"]');
    expect(JSON.stringify(objectsIn(await render(', mailpit: { keep: 7 }')))).toContain('["--max","7"]');
  });

  test('is let in by nobody but the notifier', async () => {
    const before = policies(await render(''));
    const after = policies(await render(', mailpit: {}'));
    const changed = after.filter((policy) => !before.some((old) => JSON.stringify(old) === JSON.stringify(policy))).map(({ metadata }) => metadata.name);
    expect(changed).toHaveLength(2);
    expect(changed.join(' ')).toMatch(/mailpit/);
    expect(changed.join(' ')).toMatch(/notifier/);
    expect(changed.join(' ')).not.toMatch(/audit/);
  });

  test('is not there where nobody asks for it, and then nothing else is different', async () => {
    const without = await render('');
    expect(without.filter(({ text }) => text.includes('mailpit'))).toEqual([]);
  });

  test('has a block that is checked with line and column', async () => {
    const error = await refusal(platformWith(', mailpit: { kept: 7 }'));
    expect([error.code, error.message, error.details]).toEqual(['TODOCTL_DEFINITION_UNKNOWN_KEY', expect.stringContaining('did you mean keep?'), [expect.stringMatching(/:7:\d+$/)]]);
  });
});
