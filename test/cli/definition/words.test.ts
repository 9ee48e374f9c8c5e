// Each single mistake in the words in which it is told, at its line and column; and never with a value that could be a secret.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { load, minimal, refusal } from '../../support/definition.ts';

/** `line:column code: message` of each mistake of a definition. */
async function told(text: string): Promise<string[]> {
  const { code, message, details } = await refusal(load(text));
  if (code !== 'TODOCTL_DEFINITION_INVALID') return [`${details[0]?.replace('todoctl.yaml:', '')} ${code.replace('TODOCTL_', '')}: ${message}`];
  return Array.from({ length: details.length / 2 }, (_, index) => `${details[2 * index]?.replace('todoctl.yaml:', '').replace('TODOCTL_', '')}: ${details[2 * index + 1]?.trim()}`);
}
const service = (settings: string) => minimal().replace('route: /api, publishes: [task-events]', settings);
const topic = (settings: string) => minimal().replace('key: task', settings);
const local = (settings: string) => minimal().replace('provider: local', `provider: local, ${settings}`);

describe('a key', () => {
  test.each([
    ['unknown at the top, with a near one', minimal('topic: {}\n'), '8:1 DEFINITION_UNKNOWN_KEY: topic is not a key of the definition; did you mean topics?'],
    ['unknown, with none that is near', minimal('zzz: 1\n'), '8:1 DEFINITION_UNKNOWN_KEY: zzz is not a key of the definition; it takes platform, topics, services, environments'],
    ['unknown in a topic', topic('key: task, partition: 3'), '3:29 DEFINITION_UNKNOWN_KEY: partition is not a key of topics.task-events; did you mean partitions?'],
    ['unknown in a service', service('replica: 2'), '5:15 DEFINITION_UNKNOWN_KEY: replica is not a key of services.task-api; did you mean replicas?'],
    ['unknown in a subscription', service('subscribes: { task-events: { atempts: 3 } }'), '5:44 DEFINITION_UNKNOWN_KEY: atempts is not a key of services.task-api.subscribes.task-events; did you mean attempts?'],
    ['unknown in a scale', service('scale: { min: 1, max: 2, cpus: 70 }'), '5:40 DEFINITION_UNKNOWN_KEY: cpus is not a key of services.task-api.scale; did you mean cpu?'],
    ['unknown in an environment', local('regoin: nyc3'), '7:29 DEFINITION_UNKNOWN_KEY: regoin is not a key of environments.local; did you mean region?'],
    ['unknown in auth', local('auth: { jwks: "https://id.example.com", isuer: x }'), '7:69 DEFINITION_UNKNOWN_KEY: isuer is not a key of environments.local.auth; did you mean issuer?'],
    ['that is missing at the top', minimal().replace('platform: todo\n', ''), '1:1 DEFINITION_MISSING_KEY: platform is missing in the definition'],
    ['that is missing in a topic', topic(''), '3:3 DEFINITION_MISSING_KEY: key is missing in topics.task-events'],
    ['that is missing in a scale', service('scale: { min: 1 }'), '5:15 DEFINITION_MISSING_KEY: max is missing in services.task-api.scale'],
    ['that is missing in an environment', minimal().replace('provider: local', ''), '7:3 DEFINITION_MISSING_KEY: provider is missing in environments.local'],
  ])('%s', async (_what, text, expected) => {
    expect(await told(text)).toEqual([expected]);
  });
});

