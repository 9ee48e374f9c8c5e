// Whole refusals as a person reads them: each mistake with its place, what is meant, and a code.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlatform } from '../../../cli/definition/load.ts';
import { errorText } from '../../../cli/views/error.ts';
import { load, minimal, refusal, transcript } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('all mistakes of a file at once, in its order', async () => {
  expect(
    await transcript(`platform: todo
topics:
  task-events: { key: taks, partitions: many, retention: 7 days }
services:
  task-api:   { rout: /api, publishes: [task-event], database: perhaps }
  web:        { route: / }
  site:       { route: /, invokes: [task-ap] }
environments:
  local: { provider: locale }
`),
  ).toMatchInlineSnapshot(`
    "
    Error todoctl.yaml has 9 mistakes
          todoctl.yaml:3:23 TODOCTL_DEFINITION_BAD_VALUE
            topics.task-events.key takes task, user, not "taks"; did you mean task?
          todoctl.yaml:3:41 TODOCTL_DEFINITION_WRONG_TYPE
            topics.task-events.partitions wants a number, not a text
          todoctl.yaml:3:58 TODOCTL_DEFINITION_BAD_DURATION
            "7 days" is no duration like 7d, 90m or 1h30m
          todoctl.yaml:5:17 TODOCTL_DEFINITION_UNKNOWN_KEY
            rout is not a key of services.task-api; did you mean route?
          todoctl.yaml:5:41 TODOCTL_TOPIC_UNDECLARED
            the topic task-event is not declared; did you mean task-events?
          todoctl.yaml:5:64 TODOCTL_DEFINITION_WRONG_TYPE
            services.task-api.database wants true or false, not a text
          todoctl.yaml:7:24 TODOCTL_ROUTE_TAKEN
            the route / is taken by web already
          todoctl.yaml:7:37 TODOCTL_SERVICE_UNDECLARED
            the service task-ap is not declared; did you mean task-api?
          todoctl.yaml:9:22 TODOCTL_DEFINITION_BAD_VALUE
            environments.local.provider takes local, digitalocean, azure, google,
            oracle, existing, not "locale"; did you mean local?
    Why   The whole file is checked before anything is changed. Every mistake is
          listed with its place and its own code.
    Next  Correct the places listed above.
          An editor with a YAML language server checks the file against
          docs/todoctl.schema.json while you type.
    Code  TODOCTL_DEFINITION_INVALID (todoctl explain TODOCTL_DEFINITION_INVALID)
    "
  `);
});

test('a single mistake keeps its own code', async () => {
  expect(await transcript(minimal('environmets: {}\n'))).toMatchInlineSnapshot(`
    "
    Error environmets is not a key of the definition; did you mean environments?
          todoctl.yaml:8:1
    Why   An unknown key would be passed over in silence, and what it asks for would
          not happen.
    Next  Use the name that is offered, or remove the key.
          An editor with a YAML language server checks the file against
          docs/todoctl.schema.json while you type.
    Code  TODOCTL_DEFINITION_UNKNOWN_KEY
          (todoctl explain TODOCTL_DEFINITION_UNKNOWN_KEY)
    "
  `);
});

test('of very many mistakes the first hundred are shown', async () => {
  const wrong = Array.from({ length: 110 }, (_, index) => `wrong${index}: 1`).join('\n');
  const { details, message } = await refusal(load(minimal(wrong)));
  expect(message).toBe('todoctl.yaml has 110 mistakes');
  expect(details).toHaveLength(201);
  expect(details.at(-1)).toBe('and 10 more');
});

