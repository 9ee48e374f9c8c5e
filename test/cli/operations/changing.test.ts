// rollback, scale and smoke: what is asked of a target, and what is refused before anything is asked.
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { revisions, rollback } from '../../../cli/operations/rollback.ts';
import { scale } from '../../../cli/operations/scale.ts';
import { smoke } from '../../../cli/operations/smoke.ts';
import type { Revision, Target } from '../../../cli/targets/target.ts';
import { contextOn, listening, stepThat, targetWith } from './stage.ts';

const revision = (number: number, state: Revision['state']): Revision => ({ revision: number, state, at: number, description: '' });
const HISTORY = [revision(4, 'deployed'), revision(3, 'failed'), revision(2, 'superseded')];

describe('rollback', () => {
  const target = (asked: (number | undefined)[], applied: () => void = () => undefined): Target =>
    targetWith({ revisions: async () => HISTORY, rollback: async (to) => { asked.push(to); return [stepThat('rollback', { applied })]; } });
  const yes = { dryRun: false, confirm: async () => true };

  test('goes to the last one that was up', async () => {
    const asked: (number | undefined)[] = [];
    expect(await rollback(contextOn(target(asked)), yes, listening())).toMatchObject({ from: 4, to: 2, changed: 1 });
    expect(asked).toEqual([2]);
  });

  test('asks with both revisions, and changes nothing without a yes', async () => {
    const confirmed: unknown[] = [];
    const confirm = async (...both: unknown[]): Promise<boolean> => { confirmed.push(both); return false; };
    await expect(rollback(contextOn(target([], () => expect.fail('was changed'))), { to: 2, dryRun: false, confirm }, listening())).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED', message: 'Nothing was changed' });
    expect(confirmed).toEqual([[HISTORY[0], HISTORY[2]]]);
  });

  test('a dry run asks nobody', async () => {
    expect(await rollback(contextOn(target([])), { dryRun: true, confirm: () => Promise.reject(new Error('was asked')) }, listening())).toMatchObject({ dryRun: true, changed: 1 });
  });

  test('a target without revisions says what to do instead', async () => {
    await expect(revisions(contextOn(targetWith()))).rejects.toMatchObject({ code: 'TODOCTL_PROVIDER_UNSUPPORTED', next: ['Check an earlier commit out and run todoctl deploy.'] });
  });
});

describe('scale', () => {
  const asked: unknown[] = [];
  const target = targetWith({ scale: async (...what) => { asked.push(what); return [stepThat('scale')]; } });
  const yes = { service: 'audit', dryRun: false, confirm: async () => true };

  test('replicas are both bounds', async () => {
    expect(await scale(contextOn(target), { ...yes, replicas: 2 }, listening())).toMatchObject({ service: 'audit', min: 2, max: 2, changed: 1 });
    expect(asked.splice(0)).toEqual([['audit', { min: 2, max: 2 }]]);
  });

  test.each([{ min: 3 }, { max: 3 }, {}, { min: 4, max: 3 }, { replicas: 2, min: 1 }])('%j is refused before anything is asked', async (bounds) => {
    await expect(scale(contextOn(target), { ...yes, ...bounds }, listening())).rejects.toMatchObject({ code: 'TODOCTL_SCALE_REFUSED', exit: 2 });
    expect(asked).toEqual([]);
  });

  test('on this machine todoctl.yaml says how many', async () => {
    await expect(scale(contextOn(targetWith()), { ...yes, replicas: 3 }, listening())).rejects.toMatchObject({ code: 'TODOCTL_SCALE_REFUSED', next: [expect.stringContaining('audit: { replicas: 3 }')] });
  });
});

describe('smoke', () => {
  test('tells what was tried, and what could not be', async () => {
    const step = { ...stepThat('smoke-task', { done: true }), check: async (run: { progress(line: string): void }) => { run.progress('no token'); return { is: 'done', value: undefined } as const; } };
    expect(await smoke(contextOn(targetWith({ smoke: async () => [stepThat('smoke-health', { done: true }), step] })), {}, listening())).toMatchObject({
      entrance: 'http://127.0.0.1:8/', checks: [{ step: 'smoke-health' }, { step: 'smoke-task' }], notes: ['no token'],
    });
  });

  test('ends with what was not answered', async () => {
    const fails = new TodoctlError('TODOCTL_SMOKE_FAILED', { message: 'GET / answered 500' });
    await expect(smoke(contextOn(targetWith({ smoke: async () => [stepThat('smoke-page', { fails })] })), {}, listening())).rejects.toBe(fails);
  });
});
