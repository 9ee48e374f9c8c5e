// What the record of a Helm release says of what it was installed with, and when that is to be believed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChartSource } from '../../../../../cli/targets/cluster/helm.ts';
import type { ReleaseRecord } from '../../../../../cli/targets/cluster/helm-records.ts';
import { givenLabel, isAsGiven } from '../../../../../cli/targets/cluster/steps/given-to-helm.ts';

const SOURCE: ChartSource = { chart: 'dapr', repository: 'https://charts.example.com', version: '1.16.0' };
const VALUES = 'global:\n  mtls: true\n';
const record = (revision: number, labels: Readonly<Record<string, string>>, status: ReleaseRecord['status'] = 'deployed'): ReleaseRecord => ({ secret: `v${revision}`, revision, status, at: 0, labels });

test('is a label that Kubernetes takes, whatever the values', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), fc.integer({ min: 1, max: 100_000 }), (values, revision) => {
    const [[key, value] = ['', '']] = Object.entries(givenLabel(SOURCE, values, revision));
    expect(key).toBe('todoctl.io/given');
    expect(value).toMatch(/^[a-z0-9][a-z0-9.]{0,61}[a-z0-9]$/);
  }));
});

test('says nothing of a value: it may be short and guessed, but not read', () => {
  expect(JSON.stringify(givenLabel(SOURCE, 'password: canary', 1))).not.toContain('canary');
});

describe('is believed', () => {
  const given = givenLabel(SOURCE, VALUES, 3);

  test('of the revision that was installed with just this', () => {
    expect(isAsGiven(record(3, given), SOURCE, VALUES)).toBe(true);
  });

  test.each<[string, ReleaseRecord | undefined, ChartSource, string]>([
    ['no release', undefined, SOURCE, VALUES],
    ['other values', record(3, given), SOURCE, `${VALUES}more: 1\n`],
    ['another version of the chart', record(3, given), { ...SOURCE, version: '1.16.1' }, VALUES],
    ['a chart from elsewhere', record(3, given), { chart: 'dapr', version: '1.16.0' }, VALUES],
    ['a chart of another name', record(3, given), { ...SOURCE, chart: 'dapr-2' }, VALUES],
    ['what somebody upgraded by hand: Helm hands the label on', record(4, given), SOURCE, VALUES],
    ['what was rolled back to that revision: it is a new one', record(5, given), SOURCE, VALUES],
    ['an upgrade that failed', record(3, given, 'failed'), SOURCE, VALUES],
    ['one that is under way', record(3, given, 'pending-upgrade'), SOURCE, VALUES],
    ['one that has no such label', record(3, { owner: 'helm' }), SOURCE, VALUES],
    ['one whose label somebody wrote', record(3, { 'todoctl.io/given': '3' }), SOURCE, VALUES],
  ])('not of %s', (_, newest, source, values) => {
    expect(isAsGiven(newest, source, values)).toBe(false);
  });
});