describe('a value', () => {
  test.each([
    ['a list for a map', minimal().replace(/topics:\n.*\n/, 'topics: [task-events]\n').replace('publishes: [task-events]', 'database: true'), '2:9 DEFINITION_WRONG_TYPE: topics wants a map, not a list'],
    ['nothing for a map', service('').replace('task-api: {  }', 'task-api:'), '5:12 DEFINITION_WRONG_TYPE: services.task-api wants a map, not nothing'],
    ['a number for a text', minimal().replace('platform: todo', 'platform: 7'), '1:11 DEFINITION_WRONG_TYPE: platform wants a text, not a number'],
    ['a text for true or false', service('database: "yes"'), '5:25 DEFINITION_WRONG_TYPE: services.task-api.database wants true or false, not a text'],
    ['a text for a list', service('publishes: task-events'), '5:26 DEFINITION_WRONG_TYPE: services.task-api.publishes wants a list, not a text'],
    ['a text for a list or a map', service('subscribes: task-events'), '5:27 DEFINITION_WRONG_TYPE: services.task-api.subscribes wants a list or a map, not a text'],
    ['half a replica', service('replicas: 1.5'), '5:25 DEFINITION_WRONG_TYPE: services.task-api.replicas wants a whole number, not a number'],
    ['a key that is none', topic('key: owner'), '3:23 DEFINITION_BAD_VALUE: topics.task-events.key takes task, user, not "owner"'],
    ['no partitions', topic('key: task, partitions: 0'), '3:41 DEFINITION_BAD_VALUE: topics.task-events.partitions is at least 1, not 0'],
    ['too many partitions', topic('key: task, partitions: 100000'), '3:41 DEFINITION_BAD_VALUE: topics.task-events.partitions is at most 1000, not 100000'],
    ['more than all of a CPU', service('scale: { min: 1, max: 2, cpu: 170 }'), '5:45 DEFINITION_BAD_VALUE: services.task-api.scale.cpu is at most 100, not 170'],
    ['a port beyond the last', local('ports: { kafka: 70000 }'), '7:45 DEFINITION_BAD_VALUE: environments.local.ports.kafka is at most 65535, not 70000'],
    ['a fraction of a day', topic('key: task, retention: 1.5d'), '3:40 DEFINITION_BAD_DURATION: "1.5d" is no duration like 7d, 90m or 1h30m'],
    ['a negative time', topic('key: task, retention: -7d'), '3:40 DEFINITION_BAD_DURATION: "-7d" is no duration like 7d, 90m or 1h30m'],
    ['a size in words', topic('key: task, retentionSize: much'), '3:44 DEFINITION_BAD_SIZE: "much" is no size like 512MiB or 10GB'],
    ['a route without its slash', service('route: api'), '5:22 DEFINITION_BAD_ROUTE: "api" is no route like /api or /'],
    ['a name with a capital', minimal().replace('platform: todo', 'platform: Todo'), '1:11 DEFINITION_BAD_NAME: "Todo" is no usable name: lower-case letters, digits and dashes'],
    ['a very long name, cut', minimal().replace('platform: todo', `platform: ${'t'.repeat(200)}`), `1:11 DEFINITION_BAD_NAME: "${'t'.repeat(48)}… is too long for a name: 200 characters`],
    ['keys that are no URL', local('auth: { jwks: id.example.com }'), '7:43 DEFINITION_BAD_VALUE: environments.local.auth.jwks wants a URL like https://id.example.com/keys'],
    ['keys by a file URL', local('auth: { jwks: "file:///etc/passwd" }'), '7:43 DEFINITION_BAD_VALUE: environments.local.auth.jwks wants a URL like https://id.example.com/keys'],
    ['bounds that cross', service('scale: { min: 3, max: 2 }'), '5:15 DEFINITION_BAD_VALUE: services.task-api.scale has a min of 3 above its max of 2'],
    [
      'a pooler where there is none',
      minimal('  prod: { provider: existing, context: c, postgres: { pooled: 20 }, auth: { jwks: https://id.example.com/keys } }\n'),
      '8:55 DEFINITION_BAD_VALUE: environments.prod.postgres.pooled needs a PostgreSQL of provider digitalocean or external; to one in the cluster give connections, or a smaller pool',
    ],
    ['a pooler of one connection', local('postgres: { pooled: 1 }'), '7:49 DEFINITION_BAD_VALUE: environments.local.postgres.pooled is at least 2, not 1'],
    ['nodes that cross', local('nodes: { min: 3, max: 2 }'), '7:29 DEFINITION_BAD_VALUE: environments.local.nodes has a min of 3 above its max of 2'],
    ['a topic delivered twice', service('listens: [task-events], subscribes: [task-events]'), '5:25 DEFINITION_BAD_VALUE: task-events is subscribed to already; choose one of subscribes and listens'],
  ])('%s', async (_what, text, expected) => {
    expect(await told(text)).toEqual([expected]);
  });
});

