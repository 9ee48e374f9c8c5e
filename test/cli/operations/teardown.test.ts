import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { teardown, type TeardownOptions } from '../../../cli/operations/teardown.ts';
import type { Resource } from '../../../cli/providers/resource.ts';
import type { Target } from '../../../cli/targets/target.ts';
import { contextOn, listening, processNamed, stepThat, targetWith } from './stage.ts';

const postgres = processNamed('postgres', 7);
const data: Resource = { kind: 'directory', name: '.todoctl/local/data', id: '/p/.todoctl/local/data', owner: 'environment' };
const registry: Resource = { kind: 'registry', name: 'todo', id: 'todo', owner: 'platform' };
const foreign: Resource = { kind: 'port', name: 'entrance', id: '8080', owner: 'other', heldBy: 'nginx (pid 1)' };
const yes: TeardownOptions = { keepData: false, dryRun: false, confirm: async () => true };
const unasked: TeardownOptions['confirm'] = () => Promise.reject(new Error('was asked'));

/** Finds `before` until its one step was applied, then `after`. */
function holding(before: readonly Resource[], after: readonly Resource[], more: Partial<Target> = {}): Target {
  let now = before;
  return targetWith({ resources: async () => now, teardown: async () => [stepThat('stop', { applied: () => (now = after) })], ...more });
}

test('the receipt names what was there and is gone', async () => {
  const result = await teardown(contextOn(holding([postgres, data], [])), yes, listening());
  expect(result).toMatchObject({ environment: 'local', removed: [postgres, data], kept: [] });
});

test('nothing there: nothing done, nobody asked', async () => {
  const target = holding([foreign], [foreign], { teardown: () => Promise.reject(new Error('was asked for its steps')) });
  expect(await teardown(contextOn(target), { ...yes, confirm: unasked }, listening())).toMatchObject({ removed: [], kept: [foreign] });
});

test('what belongs to others is not ours to remove, and no leftover', async () => {
  expect(await teardown(contextOn(holding([postgres, foreign], [foreign])), yes, listening())).toMatchObject({ removed: [postgres], kept: [foreign] });
});

describe('what is still there', () => {
  test('is an error that names each, and who holds it', async () => {
    const port: Resource = { kind: 'port', name: 'kafka', id: '9092', owner: 'environment', heldBy: 'java (pid 5)' };
    await expect(teardown(contextOn(holding([postgres, port], [postgres, port])), yes, listening())).rejects.toMatchObject({
      code: 'TODOCTL_LEFTOVERS', exit: 7, message: '2 things of the platform are left', details: ['process postgres (7)', 'port kafka (9092), held by java (pid 5)'],
    });
  });

  test('because a step failed: leftovers with the reason', async () => {
    const fails = new TodoctlError('TODOCTL_SUPERVISOR_FAILED', { message: 'no answer' });
    const target = holding([postgres], [postgres], { teardown: async () => [stepThat('stop', { fails })] });
    await expect(teardown(contextOn(target), yes, listening())).rejects.toMatchObject({ code: 'TODOCTL_LEFTOVERS', message: '1 thing of the platform is left', details: ['process postgres (7)', 'no answer'] });
  });

  test('because another todoctl is at work here: that, not leftovers', async () => {
    const target = holding([postgres], [postgres], { teardown: async () => [stepThat('lock', { fails: new TodoctlError('TODOCTL_LOCKED') })] });
    await expect(teardown(contextOn(target), yes, listening())).rejects.toMatchObject({ code: 'TODOCTL_LOCKED' });
  });

  test('because it was interrupted: interrupted, not leftovers', async () => {
    const target = holding([postgres], [postgres]);
    await expect(teardown(contextOn(target, AbortSignal.abort()), yes, listening())).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED' });
  });
});

describe('data', () => {
  test('is deleted only when that was confirmed, with all that would go', async () => {
    const asked: unknown[] = [];
    const confirm = async (found: readonly Resource[]): Promise<boolean> => {
      asked.push(found);
      return false;
    };
    const target = holding([postgres, data], [], { teardown: () => Promise.reject(new Error('was begun')) });
    await expect(teardown(contextOn(target), { ...yes, confirm }, listening())).rejects.toMatchObject({ message: 'Nothing was changed', why: 'The answer was not yes.' });
    expect(asked).toEqual([[postgres, data]]);
  });

  test('of a database that is kept is not in the question', async () => {
    const asked: unknown[] = [];
    const confirm = async (goes: readonly Resource[]): Promise<boolean> => asked.push(goes) > 0;
    const database: Resource = { kind: 'database', name: 'todo-prod', id: 'd1', owner: 'environment' };
    expect(await teardown(contextOn(holding([postgres, database], [database])), { ...yes, keepDatabase: true, confirm }, listening())).toMatchObject({ removed: [postgres], kept: [database] });
    expect(asked).toEqual([[postgres]]);
  });

  test('that is kept needs no question and is no leftover', async () => {
    const given: boolean[] = [];
    const target = holding([postgres, data], [data]);
    const watched: Target = { ...target, teardown: (options) => {
      given.push(options.keepData);
      return target.teardown(options);
    } };
    expect(await teardown(contextOn(watched), { keepData: true, dryRun: false, confirm: unasked }, listening())).toMatchObject({ removed: [postgres], kept: [data] });
    expect(given).toEqual([true]);
  });
});

test('a dry run asks nobody and removes nothing: it says what would go and what would stay', async () => {
  const found = [postgres, foreign, registry];
  expect(await teardown(contextOn(holding(found, [])), { ...yes, dryRun: true, confirm: unasked }, listening())).toMatchObject({ dryRun: true, removed: [postgres], kept: [foreign, registry] });
  expect(await teardown(contextOn(holding(found, [])), { ...yes, withRegistry: true, dryRun: true, confirm: unasked }, listening())).toMatchObject({ removed: [postgres, registry], kept: [foreign] });
});

describe('the registry of all environments', () => {
  test('stays, is no leftover, and nobody is asked about it', async () => {
    const asked: unknown[] = [];
    const confirm = async (found: readonly Resource[]): Promise<boolean> => asked.push(found) > 0;
    expect(await teardown(contextOn(holding([postgres, registry], [registry])), { ...yes, confirm }, listening())).toMatchObject({ removed: [postgres], kept: [registry] });
    expect(asked).toEqual([[postgres]]);
  });

  test('alone is nothing of the environment: nothing is done, and it is shown', async () => {
    const target = holding([registry], [registry], { teardown: () => Promise.reject(new Error('was asked for its steps')) });
    expect(await teardown(contextOn(target), { ...yes, confirm: unasked }, listening())).toMatchObject({ removed: [], kept: [registry] });
  });

  test('goes where that is asked for, though nothing else is left', async () => {
    expect(await teardown(contextOn(holding([registry], [])), { ...yes, withRegistry: true }, listening())).toMatchObject({ removed: [registry], kept: [] });
  });
});
