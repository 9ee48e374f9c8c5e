import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basic, parseChallenge, tokenUrl } from '../../../cli/images/oci-auth.ts';
import { nextPage, noAnswer, refusal } from '../../../cli/images/oci-failures.ts';

describe('what a registry asks', () => {
  test.each([
    ['nothing', null, undefined],
    ['a password', 'Basic realm="Registry Realm"', { scheme: 'basic' }],
    ['a token', 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/node:pull"', { scheme: 'bearer', realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/node:pull' }],
    ['a token, with spaces', 'bearer Realm="https://ghcr.io/token", Service="ghcr.io"', { scheme: 'bearer', realm: 'https://ghcr.io/token', service: 'ghcr.io' }],
    ['a token rather than a password', 'Basic realm="x", Bearer realm="https://x/token"', { scheme: 'bearer', realm: 'https://x/token' }],
    ['with an escaped quote', 'Bearer realm="https://x/\\"token"', { scheme: 'bearer', realm: 'https://x/"token' }],
    ['a token of nobody', 'Bearer service="x"', undefined],
    ['something else', 'Negotiate', undefined],
  ])('%s', (_what, header, expected) => expect(parseChallenge(header)).toEqual(expected));

  test('is read again as it was written', () => {
    const text = fc.stringMatching(/^[a-z0-9:/._-]{1,20}$/);
    fc.assert(fc.property(text, text, text, (realm, service, scope) => {
      expect(parseChallenge(`Bearer realm="${realm}",service="${service}",scope="${scope}"`)).toEqual({ scheme: 'bearer', realm, service, scope });
    }));
  });
});

test('a token is asked for what the challenge names, else for what is needed', () => {
  expect(String(tokenUrl({ scheme: 'bearer', realm: 'https://x/token?account=a', service: 's p' }, 'repository:a/b:pull'))).toBe('https://x/token?account=a&service=s+p&scope=repository%3Aa%2Fb%3Apull');
  expect(tokenUrl({ scheme: 'bearer', realm: 'https://x/', scope: 'theirs' }, 'ours').searchParams.get('scope')).toBe('theirs');
});

test('a password is sent as RFC 7617 says, whatever its letters', () => {
  expect(basic({ username: 'Aladdin', password: 'open sesame' })).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
  expect(Buffer.from(basic({ username: 'ü', password: 'ß:€' }).slice(6), 'base64').toString('utf8')).toBe('ü:ß:€');
});

describe('a refusal', () => {
  test.each([
    [401, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}', 'TODOCTL_REGISTRY_UNAUTHORIZED', 'ghcr.io: 401 UNAUTHORIZED: authentication required'],
    [403, '{"errors":[{"code":"DENIED"},{"message":"really"}]}', 'TODOCTL_REGISTRY_UNAUTHORIZED', 'ghcr.io: 403 DENIED; really'],
    [405, 'read-only\nand more', 'TODOCTL_REGISTRY_REFUSED', 'ghcr.io: 405 read-only'],
    [429, '', 'TODOCTL_REGISTRY_REFUSED', 'ghcr.io: 429'],
    [502, '<html>bad gateway', 'TODOCTL_REGISTRY_UNREACHABLE', 'ghcr.io: 502'],
    [400, 'x'.repeat(500), 'TODOCTL_REGISTRY_REFUSED', `ghcr.io: 400 ${'x'.repeat(200)}`],
  ])('%i %s', (status, said, code, message) => expect(refusal('ghcr.io', status, said)).toMatchObject({ code, message }));
});

describe('no answer is told by its innermost reason', () => {
  const failed = (cause: unknown): Error => Object.assign(new TypeError('fetch failed'), { cause });
  test.each([
    ['words', 'no answer in 8 seconds', 'no answer in 8 seconds'],
    ['a cause', failed(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })), 'ECONNREFUSED (connect)'],
    ['the first of several tries', failed(Object.assign(new AggregateError([Object.assign(new Error('one'), { code: 'ENETUNREACH' }), new Error('two')]), { code: 'X' })), 'ENETUNREACH (one)'],
    ['nothing deeper', new Error('odd'), 'odd'],
    ['nothing at all', {}, 'no answer'],
  ])('%s', (_what, error, words) => expect(noAnswer('ghcr.io', error)).toMatchObject({ code: 'TODOCTL_REGISTRY_UNREACHABLE', message: `ghcr.io: ${words}` }));
});

test.each([
  [null, undefined],
  ['', undefined],
  ['</v2/a/tags/list?n=2&last=b>; rel="next"', 'n=2&last=b'],
  ['<https://elsewhere.example.com/v2/a/tags/list?last=b>;rel=next', 'last=b'],
  ['</v2/a/tags/list?last=a>; rel="prev"', undefined],
  ['</v2/a/tags/list>; rel="next"', undefined],
])('the page after %s', (link, expected) => expect(nextPage(link)).toBe(expected));
