import { afterEach, describe, expect, it } from 'vitest';
import { appClient, type AppClient } from '../../../../cli/sidecar/app/app-client.ts';
import { deliver, metadataHeaders } from '../../../../cli/sidecar/pubsub/delivery.ts';
import { StatusError } from '../../../../cli/sidecar/retry.ts';
import { TestApp, type Reply } from '../../../contract/dapr/test-app.ts';

let app: TestApp | undefined;
let client: AppClient | undefined;

afterEach(async () => {
  client?.close();
  await app?.close();
});

async function deliverTo(reply: Reply, event: Record<string, unknown> = { id: 'e1' }, metadata: Record<string, string> = {}): Promise<string> {
  app = await TestApp.listen();
  client = appClient(app.port, 'app-token');
  app.on('/events/t', () => reply);
  return await deliver({ path: 'events/t', event, data: Buffer.from(JSON.stringify(event)), metadata }, { app: client, tracing: true });
}

const body = (status: string): Reply => ({ body: JSON.stringify({ status }) });

describe('the verdict of an app', () => {
  it.each([[{}, 'success'], [{ status: 204 }, 'success'], [body('SUCCESS'), 'success'], [{ body: 'fine' }, 'success'], [{ body: 'null' }, 'success'], [body('DROP'), 'dropped'], [{ status: 404 }, 'dropped']])(
    'is from %j: %s',
    async (reply, verdict) => {
      expect(await deliverTo(reply)).toBe(verdict);
    },
  );

  it.each([[body('RETRY'), 'asks to retry event e1'], [body('success'), 'event e1 with an unknown status']])('of %j is to try again', async (reply, message) => {
    await expect(deliverTo(reply)).rejects.toThrow(message);
  });

  it.each([400, 422, 503])('of status %i is to try again, and names the status to the policy', async (status) => {
    const failure = await deliverTo({ status, body: 'because' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StatusError);
    expect(failure).toMatchObject({ status, message: `the app answered ${status} to event e1: because` });
  });

  it('of an app that is not there is to try again', async () => {
    const nobody = appClient(1, undefined);
    await expect(deliver({ path: '/x', event: {}, data: Buffer.from('{}'), metadata: {} }, { app: nobody, tracing: false })).rejects.toThrow('ECONNREFUSED');
    nobody.close();
  });
});

describe('a delivery', () => {
  it('carries the event as it lies on the topic, its metadata, its trace and the app\'s token', async () => {
    const event = { id: 'e1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b', data: 'ü' };
    await deliverTo({}, event, { __key: 't1', Shade: 'Blue' });
    const [received] = app?.seen('/events/t') ?? [];
    expect(received?.json).toEqual(event);
    expect(received?.headers).toMatchObject({ __key: 't1', shade: 'Blue', 'content-type': 'application/cloudevents+json', tracestate: 'a=b', 'dapr-api-token': 'app-token' });
    expect(received?.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
  });

  it('never lets metadata stand for a header of the request itself', () => {
    expect(metadataHeaders({ 'Content-Type': 'x', 'content-length': '1', Connection: 'close', traceparent: 'x', 'key-bin': 'x', pubsubName: 'pubsub' })).toEqual({ pubsubname: 'pubsub' });
  });

  it('writes header values as UTF-8 bytes', () => {
    expect(metadataHeaders({ key: 'é🙂' })['key']).toBe(Buffer.from('é🙂').toString('latin1'));
  });
});
