import { expect, test } from 'vitest';
import { tagsIn } from '../../../../cli/targets/cluster/images.ts';
import { chooseRevision } from '../../../../cli/targets/cluster/rollback.ts';
import type { ReleaseRecord } from '../../../../cli/targets/cluster/helm-records.ts';

const record = (revision: number, status: ReleaseRecord['status']): ReleaseRecord => ({ secret: `s${revision}`, revision, status, at: revision, labels: {} });
const history = [record(5, 'deployed'), record(4, 'failed'), record(3, 'superseded'), record(2, 'superseded')];

test('the one before is the last that was up, whatever failed since', () => {
  expect(chooseRevision(history, undefined).revision).toBe(3);
  expect(chooseRevision([record(5, 'failed'), record(4, 'deployed')], undefined).revision).toBe(4);
});

test('one that is named is taken, if it once was up', () => {
  expect(chooseRevision(history, 2).revision).toBe(2);
  expect(() => chooseRevision(history, 4)).toThrow(expect.objectContaining({ code: 'TODOCTL_REVISION_UNKNOWN', message: 'Revision 4 is failed: nothing to go back to', details: ['There are: 5, 3, 2'] }));
  expect(() => chooseRevision(history, 9)).toThrow(expect.objectContaining({ code: 'TODOCTL_REVISION_UNKNOWN', exit: 2 }));
});

test('where there is none before, that is said', () => {
  expect(() => chooseRevision([record(1, 'deployed')], undefined)).toThrow('There is no revision before this one');
  expect(() => chooseRevision([], undefined)).toThrow(expect.objectContaining({ code: 'TODOCTL_NOT_DEPLOYED', exit: 3, message: 'Nothing was ever deployed' }));
});

test('tags are those of the services, as the chart was given them', () => {
  expect(tagsIn({ services: { 'task-api': { tag: 'a1' }, web: { tag: 'b2' }, none: {} } })).toEqual({ 'task-api': 'a1', web: 'b2' });
  expect([tagsIn({}), tagsIn(null), tagsIn(undefined)]).toEqual([{}, {}, {}]);
});
