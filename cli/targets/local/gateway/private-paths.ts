import { posix } from 'node:path';

/** What services answer to the platform alone: their probes and measures, what Dapr delivers, and what services ask of each other. */
const PRIVATE = ['/metrics', '/livez', '/readyz', '/dapr', '/events', '/internal'];

/**
 * The private prefix that a request's target falls under, in whatever spelling a service might take for it (`/%6detrics`,
 * `//metrics`, `/x/../metrics`); undefined when it is for everyone.
 */
export function privatePrefix(target: string): string | undefined {
  const path = posix.normalize(decoded(target.split('?', 1)[0] ?? '/'));
  return PRIVATE.find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/** Broken encoding is left as it is: the service refuses it. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
