import { DaprError } from './dapr-error.ts';
import type { Answer } from './exchange.ts';
import type { Route } from './router.ts';

const ALL = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What the local sidecar does not do. Each answers with daprd's own "not implemented" and says so; docs/local.md lists them. */
const REFUSED: readonly (readonly [path: string, what: string])[] = [
  ['/v1.0/jobs/*', 'the Jobs API'],
  ['/v1.0-alpha1/jobs/*', 'the Jobs API'],
  ['/v1.0/actors/*', 'actors'],
  ['/v1.0/bindings/*', 'bindings'],
  ['/v1.0/workflows/*', 'workflows'],
  ['/v1.0-beta1/workflows/*', 'workflows'],
  ['/v1.0/configuration/*', 'configuration stores'],
  ['/v1.0-alpha1/configuration/*', 'configuration stores'],
  ['/v1.0-alpha1/lock/*', 'distributed locks'],
  ['/v1.0-alpha1/unlock/*', 'distributed locks'],
  ['/v1.0-alpha1/crypto/*', 'cryptography'],
  ['/v1.0-alpha1/subtlecrypto/*', 'cryptography'],
  ['/v1.0-alpha2/conversation/*', 'conversations'],
  ['/v1.0-alpha1/state/*', 'state queries'],
];

export function refusedRoutes(): Route[] {
  return REFUSED.map(([path, what]) => ({
    methods: ALL,
    path,
    handler: (): Answer => {
      throw new DaprError(501, 'ERR_API_UNIMPLEMENTED', `this API is currently not implemented: the local sidecar has no ${what.replace(/^the /, '')}`);
    },
  }));
}
