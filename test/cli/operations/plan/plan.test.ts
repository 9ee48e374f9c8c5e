// A plan without a cluster: everything new, or against a former render; from a definition to what a person reads.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../../../cli/operations/context.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { plan } from '../../../../cli/operations/plan/plan.ts';
import { render } from '../../../../cli/operations/render/render.ts';
import { planText } from '../../../../cli/views/plan.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';

const DEFINITION = `platform: todo
topics:
  task-events: { key: task, partitions: 3 }
  reminders: { key: task }
services:
  task-api: { route: /api, publishes: [task-events] }
  audit: { subscribes: [task-events, reminders] }
environments:
  local: { provider: local }
  prod:
    provider: digitalocean
    region: nyc3
    nodes: { size: s-4vcpu-8gb, count: 3, max: 5 }
    auth: { jwks: https://id.example.com/keys }
    host: todo.example.com
`;

let context: Context;
let cwd: string;
const define = (text: string): Promise<void> => writeFile(path.join(cwd, 'todoctl.yaml'), text);
const against = () => plan(context, { against: 'rendered/prod' });

beforeEach(async () => {
  cwd = await temporaryFolder();
  context = { ...contextOn(targetWith()), cwd, environment: 'prod' };
  await define(DEFINITION);
});

describe('without a cluster', () => {
  test('everything is new, and so is its price', async () => {
    const result = await plan(context, {});
    expect(result.against).toEqual({ kind: 'nothing' });
    expect(result.changes).toHaveLength(result.size);
    expect(new Set(result.changes.map(({ action }) => action))).toEqual(new Set(['create']));
    expect(result.price?.difference).toBe(result.price?.monthly);
    expect(result.capacity.nodes).toMatchObject({ size: 's-4vcpu-8gb', count: 3, most: 5 });
  });

  test('systems come in the order of deploy', async () => {
    const { changes } = await plan(context, {});
    expect(changes[0]).toMatchObject({ kind: 'Namespace', system: 'namespaces' });
  });

  test('on a laptop there is nothing to plan', async () => {
    expect(await refusal(plan({ ...context, environment: 'local' }, {}))).toMatchObject({ code: 'TODOCTL_PLAN_LOCAL', exit: 2 });
  });
});

