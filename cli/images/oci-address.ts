import { isIP, isIPv4 } from 'node:net';

/** An image as it is written in a Dockerfile, taken apart: `node:26-slim` is `library/node` of Docker Hub. */
export interface ImageName {
  server: string;
  repository: string;
  /** A tag, or `sha256:…`. */
  reference: string;
}

const HUB = 'docker.io';
/** What Docker Hub is called, and who answers for it. */
const HUB_API = 'registry-1.docker.io';

/** Takes `[server/]repository[:tag][@digest]` apart as Docker does; undefined for what is no name of an image. */
export function parseImage(text: string): ImageName | undefined {
  const found = /^(?<name>[a-z0-9][\w./:-]*?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/i.exec(text)?.groups;
  if (!found?.['name']) return undefined;
  const [first = '', ...others] = found['name'].split('/');
  const named = others.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const server = named ? first : HUB;
  const path = named ? others.join('/') : found['name'];
  if (!/^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/.test(path)) return undefined;
  return { server, repository: server === HUB && !path.includes('/') ? `library/${path}` : path, reference: found['digest'] ?? found['tag'] ?? 'latest' };
}

/** The host that a registry's API is at. */
export function apiHost(server: string): string {
  return server === HUB || server === `index.${HUB}` ? HUB_API : server;
}

/** Loopback and private networks, by number or `localhost`: only there may a registry speak plain HTTP. A name could lead anywhere. */
export function isPrivate(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === 'localhost') return true;
  if (isIPv4(bare)) {
    const [a = 0, b = 0] = bare.split('.').map(Number);
    return a === 127 || a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31);
  }
  return isIP(bare) === 6 && (bare === '::1' || /^f[cd]/i.test(bare));
}

/** Host without its port, of `host`, `host:5000` or `[::1]:5000`. */
export function hostOf(server: string): string {
  return server.replace(/:\d+$/, '');
}
