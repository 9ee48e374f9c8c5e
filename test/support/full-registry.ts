// A registry that has every image: for deploys whose images are another test's matter.
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const CONFIG = '{}';
const MANIFEST = JSON.stringify({
  schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', layers: [],
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${createHash('sha256').update(CONFIG).digest('hex')}`, size: CONFIG.length },
});

export interface FullRegistry {
  server: string;
  /** Tags that somebody cleaned away. */
  gone: Set<string>;
  stop(): Promise<void>;
}

export async function startFullRegistry(): Promise<FullRegistry> {
  const gone = new Set<string>();
  const registry = http.createServer(({ method, url = '' }, response) => {
    if (!url.includes('/manifests/')) return void response.writeHead(200).end('{}');
    if (gone.has(url.split('/').at(-1) ?? '')) return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'docker-content-digest': `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}` });
    response.end(method === 'HEAD' ? undefined : MANIFEST);
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const { port } = registry.address() as AddressInfo;
  return {
    server: `127.0.0.1:${port}`,
    gone,
    async stop() {
      registry.closeAllConnections();
      await new Promise((resolve) => registry.close(resolve));
    },
  };
}
