import { describe, expect, it } from 'vitest';
import { publisher, type OutgoingMessage, type Publisher } from '../../../../cli/sidecar/pubsub/publisher.ts';
import { Resiliency } from '../../../../cli/sidecar/resources/resiliency.ts';
import { documentOf } from '../resources/documents.ts';

const message = (text: string): OutgoingMessage => ({ value: Buffer.from(text), metadata: {} });

/** A publisher whose broker answers as `outcomes` says, one call after the other. */
function build(outcomes: (texts: string[], call: number) => (Error | undefined)[], { retries = 0, forbidden = '' } = {}): { publish: Publisher; sent: string[][] } {
  const sent: string[][] = [];
  const producer = {
    send: async (_topic: string, messages: readonly OutgoingMessage[]) => {
      const texts = messages.map(({ value }) => value.toString());
      sent.push(texts);
      return outcomes(texts, sent.length);
    },
  };
  const scope = { mayPublish: (topic: string) => topic !== forbidden, maySubscribe: () => true };
  const policies = `{ policies: { retries: { r: { duration: 1ms, maxRetries: ${retries} } } }, targets: { components: { pubsub: { outbound: { retry: r } } } } }`;
  const resiliency = new Resiliency([documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: todo }\nspec: ${policies}`)]);
  const clock = { now: () => 0, wait: async () => undefined };
  const components = new Map([['pubsub', { name: 'pubsub', producer, scope }]]);
  return { publish: publisher({ appId: 'task-api', components, resiliency, clock, stop: new AbortController().signal }), sent };
}

describe('publishing', () => {
  it('names what failed by its place', async () => {
    const { publish } = build((texts) => texts.map((text) => (text === 'bad' ? new Error('refused') : undefined)));
    const failures = await publish.publishAll('pubsub', 't', ['good', 'bad', 'fine'].map(message));
    expect([...failures].map(([index, error]) => [index, error.message])).toEqual([[1, 'refused']]);
  });

  it('sends only what failed again under the outbound policy', async () => {
    const { publish, sent } = build((texts, call) => texts.map((text) => (text === 'bad' && call < 3 ? new Error('not yet') : undefined)), { retries: 5 });
    expect(await publish.publishAll('pubsub', 't', ['good', 'bad', 'fine'].map(message))).toEqual(new Map());
    expect(sent).toEqual([['good', 'bad', 'fine'], ['bad'], ['bad']]);
  });

  it('keeps the last failure when the policy is exhausted', async () => {
    const { publish, sent } = build((texts, call) => texts.map(() => new Error(`failure ${call}`)), { retries: 2 });
    const failures = await publish.publishAll('pubsub', 't', [message('a')]);
    expect(failures.get(0)?.message).toBe('failure 3');
    expect(sent).toHaveLength(3);
  });

  it('throws daprd\'s errors for one message', async () => {
    const { publish } = build((texts) => texts.map(() => new Error('no broker')), { forbidden: 'secret' });
    await expect(publish.publish('pubsub', 't', message('a'))).rejects.toMatchObject({ status: 500, code: 'ERR_PUBSUB_PUBLISH_MESSAGE', message: 'error when publishing to topic t in pubsub pubsub: no broker' });
    await expect(publish.publish('pubsub', 'secret', message('a'))).rejects.toMatchObject({ status: 403, code: 'ERR_PUBSUB_FORBIDDEN' });
    await expect(publish.publish('absent', 't', message('a'))).rejects.toMatchObject({ status: 404, code: 'ERR_PUBSUB_NOT_FOUND' });
  });
});
