// The client against a small server that says what it was told to: what it sends, and what it makes of each way to fail.
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Redactor } from '../../../cli/io/redactor.ts';
import { Kubernetes, warningsOf } from '../../../cli/kubernetes/client.ts';
import { discover, pathOf } from '../../../cli/kubernetes/discovery.ts';
import type { ClusterAccess, User } from '../../../cli/kubernetes/kubeconfig.ts';
import { groupOf, identityOf } from '../../../cli/kubernetes/object.ts';
import { selfSigned } from '../../support/certificate.ts';
import { refusal } from '../../support/definition.ts';
import { freePorts } from '../../support/free-ports.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function listening(handler: Handler, tls?: { cert: string; key: string }): Promise<URL> {
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function client(server: URL, more: Partial<ClusterAccess> = {}, redactor = new Redactor(), stop = new AbortController().signal): Kubernetes {
  const kubernetes = new Kubernetes({ context: 'test', server, insecure: false, user: {}, ...more }, { env: { PATH: process.env['PATH'] }, redactor, stop });
  onTestFinished(() => kubernetes[Symbol.dispose]());
  return kubernetes;
}

const json = (response: http.ServerResponse, status: number, body: object, headers: object = {}): void => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

describe('a request', () => {
  test('has what was asked, and who asks', async () => {
    const server = await listening((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const { method, url, headers } = request;
        json(response, 201, { method, url, body: Buffer.concat(chunks).toString(), type: headers['content-type'], authorization: headers.authorization });
      });
    });
    const answer = await client(server, { user: { token: 'canary-token' } }).ask('/api/v1/x?dryRun=All', { method: 'PATCH', type: 'application/apply-patch+yaml', body: '{"ä":1}' });
    expect(answer).toEqual({ status: 201, warnings: [], body: { method: 'PATCH', url: '/api/v1/x?dryRun=All', body: '{"ä":1}', type: 'application/apply-patch+yaml', authorization: 'Bearer canary-token' } });
  });

  test('goes below the path of a server that has one', async () => {
    const server = await listening((request, response) => json(response, 200, { url: request.url }));
    expect((await client(new URL('/k8s/clusters/c-1', server)).ask('/api')).body).toEqual({ url: '/k8s/clusters/c-1/api' });
  });

  test('many go over few connections', async () => {
    const sockets = new Set<unknown>();
    const server = await listening((request, response) => {
      sockets.add(request.socket);
      json(response, 200, {});
    });
    const kubernetes = client(server);
    await Promise.all(Array.from({ length: 100 }, () => kubernetes.ask('/api')));
    expect(sockets.size).toBeLessThanOrEqual(8);
  });

  test('that finds its connection ended while it idled takes another, unless it may not be sent twice', async () => {
    const seen = new Map<unknown, number>();
    const server = await listening((request, response) => {
      const before = seen.get(request.socket) ?? 0;
      seen.set(request.socket, before + 1);
      // As a balancer does that forgets connections: the second request on each finds nobody.
      if (before > 0) return void request.socket.destroy();
      json(response, 200, {});
    });
    const kubernetes = client(server);
    for (let turn = 0; turn < 3; turn++) expect((await kubernetes.ask('/api')).status).toBe(200);
    expect([...seen.values()]).toEqual([2, 2, 1]);
    expect((await refusal(kubernetes.ask('/api', { method: 'POST', body: '{}' }))).code).toBe('TODOCTL_CLUSTER_UNREACHABLE');
  });

  test('that finds a busy server is sent again', async () => {
    let asked = 0;
    const server = await listening((_, response) => (++asked < 3 ? json(response, 429, {}, { 'retry-after': '0' }) : json(response, 200, { asked })));
    expect(await client(server).ask('/api')).toMatchObject({ status: 200, body: { asked: 3 } });
  });

  test('but not for ever', async () => {
    let asked = 0;
    const server = await listening((_, response) => json(response, 503, { asked: ++asked }, { 'retry-after': '0' }));
    expect(await client(server).ask('/api')).toMatchObject({ status: 503, body: { asked: 5 } });
  });

  test('a refusal is an answer: the caller knows what it means', async () => {
    const server = await listening((_, response) => json(response, 403, { message: 'no' }, { warning: '299 - "unknown field \\"x\\"", 299 - "second"' }));
    expect(await client(server).ask('/api')).toEqual({ status: 403, body: { message: 'no' }, warnings: ['unknown field "x"', 'second'] });
  });

  test('an answer that is no JSON is its beginning', async () => {
    const server = await listening((_, response) => void response.writeHead(502).end('<html>bad gateway</html>'));
    expect(await client(server).ask('/api')).toMatchObject({ status: 502, body: { message: '<html>bad gateway</html>' } });
  });
});

