import { describe, expect, it } from 'vitest';
import { component } from '../contract/dapr/resources.ts';
import { startEmbeddedSidecar, startRealDaprd } from '../contract/dapr/sidecars.ts';
import { call, openWorld } from '../contract/dapr/world.ts';
import { getDaprd } from '../tools/dapr/build.ts';
import { realPart } from './parts.ts';

const daprd = await realPart('daprd', getDaprd);
const STATE = component('state', 'state.postgresql', 'v2', { connectionString: ['postgres', 'uri'], tablePrefix: 'dapr_' });

// Who turns from the embedded sidecar to a real daprd, or back, keeps her state.
describe.skipIf(!daprd)('state on one PostgreSQL', () => {
  const ours = startEmbeddedSidecar;
  const real = startRealDaprd(daprd?.binary ?? '');

  it.each([
    ['the embedded sidecar', 'daprd', ours, real],
    ['daprd', 'the embedded sidecar', real, ours],
  ])('that %s has written is read and changed by %s', async (_first, _second, startFirst, startSecond) => {
    let start = startFirst;
    const world = await openWorld((...args) => start(...args));
    try {
      const app = await world.app();
      const specs = [{ appId: 'orders', podName: 'orders-0', appPort: app.port }];
      const first = await world.start(specs, [STATE]);
      await call(`${first.url}/v1.0/state/state`, { body: [{ key: 'a', value: { n: 1 } }, { key: 'b', value: 'text', metadata: { ttlInSeconds: '1000' } }] });
      const { headers } = await call(`${first.url}/v1.0/state/state/a`);
      await first.stop();

      start = startSecond;
      const second = await world.start(specs, [STATE]);
      const found = await call(`${second.url}/v1.0/state/state/a`);
      expect(found).toMatchObject({ status: 200, json: { n: 1 } });
      expect(found.headers.get('etag')).toBe(headers.get('etag'));
      expect((await call(`${second.url}/v1.0/state/state/b`)).headers.get('metadata.ttlexpiretime')).toBeTypeOf('string');
      expect((await call(`${second.url}/v1.0/state/state`, { body: [{ key: 'a', value: { n: 2 }, etag: headers.get('etag') }] })).status).toBe(204);
      expect((await call(`${second.url}/v1.0/state/state`, { body: [{ key: 'c', value: 3 }] })).status).toBe(204);
    } finally {
      await world.close();
    }
  });
});
