import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadPlatform } from '../../cli/definition/load.ts';
import { diagram } from '../../cli/render/diagram.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';

const DIAGRAM = /(<!-- The diagram is made by `npm run docs`\. -->\n```mermaid\n)[^]*?(```\n)/;

/** README.md with the diagram of the definition as it is now. Errors: Error when the place of the diagram is gone. */
export async function readme(root: string): Promise<string> {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  if (!DIAGRAM.test(text)) throw new Error('README.md has no place for the diagram');
  const platform = await loadPlatform({ cwd: root, environment: 'local', env: {}, systems: SYSTEM_SCHEMAS });
  return text.replace(DIAGRAM, (_all, before: string, after: string) => `${before}${diagram(platform)}${after}`);
}