describe('failures', () => {
  test('nobody there', async () => {
    const [port] = await freePorts(1);
    const error = await refusal(client(new URL(`http://127.0.0.1:${port}`)).ask('/api'));
    expect([error.code, error.exit, error.details.join()]).toEqual(['TODOCTL_CLUSTER_UNREACHABLE', 3, expect.stringContaining('ECONNREFUSED')]);
  });

  test('a connection that breaks off', async () => {
    const server = await listening((request) => void request.socket.destroy());
    expect((await refusal(client(server).ask('/api'))).code).toBe('TODOCTL_CLUSTER_UNREACHABLE');
  });

  test('a token that is wrong or has expired', async () => {
    const server = await listening((_, response) => json(response, 401, { message: 'Unauthorized' }));
    expect(await refusal(client(server, { user: { token: 'canary-token' } }).ask('/api'))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNAUTHORIZED', exit: 4 });
  });

  test('a certificate of somebody else', async () => {
    const server = await listening((_, response) => json(response, 200, {}), selfSigned('127.0.0.1'));
    const error = await refusal(client(server, { ca: selfSigned('127.0.0.1').cert, user: { token: 'canary-token' } }).ask('/api'));
    expect([error.code, error.exit]).toEqual(['TODOCTL_CLUSTER_UNTRUSTED', 3]);
  });

  test('a certificate for another name, unless that name is said', async () => {
    const tls = selfSigned('kubernetes');
    const server = await listening((_, response) => json(response, 200, {}), tls);
    expect((await refusal(client(server, { ca: tls.cert }).ask('/api'))).code).toBe('TODOCTL_CLUSTER_UNTRUSTED');
    expect((await client(server, { ca: tls.cert, servername: 'kubernetes' }).ask('/api')).status).toBe(200);
    expect((await client(server, { insecure: true }).ask('/api')).status).toBe(200);
  });

  test('Ctrl-C ends what is under way with its own error', async () => {
    const stop = new AbortController();
    const server = await listening(() => stop.abort(new Error('stopped')));
    await expect(client(server, {}, new Redactor(), stop.signal).ask('/api')).rejects.toThrow('stopped');
  });
});

describe('credentials', () => {
  const sent = async (user: User, redactor = new Redactor()): Promise<string | undefined> => {
    const server = await listening((request, response) => json(response, 200, { authorization: request.headers.authorization }));
    return (await client(server, { user }, redactor).ask<{ authorization?: string }>('/api')).body.authorization;
  };
  const plugin = async (script: string): Promise<User> => {
    const command = path.join(await temporaryFolder(), 'plugin');
    await writeFile(command, `#!/bin/sh\n${script}\n`);
    await chmod(command, 0o755);
    return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['an-arg'], env: { EXTRA: 'extra' } } };
  };

  test('a token, which no output shows from then on', async () => {
    const redactor = new Redactor();
    expect(await sent({ token: 'canary-token' }, redactor)).toBe('Bearer canary-token');
    expect(redactor.redact('Bearer canary-token')).toBe('Bearer ***');
  });

  test('a file of a token', async () => {
    const tokenFile = path.join(await temporaryFolder(), 'token');
    await writeFile(tokenFile, 'from-a-file\n');
    expect(await sent({ token: 'older', tokenFile })).toBe('Bearer from-a-file');
    expect(await refusal(sent({ tokenFile: '/nowhere/token' }))).toMatchObject({ code: 'TODOCTL_CREDENTIALS_FAILED', exit: 3 });
  });

  test('a password', async () => {
    expect(await sent({ password: { username: 'me', password: 'canary-word' } })).toBe(`Basic ${Buffer.from('me:canary-word').toString('base64')}`);
  });

  test('a program, which is told what to answer', async () => {
    const user = await plugin('case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) echo "{\\"status\\": {\\"token\\": \\"$1-$EXTRA\\"}}";; esac');
    expect(await sent(user)).toBe('Bearer an-arg-extra');
  });

  test.each([
    ['fails', 'echo "cannot sign in" >&2; exit 1', 'failed', ['cannot sign in']],
    ['answers nonsense', 'echo hello', 'not an ExecCredential', []],
  ])('a program that %s', async (_, script, message, details) => {
    const error = await refusal(sent(await plugin(script)));
    expect([error.code, error.message, error.details]).toEqual(['TODOCTL_CREDENTIALS_FAILED', expect.stringContaining(message), details]);
  });

  test('a program that is not there', async () => {
    const user: User = { exec: { apiVersion: 'v1', command: 'no-such-plugin', args: [], env: {} } };
    expect((await refusal(sent(user))).message).toBe('no-such-plugin is not installed');
  });
});

