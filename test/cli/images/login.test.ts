import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dockerConfig, parseLogin } from '../../../cli/images/login.ts';

const auth = (text: string): string => Buffer.from(text).toString('base64');

describe('credentials of a registry', () => {
  test.each([
    ['user:password', 'user:password'],
    ['with newline', 'user:password\n'],
    ['a configuration', JSON.stringify({ auths: { 'ghcr.io': { auth: auth('user:password') } } })],
    ['one with its scheme and path', JSON.stringify({ auths: { 'https://ghcr.io/v1/': { auth: auth('user:password') } } })],
    ['one of two fields', JSON.stringify({ auths: { 'ghcr.io': { username: 'user', password: 'password' } } })],
    ['among others', JSON.stringify({ auths: { 'docker.io': { auth: auth('a:b') }, 'ghcr.io': { auth: auth('user:password') } } })],
  ])('%s', (_what, text) => {
    expect(parseLogin(text, 'ghcr.io')).toEqual({ username: 'user', password: 'password' });
  });

  test('a password may hold colons', () => expect(parseLogin('user:pass:word', 'x')).toEqual({ username: 'user', password: 'pass:word' }));

  test('what is written for nodes and builders is read again', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }).filter((name) => !name.includes(':') && name.trim() === name && !name.startsWith('{')), fc.string({ minLength: 1 }), (username, password) => {
      expect(parseLogin(dockerConfig('10.10.0.1:5000', { username, password }), '10.10.0.1:5000')).toEqual({ username, password });
    }));
  });

  test.each([
    ['password-without-user', /is not user:password/],
    [':canary-secret', /is not user:password/],
    ['user:', /is not user:password/],
    ['{"auths": canary-secret', /no JSON/],
    ['{"auths":{"docker.io":{"auth":"Y2FuYXJ5LXNlY3JldA=="}}}', /nothing for ghcr\.io, only for docker\.io/],
    ['{"auths":{"ghcr.io":{}},"credsStore":"desktop"}', /credential store keeps it/],
    ['{"auths":{"ghcr.io":{"auth":"Y2FuYXJ5LXNlY3JldA=="}}}', /auth of ghcr\.io is not user:password/],
    ['{}', /nothing for ghcr\.io$/],
  ])('%s is refused, and not repeated', (text, words) => {
    let thrown: unknown;
    try {
      parseLogin(text, 'ghcr.io');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'TODOCTL_REGISTRY_CREDENTIALS', message: expect.stringMatching(words) as string });
    expect(JSON.stringify(thrown)).not.toMatch(/canary|password-without/);
  });
});
