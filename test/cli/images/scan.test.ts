import { describe, expect, test } from 'vitest';
import { forbidden, weaknessesIn } from '../../../cli/images/scan.ts';

const report = (...all: object[]): string => JSON.stringify({ Results: [{ Target: 'debian' }, { Vulnerabilities: all }] });
const one = (id: string, severity: string, fixed?: string): object => ({ VulnerabilityID: id, PkgName: 'openssl', InstalledVersion: '3.0', Severity: severity, Title: 'of it', ...(fixed === undefined ? {} : { FixedVersion: fixed }) });

describe("Trivy's report", () => {
  test('worst first, each once', () => {
    const found = weaknessesIn(report(one('CVE-2', 'LOW'), one('CVE-3', 'CRITICAL', '3.1'), one('CVE-1', 'HIGH'), one('CVE-3', 'CRITICAL', '3.1')));
    expect(found.map(({ id, severity }) => `${severity} ${id}`)).toEqual(['CRITICAL CVE-3', 'HIGH CVE-1', 'LOW CVE-2']);
    expect(found[0]).toEqual({ id: 'CVE-3', package: 'openssl', installed: '3.0', fixed: '3.1', severity: 'CRITICAL', title: 'of it' });
  });

  test.each(['{}', '{"Results":null}', '{"Results":[{"Vulnerabilities":null}]}'])('%s has none', (text) => expect(weaknessesIn(text)).toEqual([]));

  test('that is none is said so', () => expect(() => weaknessesIn('oops')).toThrow(/no report/));
});

test('the policy forbids what is critical and fixed, and nothing else', () => {
  const found = weaknessesIn(report(one('A', 'CRITICAL', '3.1'), one('B', 'CRITICAL'), one('C', 'HIGH', '3.1'), { VulnerabilityID: 'D', Severity: 'STRANGE', FixedVersion: '1' }, { ...one('E', 'CRITICAL'), FixedVersion: '' }));
  expect(forbidden(found).map(({ id }) => id)).toEqual(['A']);
});
