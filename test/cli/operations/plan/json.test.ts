// What --json gives is what the help of plan says: every key that is there is written down, and every one that is written down is there.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import Plan from '../../../../cli/commands/plan.ts';
import { capacityOf } from '../../../../cli/targets/cluster/capacity/capacity.ts';
import { plan } from '../../../../cli/operations/plan/plan.ts';
import { render } from '../../../../cli/operations/render/render.ts';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';

const DEFINITION = `platform: todo
topics: { task-events: { key: task, partitions: 3 } }
services: { task-api: { route: /api, publishes: [task-events], database: true }, audit: { subscribes: [task-events] } }
environments:
  prod:
    provider: digitalocean
    region: nyc3
    nodes: { size: s-4vcpu-8gb, count: 3, max: 5 }
    auth: { jwks: https://id.example.com/keys }
    postgres: { provider: digitalocean, size: db-s-2vcpu-4gb }
`;

/** `changes[].fields[].path` of `{changes: [{fields: [{path}]}]}`, as the help writes it. */
function documented(text: string): string[] {
  const written = /With --json: ([\s\S]*)\.$/.exec(text)?.[1] ?? '';
  const found: string[] = [];
  const above: string[] = [];
  let last = '';
  // `: cluster|folder` are values and no keys.
  for (const [token] of written.matchAll(/[{}]|: [a-z|]+|[A-Za-z]+/g)) {
    if (token === '{') above.push(last);
    else if (token === '}') above.pop();
    else if (!token.startsWith(':')) found.push((last = join(above.at(-1) ?? '', token)));
  }
  return found.sort();
}
function join(above: string, key: string): string {
  return above === '' ? key : `${above}.${key}`;
}

function keysOf(value: unknown, above = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysOf(one, above));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [join(above, key), ...keysOf(inner, join(above, key))]);
}

test('the documented keys of --json are those that a plan has', async () => {
  const cwd = await temporaryFolder();
  const context = { ...contextOn(targetWith()), cwd, environment: 'prod' };
  const define = (text: string): Promise<void> => writeFile(path.join(cwd, 'todoctl.yaml'), text);
  await define(DEFINITION.replace('audit:', 'billing:'));
  await render(context, { only: [], out: undefined, check: false });
  await define(DEFINITION.replace('partitions: 3', 'partitions: 6').replace('count: 3', 'count: 4'));
  const result = await plan(context, { against: 'rendered/prod' });
  // What only some plans have: an object that waits for its kind, a value that is masked.
  const rare = ['changes.after', 'changes.fields.masked'];
  const actual = [...new Set([...keysOf(result), ...rare])];
  const said = documented(Plan.description);
  // Of nodes, the most and a node’s parts the help names the key alone.
  const told = (key: string): boolean => !/^capacity\.(?:most|nodes)\./.test(key) && !/^changes\.fields\.(?:from|to)\./.test(key);
  expect(said).toEqual(actual.filter(told).sort());
});

test('the parts of capacity that the help leaves out are named like those that it has', () => {
  const platform = { services: [], topics: [], environment: { name: 'x', systems: {} } } as unknown as Platform;
  const nodes = { cpu: 1000, memory: 1000, volumes: 7, least: 1, count: 1, most: 1, source: 'a table' };
  const { least, most, nodes: weighed } = capacityOf(platform, [], nodes);
  expect(Object.keys(most)).toEqual(Object.keys(least));
  expect(Object.keys(weighed ?? {})).toEqual([...Object.keys(nodes), 'needed']);
});
