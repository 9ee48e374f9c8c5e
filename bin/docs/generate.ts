import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HelpCommand, HelpSource } from '../../cli/ui/help.ts';
import { chartFiles } from './chart.ts';
import { commandPages } from './commands.ts';
import { errorsPage } from './errors.ts';
import { manifestOf } from './manifest.ts';
import { readme } from './readme.ts';
import { jsonSchema } from './schema.ts';
import { versionsPage } from './versions.ts';

/** Every committed file that is made from the sources, by its path relative to the project's root. A test compares them. */
export async function generate(root: string): Promise<Map<string, string>> {
  const manifest = await manifestOf(root);
  const pjson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    description: string;
    oclif: { bin: string; topics: HelpSource['topics'] };
  };
  const { bin, topics } = pjson.oclif;
  const commands = Object.values(manifest.commands) as unknown as HelpCommand[];
  const pages = commandPages({ bin, topics, description: pjson.description, commands });
  return new Map([
    ['oclif.manifest.json', JSON.stringify(manifest, null, 2)],
    ['README.md', await readme(root)],
    ['docs/errors.md', errorsPage()],
    ['docs/versions.md', await versionsPage(root)],
    ['docs/todoctl.schema.json', jsonSchema()],
    ...(await chartFiles(root)),
    ...[...pages].map(([file, text]) => [`docs/commands/${file}`, text] as const),
  ]);
}
