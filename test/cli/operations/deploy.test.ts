import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { deploy } from '../../../cli/operations/deploy.ts';
import type { Step } from '../../../cli/engine/step.ts';
import { contextOn, listening, ready, stepThat, targetWith } from './stage.ts';

const deployed = targetWith({ status: async () => [ready('task-api-0')] });
const wanting = (...steps: Step[]): ReturnType<typeof targetWith> => ({ ...deployed, deploy: async () => steps });
const real = { dryRun: false };

test('says what was changed, what runs and where', async () => {
  const reporter = listening();
  const result = await deploy(contextOn(wanting(stepThat('a'), stepThat('b', { done: true }))), real, reporter);
  expect(result).toMatchObject({
    environment: 'local', changed: 1, dryRun: false,
    steps: [{ step: 'b', is: 'unchanged' }, { step: 'a', title: 'Title of a', is: 'changed' }],
    running: { entrance: 'http://127.0.0.1:8/', kafka: '127.0.0.1:9', processes: [{ name: 'task-api-0' }] },
  });
  expect(reporter.heard).toEqual(expect.arrayContaining(['started a', 'changed a', 'unchanged b']));
  expect(reporter.ended).toBe(1);
});

test('a dry run changes nothing and says what would be', async () => {
  let applied = 0;
  const result = await deploy(contextOn(wanting(stepThat('a', { applied: () => applied++ }), stepThat('b', { done: true }))), { dryRun: true }, listening());
  expect(applied).toBe(0);
  expect(result).toMatchObject({ changed: 1, dryRun: true, steps: [{ step: 'a', is: 'planned', changes: [{ what: 'Title of a' }] }, { step: 'b', is: 'unchanged' }] });
  expect(result.running).toBeUndefined();
});

test('a step that fails fails the deploy, and the reporter gives the terminal back', async () => {
  const reporter = listening();
  const fails = new TodoctlError('TODOCTL_BUNDLE_FAILED', { message: 'no' });
  await expect(deploy(contextOn(wanting(stepThat('a', { fails }))), real, reporter)).rejects.toBe(fails);
  expect(reporter.ended).toBe(1);
});

describe('what preflight finds', () => {
  const disk = new TodoctlError('TODOCTL_DISK_FULL', { message: 'no space', details: ['5 MB'] });
  const port = new TodoctlError('TODOCTL_PORT_TAKEN', { message: 'port 1 is taken' });
  const never = (): Promise<never> => Promise.reject(new Error('was asked for its steps'));

  test('one thing: is the error, and nothing is begun', async () => {
    const target = targetWith({ preflight: async () => [{ title: 'Node' }, { title: 'Disk', error: disk }], deploy: never });
    await expect(deploy(contextOn(target), real, listening())).rejects.toBe(disk);
  });

  test('several: all in one error', async () => {
    const target = targetWith({ preflight: async () => [{ title: 'Disk', error: disk }, { title: 'Port', error: port }], deploy: never });
    await expect(deploy(contextOn(target), real, listening())).rejects.toMatchObject({
      code: 'TODOCTL_DISK_FULL', message: 'no space', details: ['5 MB', 'also: port 1 is taken (TODOCTL_PORT_TAKEN)'],
    });
  });
});

test('after Ctrl-C nothing new is begun', async () => {
  const target = wanting(stepThat('a'));
  await expect(deploy(contextOn(target, AbortSignal.abort()), real, listening())).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED' });
});
