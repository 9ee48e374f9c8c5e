import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { type Chart, compileChart, renderChart } from '../../cli/render/chart/chart.ts';
import { TodoctlError } from '../../cli/errors/todoctl-error.ts';
import { temporaryFolder } from './temporary-folder.ts';

const METADATA = { apiVersion: 'v2', name: 'sample', version: '1.2.3', appVersion: '4.5', description: 'A chart of a test.' };
/** Helm's own name for a release that has none. */
export const RELEASE = { name: 'release-name', namespace: 'space' };

/** A chart named `sample`; its templates by their paths below templates/. */
export function sampleChart(templates: Readonly<Record<string, string>>, values: object = {}): Chart {
  return compileChart({ metadata: METADATA, values, templates: Object.entries(templates).map(([name, text]) => ({ name: `templates/${name}`, text })) });
}

/** The same in a folder of its own. */
export async function sampleFolder(templates: Readonly<Record<string, string>>, values: object = {}): Promise<string> {
  const folder = await temporaryFolder();
  const files = { 'Chart.yaml': stringify(METADATA), 'values.yaml': stringify(values), ...Object.fromEntries(Object.entries(templates).map(([name, text]) => [`templates/${name}`, text])) };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return folder;
}

/** A template as the file of an object that holds what the template gives, as a text. Its definitions go to the file's end. */
export function holding(template: string, name = 'sample'): string {
  return `kind: Sample\nmetadata: {name: ${name}}\ntext: {{ include "${name}.text" . | toJson }}\n{{ define "${name}.text" }}${defined(template).text}{{ end }}${defined(template).definitions}`;
}

function defined(template: string): { text: string; definitions: string } {
  const definitions = [...template.matchAll(/\{\{ define .*?\{\{ end \}\}(?=\{\{ (?:include|template) )/g)].map(([found]) => found);
  return { text: definitions.reduce((text, definition) => text.replace(definition, ''), template), definitions: definitions.join('') };
}

/** What an attempt is refused with: the message, and the places, the nearest first. */
export function refused(attempt: () => unknown): { code: string; message: string; details: readonly string[] } {
  try {
    attempt();
  } catch (error) {
    if (error instanceof TodoctlError) return { code: error.code, message: error.message, details: error.details };
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What one template gives with some values. */
export function filled(template: string, values: object): string {
  const [object] = renderChart(sampleChart({ 'sample.yaml': holding(template) }, values), {}, RELEASE);
  const [, text = ''] = /^text: (.*)$/m.exec(object?.text ?? '') ?? [];
  return JSON.parse(text) as string;
}