describe('text that is not a definition', () => {
  test('not YAML', async () => {
    expect(await transcript('platform: todo\ntopics: {task-events: [\n')).toMatchInlineSnapshot(`
      "
      Error this is not YAML: a bracket is left open, or the indentation does not fit
            todoctl.yaml:3:1
      Why   The text breaks a rule of YAML 1.2 at the place named. Often it is the
            indentation, a tab, a missing colon or an open bracket.
      Next  Correct the place listed above.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_NOT_YAML (todoctl explain TODOCTL_DEFINITION_NOT_YAML)
      "
    `);
  });

  test('a tab as indentation', async () => {
    expect(await transcript('platform: todo\ntopics:\n\ttask-events: {}\n')).toMatchInlineSnapshot(`
      "
      Error this is not YAML: a tab indents here; use spaces
            todoctl.yaml:3:1
      Why   The text breaks a rule of YAML 1.2 at the place named. Often it is the
            indentation, a tab, a missing colon or an open bracket.
      Next  Correct the place listed above.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_NOT_YAML (todoctl explain TODOCTL_DEFINITION_NOT_YAML)
      "
    `);
  });

  test('an empty file', async () => {
    expect(await transcript('')).toMatchInlineSnapshot(`
      "
      Error the definition wants a map, not nothing
            todoctl.yaml:1:1
      Why   The key wants another kind of value: a text, a number, yes or no, a list
            or a map.
      Next  Write the value as the message says.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_WRONG_TYPE
            (todoctl explain TODOCTL_DEFINITION_WRONG_TYPE)
      "
    `);
  });

  test('a key that stands twice', async () => {
    expect(await transcript('platform: todo\nplatform: other\ntopics: {}\nservices: {}\nenvironments: {}\n')).toMatchInlineSnapshot(`
      "
      Error this key stands here a second time
            todoctl.yaml:2:1
      Why   Of two equal keys one would silently win.
      Next  Remove or rename one of the two.
      Code  TODOCTL_DEFINITION_DUPLICATE_KEY
            (todoctl explain TODOCTL_DEFINITION_DUPLICATE_KEY)
      "
    `);
  });

  test('two documents', async () => {
    expect(await transcript(`${minimal()}---\n${minimal()}`)).toMatchInlineSnapshot(`
      "
      Error this is not YAML: a second document begins here; only one is read
            todoctl.yaml:8:1
      Why   The text breaks a rule of YAML 1.2 at the place named. Often it is the
            indentation, a tab, a missing colon or an open bracket.
      Next  Correct the place listed above.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_NOT_YAML (todoctl explain TODOCTL_DEFINITION_NOT_YAML)
      "
    `);
  });

  test('an image', async () => {
    expect(await transcript(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]))).toMatchInlineSnapshot(`
      "
      Error todoctl.yaml is not UTF-8 text
      Why   It holds bytes that are not UTF-8, so it was saved in another encoding or
            is another kind of file.
      Next  Save it as UTF-8 text.
      Code  TODOCTL_DEFINITION_BINARY (todoctl explain TODOCTL_DEFINITION_BINARY)
      "
    `);
  });

  test('Latin-1', async () => {
    expect((await refusal(load(Uint8Array.from([0x70, 0x3a, 0x20, 0xe9])))).code).toBe('TODOCTL_DEFINITION_BINARY');
  });

  test('more than a mebibyte', async () => {
    expect(await transcript(`# ${'x'.repeat(1024 * 1024)}`)).toMatchInlineSnapshot(`
      "
      Error todoctl.yaml has 1048578 bytes; at most 1048576 are read
      Why   A definition of many services has some kilobytes. A file of more than 1
            MiB, or one whose aliases grow beyond all measure, is something else.
      Next  Look at what the file holds.
      Code  TODOCTL_DEFINITION_TOO_LARGE
            (todoctl explain TODOCTL_DEFINITION_TOO_LARGE)
      "
    `);
  });

  test('aliases that grow beyond all measure', async () => {
    const bomb = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`);
    expect(await transcript(`a0: &a0 [x]\n${bomb.join('\n')}\n`)).toMatchInlineSnapshot(`
      "
      Error its aliases grow beyond all measure
            todoctl.yaml:1:1
      Why   A definition of many services has some kilobytes. A file of more than 1
            MiB, or one whose aliases grow beyond all measure, is something else.
      Next  Look at what the file holds.
      Code  TODOCTL_DEFINITION_TOO_LARGE
            (todoctl explain TODOCTL_DEFINITION_TOO_LARGE)
      "
    `);
  });

  test('brackets nested a hundred thousand deep', async () => {
    const error = await refusal(load(`platform: ${'['.repeat(100_000)}`));
    expect(JSON.stringify(error)).toContain('nested too deeply');
  });

  test('a folder of this name', async () => {
    const cwd = await temporaryFolder();
    await mkdir(path.join(cwd, 'todoctl.yaml'));
    const error = await refusal(loadPlatform({ cwd, environment: 'local', env: {} }));
    expect(errorText(error, { colour: false, columns: 80 })).toMatchInlineSnapshot(`
      "Error todoctl.yaml cannot be read (not a regular file)
      Why   It is a folder or a device, or its permissions keep you out.
      Next  Look at it with ls -l, then put a readable file there.
      Code  TODOCTL_DEFINITION_UNREADABLE
            (todoctl explain TODOCTL_DEFINITION_UNREADABLE)
      "
    `);
  });

  test('none at all', async () => {
    const cwd = await temporaryFolder();
    const error = await refusal(loadPlatform({ cwd, environment: 'local', env: {} }));
    expect(error.toJSON()).toMatchObject({ code: 'TODOCTL_DEFINITION_NOT_FOUND', details: [`looked in ${cwd} and above`] });
  });
});

describe('references', () => {
  test('an undeclared topic, in a list and in a map', async () => {
    expect(
      await transcript(minimal().replace('publishes: [task-events]', 'listens: [task-updates], subscribes: { task-event: { bulk: 10 } }')),
    ).toMatchInlineSnapshot(`
      "
      Error todoctl.yaml has 2 mistakes
            todoctl.yaml:5:38 TODOCTL_TOPIC_UNDECLARED
              the topic task-updates is not declared
            todoctl.yaml:5:67 TODOCTL_TOPIC_UNDECLARED
              the topic task-event is not declared; did you mean task-events?
      Why   The whole file is checked before anything is changed. Every mistake is
            listed with its place and its own code.
      Next  Correct the places listed above.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_INVALID (todoctl explain TODOCTL_DEFINITION_INVALID)
      "
    `);
  });

  test('an undeclared service, invoked and changed by an environment', async () => {
    expect(
      await transcript(minimal('  other: { provider: local, services: { taskapi: { replicas: 2 } } }\n').replace('route: /api,', 'route: /api, invokes: [recurence],')),
    ).toMatchInlineSnapshot(`
      "
      Error todoctl.yaml has 2 mistakes
            todoctl.yaml:5:38 TODOCTL_SERVICE_UNDECLARED
              the service recurence is not declared
            todoctl.yaml:8:41 TODOCTL_SERVICE_UNDECLARED
              the service taskapi is not declared; did you mean task-api?
      Why   The whole file is checked before anything is changed. Every mistake is
            listed with its place and its own code.
      Next  Correct the places listed above.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_INVALID (todoctl explain TODOCTL_DEFINITION_INVALID)
      "
    `);
  });

  test('two services on one route', async () => {
    expect(await transcript(minimal().replace('environments:', '  web: { route: /api }\nenvironments:'))).toMatchInlineSnapshot(`
      "
      Error the route /api is taken by task-api already
            todoctl.yaml:6:17
      Why   The entrance gives each path prefix to exactly one service.
      Next  Give one of the two another route.
      Code  TODOCTL_ROUTE_TAKEN (todoctl explain TODOCTL_ROUTE_TAKEN)
      "
    `);
  });

  test('a topic both subscribed and listened to', async () => {
    expect((await refusal(load(minimal().replace('publishes:', 'listens: [task-events], subscribes:')))).toJSON()).toMatchObject({
      code: 'TODOCTL_DEFINITION_BAD_VALUE',
      details: ['todoctl.yaml:5:38'],
    });
  });

  test('two subscriptions whose objects would share a name', async () => {
    const definition = `platform: todo
topics: { c: { key: task }, b-c: { key: task } }
services: { a: { subscribes: [b-c] }, a-b: { listens: [c] } }
environments: { local: { provider: local } }
`;
    expect((await refusal(load(definition))).toJSON()).toMatchObject({
      code: 'TODOCTL_DEFINITION_BAD_NAME',
      message: 'a-b with c and a with its topic would both be named a-b-c',
    });
  });

  test('a dead-letter topic cannot be declared by hand', async () => {
    expect((await refusal(load(minimal().replace('task-events: {', 'task-events: { key: task }\n  task-events.dlq: {')))).code).toBe('TODOCTL_DEFINITION_BAD_NAME');
  });

  test('bounds that cross, also when only one of them is an environment’s', async () => {
    const crossed = minimal('  busy: { provider: local, services: { task-api: { scale: { min: 9 } } } }\n').replace('route:', 'scale: { min: 1, max: 3 }, route:');
    expect(await transcript(crossed)).toMatchInlineSnapshot(`
      "
      Error environments.busy.services.task-api.scale has a min of 9 above its max of
            3
            todoctl.yaml:8:52
      Why   The kind is right, but the key takes only certain values or a certain
            range.
      Next  Use a value that the message names.
            An editor with a YAML language server checks the file against
            docs/todoctl.schema.json while you type.
      Code  TODOCTL_DEFINITION_BAD_VALUE
            (todoctl explain TODOCTL_DEFINITION_BAD_VALUE)
      "
    `);
  });
});

describe('values', () => {
  const environment = (settings: string): string => minimal().replace('provider: local', `provider: local, ${settings}`);

  test.each([
    ['kafka: { bootstrap: localhost }', 'TODOCTL_DEFINITION_BAD_ADDRESS'],
    ['ports: { kafka: 99999 }', 'TODOCTL_DEFINITION_BAD_VALUE'],
    ['ports: { kafka: "9092" }', 'TODOCTL_DEFINITION_WRONG_TYPE'],
    ['topics: { task-events: { retention: 7 } }', 'TODOCTL_DEFINITION_WRONG_TYPE'],
    ['topics: { task-events: { retention: 7y } }', 'TODOCTL_DEFINITION_BAD_DURATION'],
    ['topics: { task-events: { retentionSize: 10 GB } }', 'TODOCTL_DEFINITION_BAD_SIZE'],
    ['services: { task-api: { replicas: 0 } }', 'TODOCTL_DEFINITION_BAD_VALUE'],
    ['services: { task-api: { replicas: 1.5 } }', 'TODOCTL_DEFINITION_WRONG_TYPE'],
    ['services: { task-api: }', 'TODOCTL_DEFINITION_WRONG_TYPE'],
    ['dapr: daprd', 'TODOCTL_DEFINITION_WRONG_TYPE'],
    ['auth: { jwks: not-a-url }', 'TODOCTL_DEFINITION_BAD_VALUE'],
    ['auth: { jkws: https://id.example.com }', 'TODOCTL_DEFINITION_UNKNOWN_KEY'],
  ])('%s is %s', async (settings, code) => {
    const error = await refusal(load(environment(settings)));
    expect(error.code === code || error.details.some((line) => line.endsWith(code))).toBe(true);
  });

  test.each([
    ['Task', 'a capital'],
    ['-task', 'a dash in front'],
    ['task_api', 'an underscore'],
    ['t'.repeat(64), '64 characters'],
  ])('%s is no name of a service: %s', async (name) => {
    expect((await refusal(load(minimal().replace('task-api:', `${name}:`)))).code).toBe('TODOCTL_DEFINITION_BAD_NAME');
  });

  test.each(['api', '/api/', '//', '/Api', '/a b'])('%s is no route', async (route) => {
    expect((await refusal(load(minimal().replace('route: /api', `route: "${route}"`)))).code).toBe('TODOCTL_DEFINITION_BAD_ROUTE');
  });
});

describe('secrets', () => {
  test.each(['postgres: { url: "postgres://todo:hunter2secret@db/todo" }', 'auth: { key: hunter2secret }', 'postgres: { url: [hunter2secret] }', 'auth: { key: { value: hunter2secret } }'])(
    'a literal is refused and never shown: %s',
    async (settings) => {
      const error = await refusal(load(minimal().replace('provider: local', `provider: local, ${settings}`)));
      expect(['TODOCTL_SECRET_LITERAL', 'TODOCTL_DEFINITION_WRONG_TYPE']).toContain(error.code);
      expect(JSON.stringify(error)).not.toContain('hunter2');
    },
  );

  test('as a person reads it', async () => {
    expect(await transcript(minimal().replace('provider: local', 'provider: local, postgres: { url: "postgres://todo:hunter2@db/todo" }'))).toMatchInlineSnapshot(`
      "
      Error environments.local.postgres.url holds a secret itself; write { env: NAME }
            or { file: PATH }
            todoctl.yaml:7:46
      Why   The file is shared and kept in version control, so it holds references to
            secrets only. The value is not shown here.
      Next  Write a reference instead, as named above.
            If the file was shared already, change the secret.
      Code  TODOCTL_SECRET_LITERAL (todoctl explain TODOCTL_SECRET_LITERAL)
      "
    `);
  });

  test('a broken line that holds one is not quoted', async () => {
    const error = await refusal(load('postgres: { url: "postgres://todo:hunter2@db'));
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('an address that holds one is not repeated', async () => {
    const error = await refusal(load(minimal().replace('provider: local', 'provider: local, kafka: { bootstrap: "kafka://todo:hunter2@broker:9092" }')));
    expect(error.message).toMatchInlineSnapshot(`"environments.local.kafka.bootstrap wants host:port, several separated by commas"`);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('a misspelt reference is told how one looks', async () => {
    const error = await refusal(load(minimal().replace('provider: local', 'provider: local, postgres: { url: { evn: DATABASE_URL } }')));
    expect(error.message).toMatchInlineSnapshot(`"environments.local.postgres.url wants { env: NAME } or { file: PATH }"`);
  });
});

describe('environments', () => {
  test('an unknown one is refused with the nearest name', async () => {
    expect(await transcript(minimal('  staging: { provider: local }\n'), 'stagign')).toMatchInlineSnapshot(`
      "
      Error todoctl.yaml has no environment stagign
            it has local, staging
      Why   Environments stand under environments in todoctl.yaml; --env names one of
            them.
      Next  Did you mean --env staging?
      Code  TODOCTL_ENVIRONMENT_UNKNOWN (todoctl explain TODOCTL_ENVIRONMENT_UNKNOWN)
      "
    `);
  });

  test('names of Object.prototype are not environments', async () => {
    expect((await refusal(load(minimal(), 'constructor'))).code).toBe('TODOCTL_ENVIRONMENT_UNKNOWN');
  });

  test('a public route without auth is refused outside local', async () => {
    expect(await transcript(minimal('  prod: { provider: existing, context: mine }\n'), 'prod')).toMatchInlineSnapshot(`
      "
      Error prod opens /api to the public and has no auth
            todoctl.yaml:8:3
      Why   Outside the local provider nobody may be believed by a header. A service
            with a route is public, and without auth nothing says whose tokens count.
      Next  Add auth to the environment: auth: { jwks: https://… } or auth: { key: {
            env: NAME } }.
      Code  TODOCTL_ROUTE_WITHOUT_AUTH (todoctl explain TODOCTL_ROUTE_WITHOUT_AUTH)
      "
    `);
  });

  test('with auth, or without routes, it is not', async () => {
    const open = minimal('  prod: { provider: existing, context: mine, auth: { jwks: "https://id.example.com/keys" } }\n');
    await expect(load(open, 'prod')).resolves.toMatchObject({ environment: { auth: { jwks: 'https://id.example.com/keys' } } });
    await expect(load(minimal('  prod: { provider: existing, context: mine }\n').replace('route: /api, ', ''), 'prod')).resolves.toMatchObject({ name: 'todo' });
  });
});

test('the place is named as seen from the current folder', async () => {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'services/audit'), { recursive: true });
  await writeFile(path.join(root, 'todoctl.yaml'), minimal('more: 1\n'));
  const error = await refusal(loadPlatform({ cwd: path.join(root, 'services/audit'), environment: 'local', env: {} }));
  expect(error.details).toEqual(['../../todoctl.yaml:8:1']);
});
