import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Template } from './template.ts';

/** Templates by their name relative to the templates' folder. */
export type Templates = ReadonlyMap<string, Template>;

/** Reads all templates of one kind, as `dapr`, from the folder that lies beside the sources and in the package. */
export function loadTemplates(kind: string, folder = templatesFolder()): Templates {
  const names = readdirSync(path.join(folder, kind)).filter((name) => name.endsWith('.hbs')).sort();
  return new Map(
    names.map((file) => {
      const name = `${kind}/${file}`;
      return [name, { name, source: readFileSync(path.join(folder, name), 'utf8') }];
    }),
  );
}

/** Found upwards: this file runs from cli/render and, bundled, from dist/. */
function templatesFolder(): string {
  for (let here = import.meta.dirname; ; here = path.dirname(here)) {
    const folder = path.join(here, 'templates');
    if (existsSync(path.join(folder, 'dapr'))) return folder;
    if (here === path.dirname(here)) throw new Error('the package has no templates folder');
  }
}
