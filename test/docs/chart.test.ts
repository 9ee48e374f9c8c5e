// charts/todo says of its values what its schema says, and its own values are right.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { chartFiles, valuesSchema } from '../../bin/docs/chart.ts';
import { chartValues } from '../../cli/systems/chart-values.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, 'charts/todo', file), 'utf8');
/** Rows of the README's table: value, type, default, meaning. */
const rows = (): string[][] => read('README.md').split('\n').filter((line) => line.startsWith('| `')).map((line) => line.slice(2, -2).split(/ \| /));

test('its own values are right, and so is the example', () => {
  expect(chartValues.parse(parse(read('values.yaml')))).toEqual(parse(read('values.yaml')));
  const example = chartValues.parse(parse(read('ci/todo-values.yaml')));
  expect(Object.keys(example.services)).toEqual(['task-api', 'recurrence', 'audit', 'realtime', 'web']);
});

test('its own values name no service: Helm merges maps, and each would be in every release', () => {
  const { services, smoke, objects, gateway, kafka, monitoring } = chartValues.parse(parse(read('values.yaml')));
  expect({ services, smoke, objects, gateway, kafka, monitoring }).toEqual({ services: {}, smoke: [], objects: [], gateway: undefined, kafka: undefined, monitoring: undefined });
});

test('every value has a meaning, and every default is the chart’s', () => {
  for (const [name, type, , meaning] of rows()) {
    expect(meaning, name).toMatch(/^[A-Z0-9h].*\.$/);
    expect(type, name).not.toBe('');
  }
  const shown = Object.fromEntries(rows().map(([name = '', , given = '']) => [name, given]));
  expect(shown).toMatchObject({ '`shutdown.graceSeconds`': '`35`', '`sidecar.resources.limits.memory`': '`"256Mi"`', '`services`': '`{}`', '`gateway.host`': '' });
});

test('every scalar of the schema has a row', () => {
  const named = rows().map(([name = '']) => name.replaceAll('`', ''));
  for (const name of scalars(valuesSchema() as Node, '')) expect(named, name).toContain(name);
});

test('a key that is not in the schema is refused, at every depth', () => {
  const open = [...objectsOf(valuesSchema() as Node, '')].filter(([, node]) => node.properties && node.additionalProperties !== false).map(([at]) => at);
  // Objects that others made, as they are.
  expect(open).toEqual(['objects[]']);
});

test('what is committed is what is made', async () => {
  for (const [file, text] of await chartFiles(root)) expect(readFileSync(path.join(root, file), 'utf8') === text, `${file}: run npm run docs`).toBe(true);
});

interface Node {
  type?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
}

function* objectsOf(node: Node, at: string): Generator<[string, Node]> {
  yield [at, node];
  for (const [key, inner] of Object.entries(node.properties ?? {})) yield* objectsOf(inner, at === '' ? key : `${at}.${key}`);
  if (typeof node.additionalProperties === 'object') yield* objectsOf(node.additionalProperties, `${at}.NAME`);
  if (node.items) yield* objectsOf(node.items, `${at}[]`);
}

/** What has a value of its own and a place of its own: no item of a plain list, no value of a plain map. */
function* scalars(schema: Node, root: string): Generator<string> {
  for (const [at, { type, properties, additionalProperties }] of objectsOf(schema, root)) {
    if (!properties && !additionalProperties && type !== undefined && !/\[\]$|\.NAME$/.test(at)) yield at;
  }
}
