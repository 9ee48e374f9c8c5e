import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readKubeconfig } from '../../../cli/kubernetes/kubeconfig.ts';
import { refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const config = (more: object = {}): object => ({
  'current-context': 'one',
  clusters: [{ name: 'a', cluster: { server: 'https://a.example.com:6443', 'certificate-authority-data': base64('CA') } }],
  users: [{ name: 'me', user: { token: 'token-of-me' } }],
  contexts: [{ name: 'one', context: { cluster: 'a', user: 'me' } }, { name: 'two', context: { cluster: 'a' } }],
  ...more,
});
const withUser = (user: object): object => config({ users: [{ name: 'me', user }] });
const withCluster = (cluster: object): object => config({ clusters: [{ name: 'a', cluster }] });

let folder: string;
const file = async (content: object | string, name = 'config'): Promise<string> => {
  const at = path.join(folder, name);
  await writeFile(at, typeof content === 'string' ? content : stringify(content));
  return at;
};
beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('a kubeconfig', () => {
  test('says where the current context is and who asks', async () => {
    expect(await readKubeconfig([await file(config())])).toEqual({ context: 'one', server: new URL('https://a.example.com:6443'), ca: 'CA', insecure: false, user: { token: 'token-of-me' } });
  });

  test('has other contexts, and one without a user', async () => {
    expect(await readKubeconfig([await file(config())], 'two')).toMatchObject({ context: 'two', user: {} });
  });

  test('in several files: the first part of a name counts', async () => {
    const files = [await file({ contexts: [{ name: 'one', context: { cluster: 'b', user: 'me' } }] }, 'x'), await file(config(), 'y'), await file({ clusters: [{ name: 'b', cluster: { server: 'https://b' } }] }, 'z')];
    expect((await readKubeconfig(files)).server.host).toBe('b');
  });

  test('names files beside it', async () => {
    await mkdir(path.join(folder, 'pki'));
    for (const name of ['ca', 'cert', 'key']) await writeFile(path.join(folder, 'pki', name), name.toUpperCase());
    const all = { ...withUser({ 'client-certificate': 'pki/cert', 'client-key': 'pki/key', tokenFile: 'pki/token' }), clusters: [{ name: 'a', cluster: { server: 'https://a', 'certificate-authority': 'pki/ca' } }] };
    expect(await readKubeconfig([await file(all)])).toMatchObject({ ca: 'CA', user: { certificate: 'CERT', key: 'KEY', tokenFile: path.join(folder, 'pki/token') } });
  });

  test.each<[string, object, object]>([
    ['a password', withUser({ username: 'u', password: 'p' }), { user: { password: { username: 'u', password: 'p' } } }],
    ['a program on PATH', withUser({ exec: { apiVersion: 'v1', command: 'doctl', args: ['x', 1], env: [{ name: 'A', value: 'b' }] } }), { user: { exec: { apiVersion: 'v1', command: 'doctl', args: ['x', '1'], env: { A: 'b' } } } }],
    ['a server that is not checked', withCluster({ server: 'https://a', 'insecure-skip-tls-verify': true }), { insecure: true }],
    ['another name in the certificate', withCluster({ server: 'https://a', 'tls-server-name': 'kubernetes' }), { servername: 'kubernetes' }],
  ])('with %s', async (_, content, expected) => {
    expect(await readKubeconfig([await file(content)])).toMatchObject(expected);
  });

  test('a program beside it is found by its path', async () => {
    expect((await readKubeconfig([await file(withUser({ exec: { command: './get-token' } }))])).user.exec?.command).toBe(path.join(folder, 'get-token'));
  });
});

describe('what is wrong with a kubeconfig is one error of the catalogue', () => {
  test('a context that it has not, with those that it has', async () => {
    expect(await refusal(readKubeconfig([await file(config())], 'onee'))).toMatchObject({ code: 'TODOCTL_CONTEXT_UNKNOWN', exit: 2, details: ['it has one, two'], next: ['Did you mean one?'] });
  });

  test('a file that is not there', async () => {
    expect(await refusal(readKubeconfig(['/nowhere/config']))).toMatchObject({ code: 'TODOCTL_KUBECONFIG_BROKEN', exit: 3, message: '/nowhere/config cannot be read: there is no such file' });
  });

  test.each<[string, object | string, RegExp]>([
    ['no YAML', 'a: [b', /is not a kubeconfig/],
    ['nothing', '', /is not a kubeconfig/],
    ['no current context', config({ 'current-context': '' }), /no current context/],
    ['a cluster that is missing', config({ clusters: [] }), /names the cluster a, which is not in it/],
    ['a user that is missing', config({ users: null }), /names the user me, which is not in it/],
    ['no address', withCluster({}), /no address/],
    ['an address of something else', withCluster({ server: 'ftp://a' }), /no address/],
    ['a proxy', withCluster({ server: 'https://a', 'proxy-url': 'http://p' }), /proxy/],
    ['a program without a name', withUser({ exec: {} }), /has no command/],
    ['what Kubernetes has removed', withUser({ 'auth-provider': { name: 'gcp' } }), /auth-provider/],
    ['a file of a key that is not there', withUser({ 'client-key': 'nowhere' }), /client-key cannot be read/],
  ])('%s', async (_, content, message) => {
    const error = await refusal(readKubeconfig([await file(content)]));
    expect([error.code, error.message]).toEqual(['TODOCTL_KUBECONFIG_BROKEN', expect.stringMatching(message)]);
  });

  test('and never shows a token', async () => {
    const error = await refusal(readKubeconfig([await file('users: [{user: {token: canary-token}}\n  broken: [')]));
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('canary');
  });
});
