import { describe, expect, test } from 'vitest';
import { apiHost, hostOf, isPrivate, parseImage } from '../../../cli/images/oci-address.ts';
import { parseChallenge, tokenUrl } from '../../../cli/images/oci-auth.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

describe('the name of an image, as Docker reads it', () => {
  test.each([
    ['node', 'docker.io', 'library/node', 'latest'],
    ['node:26-slim', 'docker.io', 'library/node', '26-slim'],
    ['daprio/daprd:1.18.2', 'docker.io', 'daprio/daprd', '1.18.2'],
    ['ghcr.io/example/todo:1a2b', 'ghcr.io', 'example/todo', '1a2b'],
    ['10.10.0.1:5000/todo', '10.10.0.1:5000', 'todo', 'latest'],
    ['localhost/node:26', 'localhost', 'node', '26'],
    [`node:26-slim@${DIGEST}`, 'docker.io', 'library/node', DIGEST],
    [`ghcr.io/a/b/c@${DIGEST}`, 'ghcr.io', 'a/b/c', DIGEST],
  ])('%s', (text, server, repository, reference) => {
    expect(parseImage(text)).toEqual({ server, repository, reference });
  });

  test.each(['', ':tag', 'Node', 'ghcr.io/', 'a b', 'node@sha256:12', '../node', 'node:'])('%j is none', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });

  test('Docker Hub answers elsewhere than it is called', () => {
    expect([apiHost('docker.io'), apiHost('index.docker.io'), apiHost('ghcr.io')]).toEqual(['registry-1.docker.io', 'registry-1.docker.io', 'ghcr.io']);
  });
});

describe('plain HTTP is for', () => {
  test.each(['localhost', '127.0.0.1', '127.9.9.9', '10.10.0.1', '192.168.1.5', '172.16.0.1', '172.31.255.255', '[::1]', 'fd00::1'])('%s', (host) => expect(isPrivate(host)).toBe(true));
  test.each(['172.32.0.1', '11.0.0.1', '8.8.8.8', '2001:db8::1', 'registry.internal', 'localhost.example.com', '10.example.com', '127.0.0.1.nip.io', ''])('never %j', (host) => expect(isPrivate(host)).toBe(false));
  test('a server without its port', () => expect(['10.0.0.1:5000', '[::1]:5000', 'ghcr.io'].map(hostOf)).toEqual(['10.0.0.1', '[::1]', 'ghcr.io']));
});

describe('what a registry asks for', () => {
  test.each([
    [null, undefined],
    ['', undefined],
    ['Negotiate', undefined],
    ['Bearer service="x"', undefined],
    ['Basic realm="Registry Realm"', { scheme: 'basic' }],
    ['basic realm=x', { scheme: 'basic' }],
    ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"', { scheme: 'bearer', realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull' }],
    ['Bearer realm="https://x/t" , error="invalid_token"', { scheme: 'bearer', realm: 'https://x/t' }],
    ['Basic realm="a", Bearer realm="https://x/t"', { scheme: 'bearer', realm: 'https://x/t' }],
    ['Bearer realm="https://x/\\"t"', { scheme: 'bearer', realm: 'https://x/"t' }],
  ])('%s', (header, challenge) => expect(parseChallenge(header)).toEqual(challenge));

  test('a token for just that', () => {
    const url = tokenUrl({ scheme: 'bearer', realm: 'https://x/t?a=b', service: 'x&y', scope: 'repository:a/b:pull,push' }, 'other');
    expect(url.href).toBe('https://x/t?a=b&service=x%26y&scope=repository%3Aa%2Fb%3Apull%2Cpush');
    expect(tokenUrl({ scheme: 'bearer', realm: 'https://x/t' }, 'repository:a:pull').searchParams.get('scope')).toBe('repository:a:pull');
  });
});
