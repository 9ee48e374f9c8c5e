import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { generateService, type ServiceWanted } from '../../../../cli/operations/generate/service.ts';
import { generateTopic } from '../../../../cli/operations/generate/topic.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const DEFINITION = `# The platform.
platform: todo
topics:
  task-events: { key: task }   # what happens
services:
  # the API
  task-api:  { route: /api, publishes: [task-events] }
environments:
  local: { provider: local }
`;
const NAMES = "export const TOPICS = {\n  'task-events': { key: 'task' },\n} as const satisfies object;\n";

let root: string;
const write = async (file: string, text: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
};
const read = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');
const billing: ServiceWanted = { name: 'billing', subscribes: ['task-events'], listens: [], publishes: [], invokes: [], database: false, state: false };
const generate = (more: Partial<ServiceWanted> = {}) => generateService({ cwd: root }, { ...billing, ...more });
const everything = async (): Promise<string[]> => (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))).sort();

beforeEach(async () => {
  root = await temporaryFolder();
  await write('todoctl.yaml', DEFINITION);
  await write('services/kit/service.ts', '');
  await write('services/contracts/names.ts', NAMES);
  await write('test/services/support/running.ts', '');
});

describe('a service', () => {
  test('is code, a test and an entry; the definition comes last', async () => {
    const { files } = await generate();
    expect(files).toEqual([
      { path: 'services/billing/main.ts', is: 'made' },
      { path: 'services/billing/service.ts', is: 'made' },
      { path: 'test/services/billing/billing.test.ts', is: 'made' },
      { path: 'todoctl.yaml', is: 'changed' },
    ]);
    expect(await read('todoctl.yaml')).toBe(DEFINITION.replace('environments:', '  billing:   { subscribes: [task-events] }\nenvironments:'));
    expect(await read('services/billing/main.ts')).toBe("import { startService } from '../kit/service.ts';\nimport { billing } from './service.ts';\n\nawait startService({ setup: billing });\n");
  });

  test('with a database has migrations, and a test that needs this machine', async () => {
    const { files } = await generate({ database: true });
    expect(files.map((file) => file.path)).toEqual([
      'services/billing/main.ts', 'services/billing/service.ts', 'services/billing/migrations.ts', 'test/services/billing/billing.local.test.ts', 'todoctl.yaml',
    ]);
    expect(await read('todoctl.yaml')).toContain('billing:   { subscribes: [task-events], database: true }');
  });

  test('says only what is not the default', async () => {
    await generate({ subscribes: [], route: '/billing', publishes: ['task-events'], invokes: ['task-api'], state: true });
    expect(await read('todoctl.yaml')).toContain('  billing:   { route: /billing, publishes: [task-events], invokes: [task-api], state: true }\n');
  });

  test.each([['task-mailer', 'taskMailer'], ['delete', 'deleteService'], ['x-2', 'x2'], ['consume', 'consumeService']])('%s is named %s in code', async (name, identifier) => {
    await generate({ name });
    expect(await read(`services/${name}/service.ts`)).toContain(`export function ${identifier}(`);
    expect(await read(`services/${name}/main.ts`)).toContain(`setup: ${identifier} }`);
  });

  test('in a project without tests of services comes without a test', async () => {
    root = await temporaryFolder();
    await write('todoctl.yaml', DEFINITION);
    await write('services/kit/service.ts', '');
    expect((await generate()).files.map((file) => file.path)).toEqual(['services/billing/main.ts', 'services/billing/service.ts', 'todoctl.yaml']);
  });
});

describe('refused, and nothing is written', () => {
  test.each<[string, Partial<ServiceWanted>, string, RegExp]>([
    ['a topic that is not declared', { subscribes: ['task-event'] }, 'TODOCTL_TOPIC_UNDECLARED', /did you mean task-events\?/],
    ['a service that is not declared', { invokes: ['task-apy'] }, 'TODOCTL_SERVICE_UNDECLARED', /did you mean task-api\?/],
    ['a name that is taken', { name: 'task-api' }, 'TODOCTL_NAME_TAKEN', /task-api already/],
    ['a folder that is taken', { name: 'kit' }, 'TODOCTL_NAME_TAKEN', /kit already/],
    ['a name that cannot be used', { name: 'Billing!' }, 'TODOCTL_DEFINITION_BAD_NAME', /lower-case/],
    ['a path as a name', { name: '../x' }, 'TODOCTL_DEFINITION_BAD_NAME', /lower-case/],
    ['a route that is taken', { route: '/api' }, 'TODOCTL_ROUTE_TAKEN', /taken by task-api/],
    ['a topic both subscribed and listened to', { listens: ['task-events'] }, 'TODOCTL_DEFINITION_BAD_VALUE', /choose one/],
  ])('%s', async (_what, more, code, message) => {
    const before = await everything();
    const error = await refusal(generate(more));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(await everything()).toEqual(before);
    expect(await read('todoctl.yaml')).toBe(DEFINITION);
  });

  test('a project without services/kit', async () => {
    root = await temporaryFolder();
    await write('todoctl.yaml', DEFINITION);
    expect((await refusal(generate())).code).toBe('TODOCTL_KIT_MISSING');
  });

  test('a definition that is wrong already', async () => {
    await write('todoctl.yaml', DEFINITION.replace('publishes', 'publish'));
    expect((await refusal(generate())).code).toBe('TODOCTL_DEFINITION_UNKNOWN_KEY');
  });
});

describe('a topic', () => {
  const topic = { name: 'invoices', key: 'user', partitions: 6, retention: '30d' } as const;

  test('is an entry, and a name in the contracts', async () => {
    const { files } = await generateTopic({ cwd: root }, topic);
    expect(files).toEqual([{ path: 'services/contracts/names.ts', is: 'changed' }, { path: 'todoctl.yaml', is: 'changed' }]);
    expect(await read('todoctl.yaml')).toContain('   # what happens\n  invoices:    { key: user, partitions: 6, retention: 30d }\nservices:');
    expect(await read('services/contracts/names.ts')).toBe(NAMES.replace('}\n} as', '}').replace("} as const", "  invoices: { key: 'user' },\n} as const"));
  });

  test('can be subscribed to at once', async () => {
    await generateTopic({ cwd: root }, topic);
    await generate({ subscribes: ['invoices'] });
    expect(await read('todoctl.yaml')).toContain('billing:   { subscribes: [invoices] }');
  });

  test.each([
    [{ name: 'task-events' }, 'TODOCTL_NAME_TAKEN'],
    [{ name: 'x.dlq' }, 'TODOCTL_DEFINITION_BAD_NAME'],
    [{ retention: 'soon' }, 'TODOCTL_DEFINITION_BAD_DURATION'],
  ])('%j is refused, and nothing is written', async (more, code) => {
    expect((await refusal(generateTopic({ cwd: root }, { ...topic, ...more }))).code).toBe(code);
    expect([await read('todoctl.yaml'), await read('services/contracts/names.ts')]).toEqual([DEFINITION, NAMES]);
  });

  test('goes into contracts with the line ends of Windows, and these stay', async () => {
    const windows = NAMES.replaceAll('\n', '\r\n');
    await write('services/contracts/names.ts', windows);
    expect((await generateTopic({ cwd: root }, topic)).files).toContainEqual({ path: 'services/contracts/names.ts', is: 'changed' });
    expect(await read('services/contracts/names.ts')).toBe(windows.replace('} as const', "  invoices: { key: 'user' },\r\n} as const"));
  });

  test('in a project whose contracts are written otherwise is an entry alone', async () => {
    await write('services/contracts/names.ts', 'export const TOPICS = other();\n');
    expect((await generateTopic({ cwd: root }, topic)).files).toEqual([{ path: 'todoctl.yaml', is: 'changed' }]);
  });
});

describe('what does not fit is told of the new entry, since its line is not in the file', () => {
  test('one mistake', async () => {
    const { code, message, details, next } = await refusal(generate({ subscribes: ['task-evnts'] }));
    expect([code, message]).toEqual(['TODOCTL_TOPIC_UNDECLARED', 'the topic task-evnts is not declared; did you mean task-events?']);
    expect(details).toEqual(['the entry would be billing: { subscribes: [task-evnts] }']);
    expect(next).toEqual(['Say it otherwise on the command line; todoctl.yaml is as it was.']);
  });

  test('several', async () => {
    const { code, message, details } = await refusal(generate({ invokes: ['nobody'], route: 'api' }));
    expect([code, message]).toEqual(['TODOCTL_DEFINITION_INVALID', 'The new entry has 2 mistakes']);
    expect(details).toEqual(['"api" is no route like /api or /', 'the service nobody is not declared', 'the entry would be billing: { route: api, subscribes: [task-events], invokes: [nobody] }']);
  });

  test.each(['__proto__', '"quoted"', 'billing # mine', 'billing: {}', 'a\n  b', '../kit', '&billing b'])('the name %j: nothing is written', async (name) => {
    const before = await everything();
    expect((await refusal(generate({ name }))).code).toMatch(/^TODOCTL_DEFINITION_/);
    expect(await everything()).toEqual(before);
    expect(await read('todoctl.yaml')).toBe(DEFINITION);
  });
});

test('a file of Windows stays one: byte order mark and line ends', async () => {
  const windows = `\ufeff${DEFINITION.replaceAll('\n', '\r\n')}`;
  await write('todoctl.yaml', windows);
  await generate();
  expect(await read('todoctl.yaml')).toBe(windows.replace('environments:', '  billing:   { subscribes: [task-events] }\r\nenvironments:'));
});
