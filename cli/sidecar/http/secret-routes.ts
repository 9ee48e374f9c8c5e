import type { Configuration } from '../resources/configuration.ts';
import type { SecretStore } from '../secrets/local-file.ts';
import { DaprError } from './dapr-error.ts';
import { json, type Answer, type Exchange } from './exchange.ts';
import type { Route } from './router.ts';

interface Options {
  stores: ReadonlyMap<string, SecretStore>;
  allowed: Configuration['secretAllowed'];
}

/** The secrets API (pkg/api/universal/secrets.go). An unknown store is a 401 in daprd, so it is one here. */
export function secretRoutes({ stores, allowed }: Options): Route[] {
  return [
    { methods: ['GET'], path: '/v1.0/secrets/{store}/bulk', handler: bulk },
    { methods: ['GET'], path: '/v1.0/secrets/{store}/{key}', handler: get },
  ];

  function open(exchange: Exchange): { name: string; store: SecretStore } {
    const name = exchange.params['store'] ?? '';
    if (stores.size === 0) throw new DaprError(500, 'ERR_SECRET_STORES_NOT_CONFIGURED', 'secret store is not configured');
    const store = stores.get(name);
    if (!store) throw new DaprError(401, 'ERR_SECRET_STORE_NOT_FOUND', `failed finding secret store with key ${name}`);
    return { name, store };
  }

  function get(exchange: Exchange): Answer {
    const { name, store } = open(exchange);
    const key = exchange.params['key'] ?? '';
    if (!allowed(name, key)) throw new DaprError(403, 'ERR_PERMISSION_DENIED', `access denied by policy to get "${key}" from "${name}"`);
    const secret = store.get(key);
    if (!secret) {
      throw new DaprError(500, 'ERR_SECRET_GET', `failed getting secret with key ${key} from secret store ${name}: secret ${key} not found`);
    }
    return json(200, secret);
  }

  function bulk(exchange: Exchange): Answer {
    const { name, store } = open(exchange);
    return json(200, Object.fromEntries(Object.entries(store.all()).filter(([key]) => allowed(name, key))));
  }
}
