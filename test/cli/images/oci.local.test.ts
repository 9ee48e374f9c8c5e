// What registries do that the reference implementation does not: tokens, pages, answers that lack something, no answer.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { OciRepository } from '../../../cli/images/oci.ts';
import { Redactor } from '../../../cli/io/redactor.ts';

const LOGIN = { username: 'user', password: 'canary-of-oci' };

interface Seen {
  method: string;
  url: string;
  authorization: string | undefined;
}

async function registry(answer: (request: IncomingMessage, response: ServerResponse, origin: string) => void): Promise<{ server: string; seen: Seen[]; redactor: Redactor; open(given?: { login?: typeof LOGIN; patience?: number; stop?: AbortSignal }): OciRepository }> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization });
    answer(request, response, `http://${host}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redactor = new Redactor();
  return {
    server: host, seen, redactor,
    open: ({ login, patience = 2000, stop = new AbortController().signal } = {}) => new OciRepository({ server: host, repository: 'a/b', ...(login ? { signIn: async () => login } : {}) }, { redactor, stop, patience }),
  };
}

test('a token is fetched once with the password, for this repository, and a new one when it has ended', async () => {
  let valid = 'first-token';
  const at = await registry((request, response, origin) => {
    if (request.url === '/v2/') return void response.end();
    if (request.url?.startsWith('/token')) return void response.end(JSON.stringify({ token: valid }));
    if (request.headers.authorization !== `Bearer ${valid}`) return void response.writeHead(401, { 'www-authenticate': `Bearer realm="${origin}/token",service="s"` }).end();
    response.writeHead(200, { 'docker-content-digest': 'sha256:1' }).end();
  });
  const repository = at.open({ login: LOGIN });
  expect([await repository.digestOf('x'), await repository.digestOf('y')]).toEqual(['sha256:1', 'sha256:1']);
  valid = 'second-token';
  expect(await repository.digestOf('z')).toBe('sha256:1');
  const tokens = at.seen.filter(({ url }) => url.startsWith('/token'));
  expect(tokens.map(({ url }) => decodeURIComponent(url))).toEqual(Array(2).fill('/token?service=s&scope=repository:a/b:pull'));
  expect(tokens[0]?.authorization).toBe(`Basic ${Buffer.from('user:canary-of-oci').toString('base64')}`);
  // The password itself goes to the token service only, and nobody is asked before it says how.
  expect(at.seen.filter(({ url, authorization }) => !url.startsWith('/token') && authorization?.startsWith('Basic'))).toEqual([]);
  expect(at.redactor.redact('second-token canary-of-oci')).toBe('*** ***');
});

test('a token service in public without TLS gets no password', async () => {
  const at = await registry((request, response) => void (request.url === '/v2/' ? response.end() : response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://tokens.example.com/"' }).end()));
  await expect(at.open({ login: LOGIN }).digestOf('x')).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_UNAUTHORIZED', message: expect.stringContaining('without TLS') as string });
});

test('tags of all pages, from this registry whatever the link says', async () => {
  const at = await registry((request, response) => {
    if (request.url === '/v2/') return void response.end();
    if (request.url?.includes('last=b')) return void response.end(JSON.stringify({ tags: ['c', 'a'] }));
    response.setHeader('link', '<https://elsewhere.example.com/v2/a/b/tags/list?n=2&last=b>; rel="next"').end(JSON.stringify({ tags: ['b', 'a'] }));
  });
  expect(await at.open().tags()).toEqual(['a', 'b', 'c']);
});

test('a digest that HEAD does not tell is made of the manifest', async () => {
  const at = await registry((request, response) => void response.end(request.method === 'GET' ? '{}' : undefined));
  expect(await at.open().digestOf('x')).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

test.each([
  [404, '{"errors":[]}', undefined],
  [403, '{"errors":[{"code":"DENIED","message":"not you"}]}', 'TODOCTL_REGISTRY_UNAUTHORIZED'],
  [405, '{"errors":[{"code":"UNSUPPORTED","message":"read-only"}]}', 'TODOCTL_REGISTRY_REFUSED'],
  [500, '<html>oops', 'TODOCTL_REGISTRY_UNREACHABLE'],
])('%i to a question', async (status, text, code) => {
  const at = await registry((request, response) => void (request.url === '/v2/' ? response.end() : response.writeHead(status).end(text)));
  const answer = at.open().manifest('x');
  if (code === undefined) expect(await answer).toBeUndefined();
  else await expect(answer).rejects.toMatchObject({ code });
});

test('no answer ends by itself, and at once when it is asked to', async () => {
  const at = await registry(() => undefined);
  await expect(at.open({ patience: 100 }).tags()).rejects.toMatchObject({ code: 'TODOCTL_REGISTRY_UNREACHABLE', message: `${at.server}: no answer in 0.1 seconds` });
  const stop = new AbortController();
  const asking = at.open({ stop: stop.signal, patience: 60_000 }).tags();
  stop.abort(new Error('stopped'));
  await expect(asking).rejects.toThrow('stopped');
});

test('a name that is not private is asked by TLS only', async () => {
  const repository = new OciRepository({ server: 'registry.invalid:5000', repository: 'a', signIn: async () => LOGIN }, { redactor: new Redactor(), stop: new AbortController().signal, patience: 3000 });
  const error: unknown = await repository.tags().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'TODOCTL_REGISTRY_UNREACHABLE' });
  expect(JSON.stringify(error)).not.toContain('canary');
});
