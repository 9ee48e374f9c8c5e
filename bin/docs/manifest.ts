import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Config, type Interfaces } from '@oclif/core';

/** oclif.manifest.json as `oclif manifest` writes it from dist/, but made from the sources. */
export async function manifestOf(root: string): Promise<Interfaces.Manifest> {
  const pjson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Interfaces.PJSON;
  const fromSources = { ...pjson, oclif: { ...pjson.oclif, commands: './cli/commands' } } as Interfaces.PJSON;
  const config = await Config.load({ root, pjson: fromSources, ignoreManifest: true, respectNoCacheDefault: true });
  // The interface leaves out what `oclif manifest` itself reads.
  const plugin = config.plugins.get(pjson.name) as (Interfaces.Plugin & { manifest: Interfaces.Manifest }) | undefined;
  if (!plugin) throw new Error('oclif did not load the package');
  const commands = Object.entries(plugin.manifest.commands).map(([id, command]) => [id, { ...command, relativePath: built(command.relativePath) }] as const);
  return { commands: Object.fromEntries(commands.sort(([a], [b]) => (a < b ? -1 : 1))), version: pjson.version };
}

/** cli/commands/deploy.ts → dist/commands/deploy.js */
function built(source: readonly string[] | undefined): string[] {
  const [, ...rest] = source ?? [];
  return ['dist', ...rest.map((part) => part.replace(/\.ts$/, '.js'))];
}