describe('what a cluster has', () => {
  const groups = {
    '/api': { items: [{ metadata: {}, versions: [{ version: 'v1', resources: [{ resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['list'] }] }] }] },
    '/apis': { items: [{ metadata: { name: 'apps' }, versions: [{ version: 'v1', resources: [{ resource: 'deployments', responseKind: { kind: 'Deployment' }, scope: 'Namespaced', verbs: ['list', 'patch'] }, { resource: 'x', scope: 'Cluster', verbs: [] }] }, { version: 'v1beta1' }] }] },
  };

  test('in two requests', async () => {
    const server = await listening((request, response) => json(response, 200, groups[request.url as keyof typeof groups]));
    expect(await discover(client(server))).toEqual([
      { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: ['list'] },
      { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true, verbs: ['list', 'patch'] },
    ]);
  });

  test('is not for everybody', async () => {
    const server = await listening((_, response) => json(response, 403, { message: 'forbidden' }));
    expect(await refusal(discover(client(server)))).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', details: ['403: forbidden'] });
  });

  test.each<[string, number, string, string]>([
    ['a page', 200, '<html>sign in</html>', '200: <html>sign in</html>'],
    ['a failure', 500, '{"message":"etcd is down"}', '500: etcd is down'],
    ['a page that is not there', 404, '{}', '404: no reason given'],
    ['an API server that is too old to tell all at once', 200, '{"kind":"APIVersions","versions":["v1"]}', '200: no reason given'],
    ['no object at all', 200, 'null', '200: no reason given'],
  ])('is not told by what is no API of Kubernetes: %s', async (_, status, text, line) => {
    const server = await listening((_request, response) => void response.writeHead(status).end(text));
    const { code, exit, message, details } = await refusal(discover(client(server)));
    expect([code, exit, message, details]).toEqual(['TODOCTL_CLUSTER_STRANGE', 3, expect.stringMatching(/ does not answer as the API of Kubernetes does$/), [line]]);
  });

  test('paths', () => {
    const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: [] };
    expect([pathOf(pods), pathOf(pods, 'a b'), pathOf(pods, 'n', 'x/y')]).toEqual(['/api/v1/pods', '/api/v1/namespaces/a%20b/pods', '/api/v1/namespaces/n/pods/x%2Fy']);
    expect(pathOf({ ...pods, group: 'apps', namespaced: false }, 'n', 'x')).toBe('/apis/apps/v1/pods/x');
  });

  test('identities do not know versions', () => {
    const object = (apiVersion: string) => ({ apiVersion, kind: 'A', metadata: { name: 'x', namespace: 'n' } });
    expect(identityOf(object('apps/v1'))).toBe(identityOf(object('apps/v2')));
    expect(identityOf(object('v1'))).not.toBe(identityOf(object('apps/v1')));
    expect([groupOf('v1'), groupOf('apps/v1')]).toEqual(['', 'apps']);
  });

  test('warnings', () => {
    expect([warningsOf(undefined), warningsOf(['299 - "a, b"', '299 x "c"'])]).toEqual([[], ['a, b', 'c']]);
  });
});

