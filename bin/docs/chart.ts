import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { loadPlatform } from '../../cli/definition/load.ts';
import { openTemplates } from '../../cli/render/templates.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { appValues } from '../../cli/systems/app-values.ts';
import { chartValues } from '../../cli/systems/chart-values.ts';

const SOURCE = 'cli/systems/chart-values.ts';

/** What of charts/todo is made from the schema of its values, by its path relative to the project's root. */
export async function chartFiles(root: string): Promise<Map<string, string>> {
  const defaults: unknown = parse(readFileSync(path.join(root, 'charts/todo/values.yaml'), 'utf8'));
  return new Map([
    ['charts/todo/values.schema.json', `${JSON.stringify(valuesSchema(), null, 2)}\n`],
    ['charts/todo/README.md', readme(defaults)],
    ['charts/todo/ci/todo-values.yaml', await example(root)],
  ]);
}

/** What Helm checks values with. `$comment` is all that it says of itself: Helm shows no description. */
export function valuesSchema(): z.core.JSONSchema.BaseSchema {
  return { ...z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input' }), $comment: `Made by \`npm run docs\` from ${SOURCE}; do not edit.` };
}

/** The values of this repository's own platform: something to install, and to try the chart with. */
async function example(root: string): Promise<string> {
  const platform = await loadPlatform({ cwd: root, environment: 'staging', env: {}, systems: SYSTEM_SCHEMAS });
  const values = appValues(platform, Object.fromEntries(platform.services.map(({ name }) => [name, 'latest'])));
  return `# Made by \`npm run docs\` from todoctl.yaml (environment staging); do not edit.\n${openTemplates().fill('helm/todo.values.yaml.hbs', { values })}`;
}

interface Node {
  type?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  required?: string[];
}

function readme(defaults: unknown): string {
  const rows = rowsOf(valuesSchema() as Node, [], defaults).map((row) => `| ${row.join(' | ')} |`);
  return `<!-- Made by \`npm run docs\` from ${SOURCE} and values.yaml; do not edit. -->
# charts/todo

The services of a platform and all that changes with a release of them: for each service a Deployment, a Service, a
ServiceAccount, a PodDisruptionBudget and, where it scales, a HorizontalPodAutoscaler or a ScaledObject of KEDA; for all of them
their settings, the public entrance with its certificate, and what Prometheus scrapes. Nothing in it is secret: passwords and
tokens are in Secrets that the values name.

\`todoctl render --env NAME\` writes values for an environment and todoctl deploys them. By hand, with the values of the platform
in todoctl.yaml:

\`\`\`sh
helm upgrade --install todo charts/todo --namespace todo --values charts/todo/ci/todo-values.yaml
helm test todo --namespace todo
\`\`\`

A key that no row names is refused (values.schema.json). \`NAME\` stands for any name, \`[]\` for each item of a list.

| Value | Type | Default | Meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** A row for each value, from the outside in; a map or list that has rows of its own shows no default. */
function rowsOf(node: Node, at: readonly string[], given: unknown): string[][] {
  const inner: [string, Node, unknown][] = [
    ...Object.entries(node.properties ?? {}).map(([key, child]): [string, Node, unknown] => [at.length > 0 ? `.${key}` : key, child, (given as Record<string, unknown> | undefined)?.[key]]),
    ...(typeof node.additionalProperties === 'object' && Object.keys(node.additionalProperties).length > 0 ? [['.NAME', node.additionalProperties, undefined] as [string, Node, unknown]] : []),
    ...(node.items?.properties ? [['[]', node.items, undefined] as [string, Node, unknown]] : []),
  ];
  const deeper = inner.flatMap(([key, child, value]) => rowsOf(child, [...at, key], value));
  // A step on the way, and what a map holds, says something only if it has words of its own.
  if (node.description === undefined) return deeper;
  const leaf = deeper.length === 0 || typeof given !== 'object' || Object.keys(given ?? {}).length === 0;
  return [[`\`${at.join('')}\``, typeOf(node), leaf && given !== undefined ? `\`${JSON.stringify(given)}\`` : '', node.description.replaceAll('|', '\\|')], ...deeper];
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.items) return `list of ${node.items.type ?? 'anything'}`;
  return node.type === 'object' && node.additionalProperties && typeof node.additionalProperties === 'object' ? 'map' : (node.type ?? 'anything');
}
