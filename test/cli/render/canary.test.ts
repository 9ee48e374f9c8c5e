// Secrets are named by a definition and never read for rendering: with a known text behind each name, no rendered file holds it; and
// where somebody writes the secret itself into the file, the refusal does not repeat it.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod';
import { loadPlatform } from '../../../cli/definition/load.ts';
import type { Platform } from '../../../cli/definition/platform.ts';
import { definitionWith } from '../../../cli/definition/schema.ts';
import type { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { SYSTEM_SCHEMAS } from '../../../cli/systems/all.ts';
import { errorText } from '../../../cli/views/error.ts';
import { refusal } from '../../support/definition.ts';
import { renderedOf } from '../../support/rendered.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const CANARY = 'canary-5f3a9c71e0';
type Tree = { [key: string]: unknown };

/** Every place of an environment where a secret may be named; the test below holds it to the schema. */
const PLACES = [
  'auth.key', 'postgres.url', 'registry.credentials', 'monitoring.slack.webhook', 'monitoring.discord.webhook', 'monitoring.email.password', 'monitoring.deadman.url',
];

/** An environment with a value at each place of a secret. */
function environment(valueAt: (place: string) => unknown): Tree {
  return {
    provider: 'existing',
    context: 'mine',
    host: 'todo.example.com',
    auth: { key: valueAt('auth.key'), issuer: 'id', audience: 'todo' },
    postgres: { url: valueAt('postgres.url') },
    registry: { server: 'registry.example.com', repository: 'todo', credentials: valueAt('registry.credentials') },
    redis: {},
    backup: { bucket: 'backups', region: 'nyc3' },
    monitoring: {
      slack: { webhook: valueAt('monitoring.slack.webhook') },
      discord: { webhook: valueAt('monitoring.discord.webhook') },
      email: { to: ['a@example.com'], from: 'b@example.com', smarthost: 'mail.example.com:587', username: 'me', password: valueAt('monitoring.email.password') },
      deadman: { url: valueAt('monitoring.deadman.url') },
    },
  };
}

function definition(far: Tree, more: Tree = {}): string {
  return stringify({
    platform: 'todo',
    topics: { events: { key: 'task' } },
    services: { api: { route: '/', publishes: ['events'], database: true }, audit: { subscribes: ['events'], invokes: ['api'], state: true, scale: { min: 1, max: 3, lag: 10 } } },
    environments: { far },
    ...more,
  });
}

/** Loads from a folder in which the file `secret` and each environment variable hold the canary. */
async function load(text: string, name = 'far'): Promise<Platform> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), text);
  await writeFile(path.join(cwd, 'secret'), CANARY);
  return loadPlatform({ cwd, environment: name, env: { HOME: cwd, SECRET: CANARY }, systems: SYSTEM_SCHEMAS });
}

/** All that a person or a program can see of an error. */
function seen(error: TodoctlError): string {
  return [errorText(error, { colour: false, columns: 200 }), JSON.stringify(error), error.message, error.stack, JSON.stringify(error.details), String(error.cause)].join('\n');
}

test('the places are those of the schema', () => {
  interface Json { properties?: Record<string, Json>; anyOf?: Json[]; additionalProperties?: Json | boolean }
  const found: string[] = [];
  const walk = ({ properties = {}, anyOf = [], additionalProperties }: Json, at: string): void => {
    const isSecret = anyOf.some((one) => one.properties?.['env']) && anyOf.some((one) => one.properties?.['file']);
    if (isSecret) found.push(at);
    else for (const one of anyOf) walk(one, at);
    for (const [key, inner] of Object.entries(properties)) walk(inner, at === '' ? key : `${at}.${key}`);
    if (typeof additionalProperties === 'object') walk(additionalProperties, `${at}.*`);
  };
  walk(z.toJSONSchema(definitionWith(SYSTEM_SCHEMAS), { io: 'input', unrepresentable: 'any' }) as Json, '');
  expect([...new Set(found)].sort()).toEqual(PLACES.map((place) => `environments.*.${place}`).sort());
});

describe('no rendered file holds a secret', () => {
  test.each([['of variables', { env: 'SECRET' }], ['of files', { file: 'secret' }]])('%s', async (_, reference) => {
    const files = renderedOf(await load(definition(environment(() => reference))));
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter(({ path: file, text }) => text.includes(CANARY) || file.includes(CANARY)).map(({ path: file }) => file)).toEqual([]);
    // Encoded, as a Secret would have it, it is no less there.
    const encoded = Buffer.from(CANARY).toString('base64').replace(/=+$/, '');
    expect(files.filter(({ text }) => text.includes(encoded)).map(({ path: file }) => file)).toEqual([]);
  });
});

describe('a refusal does not repeat a secret', () => {
  const right = { env: 'SECRET' };
  const wrongly: [string, unknown][] = [
    ['written itself', CANARY],
    ['under a wrong key', { evn: CANARY }],
    ['as a key', { [CANARY]: 'SECRET' }],
    ['in a list', [CANARY]],
    ['with too much beside', { env: 'SECRET', value: CANARY }],
    ['as the name of a variable', { env: `${CANARY}!` }],
  ];
  describe.each(wrongly)('%s', (_, value) => {
    test.each(PLACES)('at %s', async (place) => {
      const error = await refusal(load(definition(environment((at) => (at === place ? value : right)))));
      expect(seen(error)).not.toContain(CANARY);
      expect(seen(error)).toContain(place.split('.')[0]);
    });
  });

  test.each<[string, Tree | string]>([
    ['an unknown key', { ...environment(() => right), monitorin: CANARY }],
    ['a value of a wrong kind', { ...environment(() => right), protected: CANARY }],
    ['an address with a password in it', { ...environment(() => right), kafka: { bootstrap: `user:${CANARY}@kafka:9092` } }],
    ['a provider that lacks keys', { ...environment(() => right), provider: 'digitalocean' }],
    ['no auth', { ...environment(() => right), auth: undefined }],
    ['a file that is no YAML', `${definition(environment(() => right))}\n  key: [${CANARY}\n}`],
    ['a key twice', definition(environment(() => right)).replace('    host:', `    host: ${CANARY}\n    host:`)],
    ['a text that goes on by mistake', definition(environment(() => right)).replace('platform: todo', `platform: todo\n  password: ${CANARY}`)],
  ])('%s', async (_, far) => {
    const error = await refusal(load(typeof far === 'string' ? far : definition(far)));
    expect(seen(error)).not.toContain(CANARY);
  });

  test('an environment that is not there', async () => {
    expect(seen(await refusal(load(definition(environment(() => right)), 'near')))).not.toContain(CANARY);
  });
});
