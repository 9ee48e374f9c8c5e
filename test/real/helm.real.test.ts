// Our reader of Go templates against Helm itself: the same values, the same objects, the same texts to the byte.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { openChart } from '../../cli/render/chart/open-chart.ts';
import { renderChart } from '../../cli/render/chart/chart.ts';
import { yamlText } from '../../cli/render/yaml-text.ts';
import { appValues } from '../../cli/systems/app-values.ts';
import { namespaceOf } from '../../cli/systems/names.ts';
import { FILLED, REFUSED, STRICTER, VALUES } from '../cli/render/chart/snippets.ts';
import { yamlValues } from '../cli/render/chart/yaml-values.ts';
import { holding, RELEASE, sampleChart, sampleFolder } from '../support/chart.ts';
import { clusterPlatforms } from '../support/cluster-platforms.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf, tagsOf } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const CHART = path.resolve(import.meta.dirname, '../../charts/todo');
const helm = await realPart('helm', getHelm);

describe.skipIf(!helm)('Helm', () => {
  const run = (...args: string[]): string => execFileSync(helm?.binary ?? '', args, { encoding: 'utf8', env: helm?.env, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
  const template = (chart: string, values: string, ...more: string[]): string => run('template', RELEASE.name, chart, '-n', RELEASE.namespace, '-f', values, ...more);

  describe.each(['staging', 'prod'])('with the values of %s', (environment) => {
    test('makes the objects that rendering makes', async () => {
      const platform = await platformIn(environment);
      const files = renderedOf(platform);
      const values = await written(files.find(({ path: file }) => file.endsWith('/todo.values.yaml'))?.text ?? '');
      const theirs = byName(parsed(run('template', 'todo', CHART, '-n', namespaceOf(platform), '-f', values, '--no-hooks')));
      const ours = byName(objectsIn(files.filter(({ owner }) => owner === 'release')));
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
      for (const [name, object] of ours) expect(object, name).toEqual(theirs.get(name));
    });

    test('has nothing to say against the chart', async () => {
      const files = renderedOf(await platformIn(environment));
      const values = await written(files.find(({ path: file }) => file.endsWith('/todo.values.yaml'))?.text ?? '');
      expect(run('lint', '--strict', '--quiet', CHART, '-f', values)).toBe('');
    });
  });

  test('has nothing to say against the chart as it is', () => {
    expect(run('lint', '--strict', '--quiet', CHART)).toBe('');
  });

  test('makes the same objects of any platform, hooks and passed-on objects among them', async () => {
    const chart = openChart(CHART);
    await fc.assert(
      fc.asyncProperty(clusterPlatforms, yamlValues, async (platform, anything) => {
        const release = { name: platform.name, namespace: namespaceOf(platform) };
        // A key after it: `helm template` puts newlines of its own between documents, and a text that ends one would take them in.
        const passed = { apiVersion: 'example.com/v1', kind: 'Anything', metadata: { name: 'passed' }, spec: anything, then: 'end' };
        const values = { ...appValues(platform, tagsOf(platform)), objects: [passed] };
        const folder = await temporaryFolder();
        await writeFile(path.join(folder, 'values.yaml'), yamlText(values));
        const theirs = byName(parsed(run('template', release.name, CHART, '-n', release.namespace, '-f', path.join(folder, 'values.yaml'))));
        const ours = byName(renderChart(chart, values, release).flatMap(({ text }) => parsed(text)));
        expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
      }),
      { numRuns: 15 },
    );
  });

  test('fills every snippet with the same text', async () => {
    const files = Object.fromEntries(FILLED.map(([snippet], index) => [`snippet-${index}.yaml`, holding(snippet, `snippet-${index}`)]));
    const theirs = byName(parsed(template(await sampleFolder(files, VALUES), await written('{}'))));
    expect(FILLED.map(([snippet], index) => [snippet, theirs.get(`Sample/snippet-${index}`)?.['text']])).toEqual(FILLED);
  });

  test('refuses every snippet that is refused here, too', async () => {
    for (const [snippet] of REFUSED) {
      const folder = await sampleFolder({ 'sample.yaml': snippet }, VALUES);
      const { status, stderr } = spawnSync(helm?.binary ?? '', ['template', folder], { encoding: 'utf8', env: helm?.env });
      expect({ snippet, status }, stderr).toEqual({ snippet, status: 1 });
    }
  });

  test('passes over what is refused here alone: the list says how we are stricter', async () => {
    for (const [snippet] of STRICTER) {
      const folder = await sampleFolder({ 'sample.yaml': snippet }, VALUES);
      const { status, stderr } = spawnSync(helm?.binary ?? '', ['template', folder, '--skip-schema-validation'], { encoding: 'utf8', env: helm?.env });
      // What comes out need not be YAML; that is a complaint of another kind.
      expect({ snippet, passed: status === 0 || stderr.includes('YAML parse error') || stderr.includes('unmarshal') }, stderr).toEqual({ snippet, passed: true });
    }
  });

  test('writes any value the same, as YAML, JSON and quoted text', async () => {
    const writers = ['{{ toYaml . }}', '{{ toJson . }}', '{{ toYaml . | sha256sum }}', '{{ toYaml . | nindent 4 }}', '{{ if . }}true{{ else }}false{{ end }}', '{{ if not (or (kindIs "map" .) (kindIs "slice" .) (kindIs "invalid" .)) }}{{ quote . }}{{ print . }}{{ end }}'];
    const samples = fc.sample(yamlValues, { numRuns: 600, seed: fc.sample(fc.integer(), 1)[0] ?? 0 });
    const each = `{{ $all := list }}{{ range .Values.samples }}${writers.map((_writer, index) => `{{ $all = append $all (include "writer-${index}" .) }}`).join('')}{{ end }}kind: Sample\nmetadata: {name: sample}\ntext: {{ toJson $all | b64enc }}\n${writers.map((writer, index) => `{{ define "writer-${index}" }}${writer}{{ end }}`).join('')}`;
    const texts = (text: unknown): string[] => JSON.parse(Buffer.from(String(text), 'base64').toString()) as string[];
    const theirs = texts(parsed(template(await sampleFolder({ 'sample.yaml': each }), await written(yamlText({ samples }))))[0]?.['text']);
    const ours = texts(textIn(each, {}, { samples }));
    for (const [at, text] of ours.entries()) {
      expect(text, JSON.stringify({ writer: writers[at % writers.length], sample: samples[Math.floor(at / writers.length)] })).toBe(theirs[at]);
    }
    expect(ours).toHaveLength(theirs.length);
  });

  test('lays values over the chart’s own the same way', async () => {
    const dump = 'kind: Sample\nmetadata: {name: sample}\ntext: {{ toJson .Values | toJson }}\n';
    const key = fc.constantFrom('a', 'b', 'c');
    const { tree } = fc.letrec<{ tree: object; node: unknown }>((tie) => ({
      tree: fc.dictionary(key, tie('node'), { maxKeys: 3, noNullPrototype: true }),
      node: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, 1, 'x', [1], [null]), tie('tree')),
    }));
    await fc.assert(
      fc.asyncProperty(tree, tree, async (own, given) => {
        const theirs = parsed(template(await sampleFolder({ 'sample.yaml': dump }, own), await written(yamlText(given))))[0]?.['text'];
        expect(textIn(dump, own, given)).toBe(theirs);
      }),
      { numRuns: 60, examples: [[{ a: null, b: { c: null } }, { a: null, b: { c: null } }]] },
    );
  });
});

/** The text that a chart of one template makes. */
function textIn(template: string, own: object, given: object): unknown {
  return parsed(renderChart(sampleChart({ 'sample.yaml': template }, own), given, RELEASE)[0]?.text ?? '')[0]?.['text'];
}

async function written(values: string): Promise<string> {
  const file = path.join(await temporaryFolder(), 'values.yaml');
  await writeFile(file, values);
  return file;
}

function parsed(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
}

function byName(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  const found = new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
  expect(found.size).toBe(objects.length);
  return found;
}
