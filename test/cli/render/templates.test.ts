// No template lies about unused, and none is asked for that is not there: each is filled for some environment, or for what `generate` makes.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { renderDapr } from '../../../cli/render/artefacts.ts';
import { openTemplates, packagedFolder, type Templates } from '../../../cli/render/templates.ts';
import { workflows } from '../../../cli/render/workflows.ts';
import { platformIn, renderedOf } from '../../support/rendered.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const there = globSync('**/*.*', { cwd: path.join(root, 'templates') }).sort();
const everything = readFileSync(path.join(root, 'docs/everything.todoctl.yaml'), 'utf8');
const sources = globSync('cli/**/*.ts', { cwd: root }).map((file) => readFileSync(path.join(root, file), 'utf8'));
/** Names of templates as they stand in the sources; those that are put together from parts are not among them. */
const named = [...new Set(sources.flatMap((text) => [...text.matchAll(/'((?:[\w-]+\/)[\w.-]+\.hbs)'/g)].map(([, name]) => name as string)))].sort();

/** Templates that remember which of them were filled. */
function watched(filled: Set<string>): Templates {
  const templates = openTemplates();
  return {
    ...templates,
    fill(name, view) {
      filled.add(name);
      return templates.fill(name, view);
    },
  };
}

test('each is filled for an environment of the page that shows every block, for a laptop, a pipeline or a new service', async () => {
  const filled = new Set<string>();
  const templates = watched(filled);
  for (const environment of ['full', 'managed', 'existing']) renderedOf(await platformIn(environment, everything), templates);
  renderDapr(await platformIn('local'), templates);
  workflows([{ name: 'prod', protected: true }], 'todoctl.yaml', templates);
  // What `generate service` fills is looked at, whole, by its own tests.
  const ofService = named.filter((name) => name.startsWith('service/'));
  expect(there.filter((name) => !filled.has(name) && !ofService.includes(name))).toEqual([]);
});

test('each that the sources name is there', () => {
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !there.includes(name))).toEqual([]);
});

test('one is read once, and is named in its mistakes as it is asked for', () => {
  const templates = openTemplates();
  expect(templates.chart('todo')).toBe(templates.chart('todo'));
  expect(() => templates.fill('kubernetes/namespace.yaml.hbs', {})).toThrow(TodoctlError);
  expect(() => templates.fill('kubernetes/namespace.yaml.hbs', {})).toThrow(expect.objectContaining({ code: 'TODOCTL_TEMPLATE_BROKEN' }));
});

test('they and the charts lie beside the sources', () => {
  expect([packagedFolder('templates'), packagedFolder('charts')]).toEqual([path.join(root, 'templates'), path.join(root, 'charts')]);
});
