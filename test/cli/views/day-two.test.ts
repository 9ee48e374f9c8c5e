// What a person reads of rollback, scale and smoke.
import { describe, expect, test } from 'vitest';
import type { Revision } from '../../../cli/targets/target.ts';
import { revisionsText, rollbackQuestion, rollbackText } from '../../../cli/views/rollback.ts';
import { scaleText } from '../../../cli/views/scale.ts';
import { smokeText } from '../../../cli/views/smoke.ts';

const plain = { colour: false };
const HOUR = 3_600_000;

describe('rollback', () => {
  const result = { environment: 'prod', dryRun: false, from: 7, to: 6, changed: 1, seconds: 12.3 };
  const revision = (number: number, at: number, state: Revision['state'], description = ''): Revision => ({ revision: number, at, state, description });

  test('says where it is now, what stayed, and what the next deploy does', () => {
    expect(rollbackText(result, plain)).toBe(`Back  prod is as of revision 6 in 12.3 s
Topics, users and data are as they were: they are of no revision.
The next todoctl deploy --env prod makes it what todoctl.yaml and the code say now, so put right first what was wrong with revision 7.
`);
  });

  test('that was done already, or is only tried', () => {
    expect(rollbackText({ ...result, changed: 0 }, plain)).toBe('Nothing had to change: prod is as of revision 6\n');
    expect(rollbackText({ ...result, dryRun: true }, plain)).toBe('Would go  prod from revision 7 back to 6\n');
  });

  test('asks with both revisions and the age of the one', () => {
    expect(rollbackQuestion('prod', revision(7, 0, 'failed'), revision(6, HOUR, 'superseded'), 4 * HOUR)).toBe('prod goes from revision 7 back to 6, deployed 3 h ago.\n');
    expect(rollbackQuestion('prod', undefined, revision(6, 0, 'superseded'), 30_000)).toContain('from revision ? back to 6, deployed 30 s ago');
  });

  test('lists what there is, newest first as it came', () => {
    const revisions = [revision(12, 4 * HOUR, 'deployed', 'Rollback to 10'), revision(11, HOUR, 'failed')];
    expect(revisionsText({ environment: 'prod', revisions }, plain, 5 * HOUR)).toBe(`REVISION  STATE       DEPLOYED
      12  deployed    1 h ago     Rollback to 10
      11  failed      4 h ago
`);
    expect(revisionsText({ environment: 'prod', revisions: [] }, plain, 0)).toBe('prod has no revisions: nothing was deployed\n');
  });
});

describe('scale', () => {
  const result = { environment: 'prod', service: 'task-api', min: 4, max: 30, changed: 1, dryRun: false, seconds: 8 };

  test('says how many there are and for how long', () => {
    expect(scaleText(result, plain)).toBe('Scaled  task-api has 4 to 30 replicas in 8 s\nThe next todoctl deploy --env prod sets what todoctl.yaml says: write it there to keep it.\n');
    expect(scaleText({ ...result, min: 1, max: 1, changed: 0 }, plain)).toContain('task-api has 1 replica, as before\n');
  });

  test('that is only tried', () => {
    expect(scaleText({ ...result, dryRun: true }, plain)).toBe('Would scale  task-api to 4 to 30 replicas\n');
    expect(scaleText({ ...result, min: 2, max: 2, dryRun: true, changed: 0 }, plain)).toBe('Nothing would change: task-api has 2 replicas\n');
  });
});

test('smoke says what was tried, and what could not be', () => {
  const checks = [{ step: 'smoke-health', title: 'GET /api/health', seconds: 0.1 }, { step: 'smoke-page', title: 'GET /', seconds: 0.2 }];
  expect(smokeText({ environment: 'prod', entrance: 'https://todo.example.com/', checks, notes: ['Only health and the page were tried: no token'], seconds: 0.3 }, plain)).toBe(`Answers  prod in 0.3 s at https://todo.example.com/
  GET /api/health
  GET /
Note  Only health and the page were tried: no token
`);
});
