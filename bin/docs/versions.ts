import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadPlatform } from '../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../cli/systems/all.ts';
import { systemsOf } from '../../cli/systems/environment.ts';
import type { Chart } from '../../cli/systems/system.ts';

const EVERYTHING = 'docs/everything.todoctl.yaml';
const ENVIRONMENTS = ['full', 'managed', 'existing'];

/** docs/versions.md: every chart that an environment can have, as the systems pin it. */
export async function versionsPage(root: string): Promise<string> {
  const charts = new Map<string, { system: string; chart: Chart }>();
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'todoctl-docs-'));
  try {
    await copyFile(path.join(root, EVERYTHING), path.join(cwd, 'todoctl.yaml'));
    for (const environment of ENVIRONMENTS) {
      const platform = await loadPlatform({ cwd, environment, env: {}, systems: SYSTEM_SCHEMAS });
      const tags = Object.fromEntries(platform.services.map(({ name }) => [name, 'tag']));
      for (const { id, charts: found = [] } of systemsOf(platform, SYSTEMS, tags)) for (const chart of found) charts.set(chart.release, { system: id, chart });
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
  const rows = [...charts.values()].map(({ system, chart: { chart, repository, version, namespace } }) => `| ${system} | ${repository === undefined ? chart : `${chart} from ${repository}`} | ${version} | ${namespace} |`);
  return `# Versions
Made by \`npm run docs\` from the systems in \`cli/systems\`, each of which pins what it uses; \`${EVERYTHING}\` asks for all of them.

| system | chart | version | namespace |
|---|---|---|---|
${rows.join('\n')}
`;
}
