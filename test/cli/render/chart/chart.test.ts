import { describe, expect, test } from 'vitest';
import { renderChart } from '../../../../cli/render/chart/chart.ts';
import { openChart } from '../../../../cli/render/chart/open-chart.ts';
import { refused, RELEASE, sampleChart, sampleFolder } from '../../../support/chart.ts';

const object = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`;

describe('a chart in a folder', () => {
  test('is read with its partials, its folders and its own values', async () => {
    const folder = await sampleFolder(
      {
        '_helpers.tpl': '{{ define "name" }}{{ .Release.Name }}-{{ .Values.word }}{{ end }}',
        'b.yaml': object('{{ include "name" . }}'),
        'tests/a.yaml': object('in-a-folder', 'data: {name: {{ .Template.Name }}}\n'),
        'NOTES.txt': '{{ nosuch }}',
      },
      { word: 'mine' },
    );
    expect(renderChart(openChart(folder), {}, RELEASE).map(({ source, name }) => [source, name])).toEqual([
      ['templates/b.yaml', 'release-name-mine'],
      ['templates/tests/a.yaml', 'in-a-folder'],
    ]);
  });

  test('reads its values as YAML 1.1, as Helm does', async () => {
    // In the file it stands as `on`, which is a text in YAML 1.2 only.
    const chart = openChart(await sampleFolder({ 'a.yaml': object('{{ ternary "truth" "text" (kindIs "bool" .Values.word) }}') }, { word: 'on' }));
    expect(renderChart(chart, {}, RELEASE)[0]?.name).toBe('truth');
  });
});

describe('objects', () => {
  const objects = (text: string): unknown[] => renderChart(sampleChart({ 'a.yaml': text }), {}, RELEASE);

  test('one for each document, without what stands around it', () => {
    expect(objects(`\n---\n\n${object('a')}---  \n# only a comment\n---\n${object('b', 'data: {a: "---"}\n')}\n\n`)).toEqual([
      { source: 'templates/a.yaml', kind: 'ConfigMap', name: 'a', text: object('a'), hook: false },
      { source: 'templates/a.yaml', kind: 'ConfigMap', name: 'b', text: object('b', 'data: {a: "---"}\n'), hook: false },
    ]);
  });

  test.each([
    ['kind: A\nmetadata: {name: flow}', 'A', 'flow'],
    ['kind: "A"\nmetadata:\n  name: \'quoted\'', 'A', 'quoted'],
    ['kind: A # why\nmetadata:\n    labels: {}\n    name: wide', 'A', 'wide'],
    ['{"kind": "A", "metadata": {"name": "json"}}', 'A', 'json'],
    ['spec:\n  template:\n    metadata:\n      name: inner\nkind: A\nmetadata:\n  name: outer', 'A', 'outer'],
  ])('are known by kind and name however these are written: %j', (text, kind, name) => {
    expect(objects(text)).toMatchObject([{ kind, name }]);
  });

  test('a hook is told apart', () => {
    expect(objects(object('a', '  annotations:\n    helm.sh/hook: test\n'))).toMatchObject([{ name: 'a', hook: true }]);
    expect(objects(object('a', '  annotations:\n    "helm.sh/hook-weight": "1"\n'))).toMatchObject([{ name: 'a', hook: false }]);
    expect(objects(object('a', 'data:\n  helm.sh/hook: test\n'))).toMatchObject([{ name: 'a', hook: false }]);
  });

  test.each([
    ['kind: [', 'what it makes is not YAML'],
    ['metadata: {name: a}', 'it makes an object without kind'],
    ['kind: A', 'it makes an object without metadata.name'],
    ['kind: A\nmetadata: {name: 1}', 'it makes an object without metadata.name'],
    ['kind: A\nmetadata:\n  name: 15', 'it makes an object without metadata.name'],
    ['kind: A\nmetadata:\n  name: true', 'it makes an object without metadata.name'],
  ])('are refused where they are none: %j', (text, message) => {
    const said = refused(() => objects(text));
    expect(said.message).toContain(message);
    expect(said.details).toEqual(['charts/sample/templates/a.yaml']);
  });
});

describe('a mistake', () => {
  test('names its place and the includes that led to it, the nearest first', () => {
    const chart = sampleChart({
      '_a.tpl': '{{ define "outer" }}\n{{ include "inner" . }}{{ end }}',
      '_b.tpl': '\n\n{{ define "inner" }}a: {{ .Values.a.b.c }}{{ end }}',
      'c.yaml': 'x:\n  {{- include "outer" . | nindent 2 }}',
    });
    expect(refused(() => renderChart(chart, { a: {} }, RELEASE))).toEqual({
      code: 'TODOCTL_TEMPLATE_BROKEN',
      message: 'A template of the chart cannot be filled: nothing has no field c: .Values.a.b.c',
      details: ['charts/sample/templates/_b.tpl:3:27', 'included at charts/sample/templates/_a.tpl:2:4', 'included at charts/sample/templates/c.yaml:2:7'],
    });
  });

  test('of a template without an end stops soon', () => {
    const chart = sampleChart({ 'a.yaml': '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}' });
    expect(refused(() => renderChart(chart, {}, RELEASE))).toMatchObject({ message: expect.stringContaining('calls itself without an end') as string });
  });

  test('of two templates with one name', () => {
    const twice = { 'a.yaml': '{{ define "x" }}1{{ end }}', 'b.yaml': '{{ define "x" }}2{{ end }}' };
    expect(refused(() => sampleChart(twice))).toMatchObject({ message: 'A template of the chart cannot be filled: "x" is defined twice', details: ['charts/sample/templates/b.yaml'] });
  });
});

test('one rendering leaves nothing behind for the next', () => {
  const chart = sampleChart({ 'a.yaml': object('{{ $x := .Values.name }}{{ if .Values.more }}{{ $x = print $x "-more" }}{{ end }}{{ $x }}') }, { name: 'own' });
  const named = (values: object): string | undefined => renderChart(chart, values, RELEASE)[0]?.name;
  expect([named({ more: true }), named({}), named({ name: 'given' }), named({})]).toEqual(['own-more', 'own', 'given', 'own']);
});