test('a place is that of the value wherever it stands: in blocks, in brackets, behind comments and line ends of Windows', async () => {
  const block = `platform: todo # the name
topics:

  # every change
  task-events:
    key: task
    partitions:   lots
services:
  task-api:
    publishes:
      - task-events
      - task-evnts
environments:
  local:
    provider: local
`;
  const expected = ['7:19 DEFINITION_WRONG_TYPE: topics.task-events.partitions wants a number, not a text', '12:9 TOPIC_UNDECLARED: the topic task-evnts is not declared; did you mean task-events?'];
  expect(await told(block)).toEqual(expected);
  expect(await told(block.replaceAll('\n', '\r\n'))).toEqual(expected);
});

describe('a secret that stands in the file', () => {
  const CANARY = 'hunter2-canary-hunter2';
  const definition = () => parse(minimal().replace('provider: local', 'provider: local, auth: { jwks: "https://id.example.com/keys" }, postgres: { url: { env: URL } }, kafka: { bootstrap: "a:1" }')) as Record<string, unknown>;
  /** Where a password lands in real files: in an address, in a reference, beside one, in a list. */
  const SECRETS: [string, Record<string, unknown>][] = [
    ['as an address', { postgres: { url: `postgres://todo:${CANARY}@db/todo` } }],
    ['beside a reference', { postgres: { url: { env: 'URL', value: CANARY } } }],
    ['as the name of a variable', { postgres: { url: { env: `postgres://todo:${CANARY}@db` } } }],
    ['in a list', { postgres: { url: [CANARY] } }],
    ['as a key', { auth: { key: CANARY } }],
    ['as a key of several lines', { auth: { key: `-----BEGIN KEY-----\n${CANARY}\n-----END KEY-----\n` } }],
    ['under value', { auth: { key: { value: CANARY } } }],
    ['in the address of keys', { auth: { jwks: `htp://todo:${CANARY}@id.example.com` } }],
    ['in the address of Kafka', { kafka: { bootstrap: `todo:${CANARY}@broker:9092` } }],
    ['under a key that is not known', { password: CANARY }],
    ['under a key that is not known, in Kafka', { kafka: { password: CANARY } }],
  ];

  test.each(SECRETS)('%s is refused and not repeated', async (_where, settings) => {
    const written = definition();
    const { local: environment } = written['environments'] as { local: object };
    written['environments'] = { local: { ...environment, ...settings } };
    const error = await refusal(load(stringify(written)));
    expect(error.exit).toBe(2);
    expect(JSON.stringify([error, error.stack, String(error.cause)])).not.toContain('canary');
  });

  test('is not repeated either when the text around it is broken anywhere', async () => {
    const text = minimal().replace('provider: local', `provider: local, postgres: { url: "postgres://todo:${CANARY}@db" }`);
    const breakage = fc.record({ at: fc.nat(text.length - 1), cut: fc.integer({ min: 0, max: 3 }), put: fc.constantFrom('', '"', "'", '[', '{', '\t', ': ', '\n', '&a', '*a', '!!', '%', '@', '\\x') });
    await fc.assert(
      fc.asyncProperty(breakage, async ({ at, cut, put }) => {
        const broken = text.slice(0, at) + put + text.slice(at + cut);
        const error = await load(broken).then(() => undefined, (thrown: unknown) => thrown);
        if (error === undefined) return;
        expect(error).toBeInstanceOf(TodoctlError);
        // Only the canary whole is looked for: the breakage itself may have made ordinary words of it.
        expect(JSON.stringify([error, String((error as TodoctlError).cause)])).not.toContain(CANARY);
      }),
      { numRuns: 150 },
    );
  });
});
