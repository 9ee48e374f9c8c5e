// A registry that keeps manifests in memory and asks for a password: what is sent to it, by whom, is seen.
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPE = 'application/vnd.oci.image.manifest.v1+json';

export interface MemoryRegistry extends AsyncDisposable {
  /** `127.0.0.1:41234`: plain HTTP. */
  readonly server: string;
  readonly login: { username: string; password: string };
  /** By `repository:tag`. */
  readonly manifests: Map<string, string>;
  /** `PUT /v2/todo/todo/manifests/x`, of those who signed in. */
  readonly asked: string[];
  /** So long requests are refused, all or those of one method. */
  refusing?: { status: number; text: string; method?: string };
}

export async function startMemoryRegistry(password = 'canary-of-the-registry'): Promise<MemoryRegistry> {
  const login = { username: 'pusher', password };
  const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const server = http.createServer((request, response) => {
    void request.toArray().then((parts: Buffer[]) => answer(request, response, Buffer.concat(parts).toString('utf8')));
  });
  const answer = ({ method = '', url = '', headers }: http.IncomingMessage, response: http.ServerResponse, body: string): void => {
    if (headers.authorization !== expected) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end('{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}');
    registry.asked.push(`${method} ${url}`);
    const { refusing } = registry;
    if (refusing && (refusing.method ?? method) === method) return void response.writeHead(refusing.status).end(refusing.text);
    const [, repository = '', what = '', name = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^?]*)/.exec(url) ?? [];
    if (what === 'tags') {
      const tags = [...registry.manifests.keys()].filter((key) => key.startsWith(`${repository}:`)).map((key) => key.slice(repository.length + 1));
      return void response.writeHead(tags.length === 0 ? 404 : 200).end(JSON.stringify({ name: repository, tags }));
    }
    if (what === 'blobs') return void response.writeHead(202, { location: `/v2/${repository}/blobs/uploads/1` }).end();
    if (what !== 'manifests') return void response.end('{}');
    if (method === 'PUT') {
      registry.manifests.set(`${repository}:${name}`, body);
      return void response.writeHead(201).end();
    }
    const text = registry.manifests.get(`${repository}:${name}`);
    if (text === undefined) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    response.writeHead(200, { 'content-type': TYPE, 'docker-content-digest': `sha256:${createHash('sha256').update(text).digest('hex')}` }).end(method === 'HEAD' ? undefined : text);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: MemoryRegistry = {
    server: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    login,
    manifests: new Map(),
    asked: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return registry;
}
