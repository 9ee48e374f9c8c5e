import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { privatePrefix } from '../../../../../cli/targets/local/gateway/private-paths.ts';

describe('what is not for everyone', () => {
  test.each([
    ['/metrics', '/metrics'],
    ['/metrics?name=x', '/metrics'],
    ['/metrics/', '/metrics'],
    ['/livez', '/livez'],
    ['/readyz', '/readyz'],
    ['/dapr/subscribe', '/dapr'],
    ['/events/task-events', '/events'],
    ['/internal/occurrences', '/internal'],
    ['/internal', '/internal'],
  ])('%s falls under %s', (target, prefix) => {
    expect(privatePrefix(target)).toBe(prefix);
  });

  test.each(['/%6detrics', '/%6Detrics', '//metrics', '/./metrics', '/x/../metrics', '/x/%2e%2e/metrics', '/%2fmetrics', '/internal%2faudit'])('%s is another spelling', (target) => {
    expect(privatePrefix(target)).toBeDefined();
  });

  test('any character may be encoded', () => {
    const encoded = (text: string, which: boolean[]): string => [...text].map((char, at) => (which[at] ? `%${char.charCodeAt(0).toString(16)}` : char)).join('');
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), (which) => {
      expect(privatePrefix(`/${encoded('metrics', which)}`)).toBe('/metrics');
    }));
  });
});

describe('what is for everyone', () => {
  test.each(['/', '/api/tasks', '/api/events', '/api/metrics', '/live', '/metricsx', '/internals', '/eventsource.js', '/settings.json', '/?path=/metrics', '/%', '/%zz/metrics'])('%s', (target) => {
    expect(privatePrefix(target)).toBeUndefined();
  });
});