describe('signing in anew', () => {
  /** A server that knows one token, and counts who comes with which. */
  const knowing = async (token: () => string): Promise<{ server: URL; came: string[] }> => {
    const came: string[] = [];
    const server = await listening((request, response) => {
      came.push(String(request.headers.authorization));
      return request.headers.authorization === `Bearer ${token()}` ? json(response, 200, { here: true }) : json(response, 401, { message: 'Unauthorized' });
    });
    return { server, came };
  };
  const renewing = (server: URL, tokens: string[]): { kubernetes: Kubernetes; renewed: () => number } => {
    let renewed = 0;
    const accessWith = (token: string): ClusterAccess => ({ context: 'test', server, insecure: false, user: { token } });
    const kubernetes = new Kubernetes(accessWith('canary-old'), {
      env: {}, redactor: new Redactor(), stop: new AbortController().signal, renew: async () => accessWith(tokens[renewed++] ?? 'canary-none'),
    });
    onTestFinished(() => kubernetes[Symbol.dispose]());
    return { kubernetes, renewed: () => renewed };
  };

  test('once, for all that ask at the same time', async () => {
    const { server } = await knowing(() => 'canary-new');
    const { kubernetes, renewed } = renewing(server, ['canary-new']);
    const answers = await Promise.all(Array.from({ length: 30 }, () => kubernetes.ask('/api')));
    expect(answers.map(({ status }) => status)).toEqual(new Array(30).fill(200));
    expect(renewed()).toBe(1);
  });

  test('again when that has expired too, hours later', async () => {
    let token = 'canary-1';
    const { server } = await knowing(() => token);
    const { kubernetes, renewed } = renewing(server, ['canary-1', 'canary-2']);
    await kubernetes.ask('/api');
    token = 'canary-2';
    expect((await kubernetes.ask('/api')).status).toBe(200);
    expect(renewed()).toBe(2);
  });

  test('for what goes on as well', async () => {
    const { server } = await knowing(() => 'canary-new');
    const { kubernetes } = renewing(server, ['canary-new']);
    expect('body' in (await kubernetes.open('/log', new AbortController().signal))).toBe(true);
  });

  test('in vain is an error, and asked no third time', async () => {
    const { server, came } = await knowing(() => 'canary-other');
    const { kubernetes, renewed } = renewing(server, ['canary-new']);
    expect((await refusal(kubernetes.ask('/api'))).code).toBe('TODOCTL_CLUSTER_UNAUTHORIZED');
    expect([renewed(), came]).toEqual([1, ['Bearer canary-old', 'Bearer canary-new']]);
  });

  test('a file of a token is read again', async () => {
    let token = 'canary-first';
    const { server } = await knowing(() => token);
    const file = path.join(await temporaryFolder(), 'token');
    await writeFile(file, token);
    const kubernetes = client(server, { user: { tokenFile: file } });
    await kubernetes.ask('/api');
    token = 'canary-rotated';
    await writeFile(file, token);
    expect((await kubernetes.ask('/api')).status).toBe(200);
  });
});
