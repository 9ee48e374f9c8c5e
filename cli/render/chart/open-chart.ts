import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type Chart, compileChart } from './chart.ts';
import { byBytes } from './value.ts';

/**
 * Reads a chart's folder: Chart.yaml, values.yaml and templates/. Charts within it, crds/ and NOTES.txt are not read: ours has none
 * that makes an object. Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function openChart(folder: string): Chart {
  const text = (file: string): string => attempt(folder, file, 'cannot be read', () => readFileSync(path.join(folder, file), 'utf8'));
  const yaml = (file: string): unknown => {
    const source = text(file);
    // Helm reads YAML 1.1: `on` is true.
    return attempt(folder, file, 'is no YAML', () => parse(source, { version: '1.1' }) as unknown);
  };
  return compileChart({
    metadata: yaml('Chart.yaml') as object,
    values: yaml('values.yaml') ?? {},
    templates: templatesIn(path.join(folder, 'templates')).map((file) => ({ name: `templates/${file}`, text: text(`templates/${file}`) })),
  });
}

function attempt<T>(folder: string, file: string, wrong: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new TodoctlError('TODOCTL_TEMPLATE_BROKEN', { message: `${path.join(folder, file)} ${wrong}`, details: [(cause as Error).message], cause });
  }
}

function templatesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.(?:ya?ml|tpl)$/.test(file))
    .sort(byBytes);
}
