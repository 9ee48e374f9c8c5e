import { describe, expect, it } from 'vitest';
import { router } from '../../../../cli/sidecar/http/router.ts';

const handler = (name: string) => () => ({ status: 200, body: name });
const find = router([
  { methods: ['POST', 'PUT'], path: '/v1.0/publish/bulk/{pubsub}/*', handler: handler('bulk') },
  { methods: ['POST', 'PUT'], path: '/v1.0/publish/{pubsub}/*', handler: handler('publish') },
  { methods: ['GET'], path: '/v1.0/state/{store}/{key}', handler: handler('get') },
  { methods: ['POST'], path: '/v1.0/state/{store}', handler: handler('save') },
]);

describe('routes', () => {
  it.each([
    ['POST', '/v1.0/publish/pubsub/task-events', 'publish', { pubsub: 'pubsub', '*': 'task-events' }],
    ['PUT', '/v1.0/publish/pubsub/with/slashes', 'publish', { pubsub: 'pubsub', '*': 'with/slashes' }],
    ['POST', '/v1.0/publish/pubsub/', 'publish', { pubsub: 'pubsub', '*': '' }],
    ['POST', '/v1.0/publish/bulk/pubsub/t', 'bulk', { pubsub: 'pubsub', '*': 't' }],
    ['GET', '/v1.0/state/state/key', 'get', { store: 'state', key: 'key' }],
    ['POST', '//v1.0//state/state/', 'save', { store: 'state' }],
  ])('lead %s %s to %s', (method, path, name, params) => {
    const match = find(method, path);
    expect(match?.handler({} as never)).toMatchObject({ body: name });
    expect(match?.params).toEqual(params);
  });

  it.each([['GET', '/v1.0/publish/pubsub/t'], ['POST', '/v1.0/state'], ['GET', '/v1.0/state/a/b/c'], ['GET', '/'], ['GET', '/v1.0']])('lead %s %s nowhere', (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });
});
