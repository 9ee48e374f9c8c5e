import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const cli = path.resolve(import.meta.dirname, '../../../cli');

/** What `events tail` loads on its way: its own file, and what the context loads for it. */
const ENTRIES = ['commands/events/tail.ts', 'targets/local/deployed.ts', 'targets/local/target.ts'];

const IMPORT = /^(?:import|export)\s(?!type\s)[^;]*?from '([^']+)'/gm;

/** Packages that the static imports behind `entries` reach. */
function packagesOf(entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, source] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (!source) continue;
      if (source.startsWith('.')) visit(path.resolve(path.dirname(file), source));
      else if (!source.startsWith('node:')) packages.add(source);
    }
  };
  for (const entry of entries) visit(path.join(cli, entry));
  return [...packages];
}

test('events tail loads oclif and nothing else: no schema library, no YAML, no database driver', () => {
  expect(packagesOf(ENTRIES)).toEqual(['@oclif/core']);
});

/** What it loads besides for a cluster that exists: a definition and a kubeconfig are YAML. */
const IN_A_CLUSTER = ['targets/cluster/target.ts', 'targets/cluster/kafka.ts', 'providers/existing/existing.ts', 'kafka/secure-stream.ts'];

test('in a cluster it loads a reader of YAML besides, and neither schemas nor templates nor a client of DigitalOcean', () => {
  expect(packagesOf([...ENTRIES, ...IN_A_CLUSTER]).sort()).toEqual(['@oclif/core', 'yaml']);
});
