import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { deploy } from '../../../cli/operations/deploy.ts';
import type { Step } from '../../../cli/engine/step.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
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

describe('what a person asks for', () => {
  test('--skip of a name takes all steps that begin with it; the rest goes on', async () => {
    const target = wanting(stepThat('app'), { ...stepThat('smoke-page'), act: true }, { ...stepThat('smoke-task'), act: true });
    const { steps } = await deploy(contextOn(target), { ...real, skip: ['smoke'] }, listening());
    expect(steps.map(({ step, is }) => `${step} ${is}`).sort()).toEqual(['app changed', 'smoke-page skipped', 'smoke-task skipped']);
  });

  test('--only of a step that does not exist names the nearest', async () => {
    await expect(deploy(contextOn(wanting(stepThat('app'))), { ...real, only: ['ap'] }, listening())).rejects.toMatchObject({ code: 'TODOCTL_STEP_UNKNOWN', exit: 2, message: 'No step is called ap; did you mean app?' });
  });

  test.each([{ only: ['ap'] }, { skip: ['smok'] }, { only: ['app'], skip: ['smok'] }])('%o is refused before anything is looked at, asked or changed', async (names) => {
    const told: string[] = [];
    const target = {
      ...wanting(stepThat('app', { applied: () => told.push('applied') }), { ...stepThat('smoke-page'), act: true }),
      preflight: async () => (told.push('looked'), []), where: async () => (told.push('where'), 'x'),
    };
    await expect(deploy(contextOn(target), { ...real, ...names, confirm: async () => (told.push('asked'), true) }, listening())).rejects.toMatchObject({ code: 'TODOCTL_STEP_UNKNOWN', exit: 2 });
    expect(told).toEqual([]);
  });

  test('the steps are made once, with names and without', async () => {
    let made = 0;
    const target = { ...deployed, deploy: async (): Promise<Step[]> => (made++, [stepThat('app')]) };
    await deploy(contextOn(target), { ...real, only: ['app'] }, listening());
    await deploy(contextOn(target), real, listening());
    expect(made).toBe(2);
  });

  test('the lock is not left out', async () => {
    await expect(deploy(contextOn(wanting(stepThat('lock'))), { ...real, skip: ['lock'] }, listening())).rejects.toMatchObject({ code: 'TODOCTL_USAGE' });
  });

  test('--timeout reaches the target', async () => {
    let told: unknown;
    const target = { ...deployed, deploy: async (selection?: object): Promise<Step[]> => (told = selection, []) };
    await deploy(contextOn(target), { ...real, timeout: 5000 }, listening());
    expect(told).toEqual({ timeout: 5000 });
  });

  test('which cluster it is, is told before its first step; nothing is told on this machine', async () => {
    const told: string[] = [];
    const target = { ...deployed, where: async () => 'todo-prod (https://10.0.0.1)', deploy: async (): Promise<Step[]> => (told.push('steps'), []) };
    await deploy(contextOn(target), { ...real, header: (where) => void told.push(where) }, listening());
    await deploy(contextOn(wanting()), { ...real, header: (where) => void told.push(where) }, listening());
    expect(told).toEqual(['todo-prod (https://10.0.0.1)', 'steps']);
  });
});

test('what costs money is summed; an entrance without an address yet is no failure', async () => {
  const price = { monthly: 12, hourly: 0.018, source: 'test', asOf: '2026-11-21' };
  const target = {
    ...deployed, where: async () => 'x', deploy: async () => [],
    entrance: () => Promise.reject(new TodoctlError('TODOCTL_ENTRANCE_MISSING', { message: 'no address yet' })),
    billed: async () => [
      { kind: 'cluster' as const, name: 'c', id: '1', owner: 'environment' as const, price },
      { kind: 'registry' as const, name: 'r', id: '2', owner: 'platform' as const, price: { ...price, monthly: 5, hourly: 0.007 } },
      { kind: 'cluster' as const, name: 'theirs', id: '3', owner: 'other' as const, price },
    ],
  };
  const { running } = await deploy(contextOn(target), real, listening());
  expect(running).toMatchObject({ cost: { monthly: 17, hourly: expect.closeTo(0.025) as number } });
  expect(running).not.toHaveProperty('entrance');
});

describe('a protected environment', () => {
  const project = async (): Promise<string> => {
    const cwd = await temporaryFolder();
    await writeFile(path.join(cwd, 'todoctl.yaml'), 'platform: todo\nenvironments:\n  prod: { provider: existing, context: x, protected: true }\n  dev: { provider: existing, context: x }\n');
    return cwd;
  };
  const deployTo = async (environment: string, answer: boolean, dryRun = false): Promise<string[]> => {
    const told: string[] = [];
    const target = { ...deployed, preflight: async () => (told.push('looked'), []) };
    const context = { ...contextOn(target), cwd: await project(), environment };
    await deploy(context, { dryRun, confirm: async (name) => (told.push(`asked for ${name}`), answer) }, listening()).catch((error: unknown) => told.push((error as TodoctlError).code));
    return told;
  };

  test('asks for its name before anything is looked at', async () => {
    expect(await deployTo('prod', true)).toEqual(['asked for prod', 'looked']);
    expect(await deployTo('prod', false)).toEqual(['asked for prod', 'TODOCTL_INTERRUPTED']);
  });

  test('does not ask for a dry run; others do not ask at all', async () => {
    expect(await deployTo('prod', false, true)).toEqual(['looked']);
    expect(await deployTo('dev', false)).toEqual(['looked']);
  });
});
