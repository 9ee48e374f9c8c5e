// The page that shows every block renders to valid objects, in each of its environments.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { coreMistakes, isCore } from '../../support/core-kinds.ts';
import { Crds } from '../../support/crd.ts';
import { objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const text = readFileSync(path.join(root, 'docs/everything.todoctl.yaml'), 'utf8');
const specs = path.resolve(root, '../shared/specs/crds');
const there = existsSync(specs);
if (!there) process.stderr.write('skipped: the definitions of custom resources are not there, so the page that shows every block is checked against core kinds only\n');
const crds = new Crds();
if (there) for (const file of readdirSync(specs)) crds.add(readFileSync(path.join(specs, file), 'utf8'));

describe.each(['full', 'managed', 'existing'])('%s', (environment) => {
  test('renders to valid objects', async () => {
    const objects = objectsIn(renderedOf(await platformIn(environment, text)));
    expect(objects.length).toBeGreaterThan(50);
    const mistakes = objects.flatMap((object) => (isCore(object) ? coreMistakes(object) : there ? crds.mistakes(object) : []).map((mistake) => `${object.kind} ${object.metadata.name}: ${mistake}`));
    expect(mistakes).toEqual([]);
  });

  test('has no two objects of one name', async () => {
    const names = objectsIn(renderedOf(await platformIn(environment, text))).map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? ''} ${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

test('between them the environments have files of every system', async () => {
  const platforms = await Promise.all(['full', 'managed', 'existing'].map((environment) => platformIn(environment, text)));
  const found = new Set(platforms.flatMap((platform) => renderedOf(platform).map(({ system }) => system)));
  // What gateway asks for is in the values and the objects of the app.
  expect(SYSTEMS.map(({ id }) => id).filter((id) => !found.has(id))).toEqual(['gateway']);
});