describe('against a former render', () => {
  beforeEach(async () => {
    await render(context, { only: [], out: undefined, check: false });
  });

  test('of the same definition: nothing', async () => {
    const result = await against();
    expect(result).toMatchObject({ changes: [], approximate: false, against: { kind: 'folder', where: path.join(cwd, 'rendered/prod') } });
    expect(planText(result, cwd, { colour: false, columns: 80 }).split('\n')[0]).toBe(`No changes  prod is as it is defined, ${result.size} objects`);
  });

  test('of fewer partitions: what becomes of them', async () => {
    await define(DEFINITION.replace('partitions: 3', 'partitions: 6'));
    const { changes } = await against();
    expect(changes.filter(({ kind }) => kind === 'KafkaTopic')).toEqual([
      { action: 'change', kind: 'KafkaTopic', namespace: 'todo', name: 'task-events', system: 'kafka', reason: 'it is declared otherwise', fields: [{ path: 'spec.partitions', from: 3, to: 6 }] },
    ]);
  });

  test('of a service less and one more: what is new, and what would go and why', async () => {
    await define(DEFINITION.replace('audit: {', 'history: {'));
    const { changes } = await against();
    const users = changes.filter(({ kind, action }) => kind === 'KafkaUser' && action !== 'change');
    expect(users.map(({ action, name, reason }) => [action, name, reason])).toEqual([
      ['create', 'history', 'the render has it not'],
      ['prune', 'audit', 'the definition has no service audit any more'],
    ]);
    const policies = changes.filter(({ kind, action }) => kind === 'NetworkPolicy' && action === 'prune');
    expect(policies.map(({ name, reason }) => [name, reason])).toEqual([['service-audit', 'the definition has no service audit any more']]);
  });

  test('of more partitions, of a topic more: refused, with why', async () => {
    await define(DEFINITION.replace('partitions: 3', 'partitions: 2'));
    expect(await refusal(against())).toMatchObject({ code: 'TODOCTL_TOPIC_SHRINK', exit: 3, message: 'The topic task-events has 3 partitions and would have 2' });
    await define(DEFINITION.replaceAll('reminders', 'reminder-events'));
    const renamed = await refusal(against());
    expect(renamed).toMatchObject({ code: 'TODOCTL_TOPIC_REMOVED', exit: 3, message: '2 topics would lose events' });
    expect(renamed.details).toEqual([
      'reminders.dlq would be deleted with all its events',
      'reminders would be deleted with all its events',
      'new would be reminder-events, reminder-events.dlq: if that is a new name, the events do not go with it',
    ]);
  });

  test('of a service that others invoke: the definition itself is wrong, at its place', async () => {
    await define(DEFINITION.replace('audit: {', 'audit: { invokes: [billing],'));
    const error = await refusal(against());
    expect([error.exit, error.details.join('\n')]).toEqual([2, expect.stringMatching(/todoctl\.yaml:\d+:\d+/)]);
  });

  test('of fewer nodes: the price of those that are more', async () => {
    await define(DEFINITION.replace('count: 3', 'count: 4'));
    expect((await against()).price?.difference).toBe(48);
  });

  test('of an older chart, and of other values', async () => {
    const file = path.join(cwd, 'rendered/prod/helm/releases.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/version: .*/, 'version: "0.0.1"'));
    const [first] = (await against()).changes;
    expect(first).toMatchObject({ action: 'change', kind: 'HelmRelease', reason: expect.stringMatching(/ 0\.0\.1 would become /) as string });
  });

  test('a file that somebody removed is as if it had never been', async () => {
    const index = await readFile(path.join(cwd, 'rendered/prod/rendered.yaml'), 'utf8');
    const gone = /objects\/\S*kafka-topic-reminders\.yaml|objects\/\S*topic-reminders\.yaml/.exec(index)?.[0] ?? '';
    await writeFile(path.join(cwd, 'rendered/prod', gone), '');
    expect((await against()).changes).toMatchObject([{ action: 'create', kind: 'KafkaTopic', name: 'reminders' }]);
  });

  test('a folder that no render wrote is refused', async () => {
    await mkdir(path.join(cwd, 'other'));
    expect(await refusal(plan(context, { against: 'other' }))).toMatchObject({ code: 'TODOCTL_FOLDER_NOT_RENDERED', exit: 3 });
  });
});

test('against the render of another environment it is refused: everything would be said to go', async () => {
  await define(`${DEFINITION}  staging:\n    provider: digitalocean\n    region: nyc3\n    nodes: { size: s-4vcpu-8gb, count: 3 }\n    auth: { jwks: https://id.example.com/keys }\n    host: staging.example.com\n`);
  await render({ ...context, environment: 'staging' }, { only: [], out: undefined, check: false });
  const { code, exit, message } = await refusal(plan(context, { against: 'rendered/staging' }));
  expect([code, exit, message]).toEqual(['TODOCTL_FOLDER_OF_ANOTHER', 3, `${cwd}/rendered/staging holds staging of todo, not prod of todo`]);
});

test('a context without the kubeconfig that it is in is not passed over', async () => {
  const { code, message, next } = await refusal(plan(context, { context: 'prod' }));
  expect([code, message, next]).toEqual(['TODOCTL_USAGE', '--context prod needs the kubeconfig that it is in', ['Name it with --kubeconfig FILE.']]);
});

describe('against a former render with a managed Kafka', () => {
  const managed = (text: string): string => text.replace('    region: nyc3\n', '    region: nyc3\n    kafka: { provider: digitalocean }\n');

  beforeEach(async () => {
    await define(managed(DEFINITION.replace('partitions: 3', 'partitions: 6')));
    await render(context, { only: [], out: undefined, check: false });
  });

  test('of the same definition, and of more partitions: nothing that is the cluster’s', async () => {
    expect((await against()).changes).toEqual([]);
    await define(managed(DEFINITION.replace('partitions: 3', 'partitions: 9')));
    expect((await against()).changes.filter(({ kind }) => kind.startsWith('Kafka'))).toEqual([]);
  });

  test('of fewer partitions: refused', async () => {
    await define(managed(DEFINITION));
    expect(await refusal(against())).toMatchObject({ code: 'TODOCTL_TOPIC_SHRINK', message: 'The topic task-events has 6 partitions and would have 3' });
  });

  test('of fewer than it has anyway: not less', async () => {
    await define(managed(DEFINITION).replace('reminders: { key: task }', 'reminders: { key: task, partitions: 1 }').replace('partitions: 3', 'partitions: 6'));
    expect((await against()).against.kind).toBe('folder');
  });

  test('of a topic less: refused, with what to do about it', async () => {
    await define(managed(DEFINITION.replace('partitions: 3', 'partitions: 6').replaceAll('reminders', 'reminder-events')));
    const error = await refusal(against());
    expect([error.code, error.details.slice(0, 2), error.next[1]]).toEqual([
      'TODOCTL_TOPIC_REMOVED',
      ['reminders would be deleted with all its events', 'reminders.dlq would be deleted with all its events'],
      'If its events may go: render without this check; terraform apply then deletes it.',
    ]);
  });

  test('of a Kafka in the cluster instead: its topics are not those', async () => {
    await define(DEFINITION.replace('partitions: 3', 'partitions: 6'));
    expect((await refusal(against())).code).toBe('TODOCTL_TOPIC_REMOVED');
  });
});

test('Ctrl-C ends it with 130, though nothing was left to wait for', async () => {
  const stop = new AbortController();
  const planned = refusal(plan({ ...context, stop: stop.signal }, {}));
  stop.abort(new TodoctlError('TODOCTL_INTERRUPTED'));
  expect((await planned).exit).toBe(130);
});

test.each([
  ['objects/00-namespaces/namespace-todo.yaml', 'a: ['],
  ['objects/00-namespaces/namespace-todo.yaml', '- a'],
  ['objects/00-namespaces/namespace-todo.yaml', 'metadata: {}'],
  ['helm/releases.yaml', 'releases: ['],
  ['helm/releases.yaml', 'releases: 3'],
])('a render in which somebody made something else of %s (%j) is named as that', async (file, text) => {
  await render(context, { only: [], out: undefined, check: false });
  await writeFile(path.join(cwd, 'rendered/prod', file), text);
  const { code, message } = await refusal(against());
  expect([code, message]).toEqual(['TODOCTL_FOLDER_NOT_RENDERED', `${cwd}/rendered/prod/${file} is not as todoctl render writes it`]);
});
