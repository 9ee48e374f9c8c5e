import { describe, expect, it } from 'vitest';
import { Resiliency } from '../../../../cli/sidecar/resources/resiliency.ts';
import { documentOf } from './documents.ts';

const resiliency = (spec: string): Resiliency => new Resiliency([documentOf(`apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: todo }\nspec:\n${spec}`)]);

const RETRIES = '  policies:\n    retries:\n      deliver: { policy: exponential, maxInterval: 10s, maxRetries: 5 }\n      quick: { policy: constant, duration: 100ms, matching: { httpStatusCodes: "429,500-599" } }\n    timeouts: { short: 2s }\n';

describe('a Resiliency', () => {
  it('gives a component the inbound policy that it is a target of', () => {
    const found = resiliency(`${RETRIES}  targets: { components: { pubsub: { inbound: { retry: deliver, timeout: short }, outbound: { retry: quick } } } }`);
    expect(found.inbound('pubsub')).toEqual({
      timeoutMs: 2000,
      retry: { policy: 'exponential', durationMs: 5000, maxIntervalMs: 10_000, maxRetries: 5, statuses: undefined },
    });
    expect(found.outbound('pubsub', 'PubsubComponentOutbound').retry).toMatchObject({ policy: 'constant', durationMs: 100, maxRetries: -1, statuses: [[429, 429], [500, 599]] });
    expect(found.inbound('another')).toEqual({});
  });

  it('has nothing for apps until one is a target', () => {
    expect(resiliency(RETRIES).app('task-api')).toBeUndefined();
    expect(resiliency(`${RETRIES}  targets: { apps: { task-api: { retry: quick } } }`).app('task-api')?.retry).toMatchObject({ durationMs: 100 });
  });

  it('falls back to the policies that are defaults by their names, the narrower one first', () => {
    const found = resiliency('  policies:\n    retries:\n      DefaultRetryPolicy: { maxRetries: 1 }\n      DefaultPubsubComponentInboundRetryPolicy: { maxRetries: 2 }\n');
    expect(found.inbound('pubsub').retry?.maxRetries).toBe(2);
    expect(found.outbound('pubsub', 'PubsubComponentOutbound').retry?.maxRetries).toBe(1);
    expect(found.app('anyone')?.retry?.maxRetries).toBe(1);
  });

  it('does not fall back for a target that is named but says nothing', () => {
    expect(resiliency('  policies: { retries: { DefaultRetryPolicy: { maxRetries: 1 } } }\n  targets: { components: { pubsub: { outbound: {} } } }').inbound('pubsub')).toEqual({});
  });

  it.each([
    ['  policies: { retries: { r: { policy: linear } } }', 'retry r: policy must be constant or exponential, not linear'],
    ['  policies: { retries: { r: { duration: soon } } }', 'retry r: duration is not a duration'],
    ['  policies: { retries: { r: { maxRetries: some } } }', 'retry r: maxRetries is not a whole number'],
    ['  policies: { retries: { r: { matching: { httpStatusCodes: "5xx" } } } }', 'retry r: httpStatusCodes: 5xx is not a status or a range'],
    ['  policies: { timeouts: { t: long } }', 'timeout t is not a duration'],
    ['  targets: { components: { pubsub: { inbound: { retry: absent } } } }', 'there is no retry policy absent'],
    ['  targets: { apps: { a: { timeout: absent } } }', 'there is no timeout absent'],
  ])('refuses %s', (spec, message) => {
    expect(() => resiliency(spec)).toThrow(`test.yaml: Resiliency todo: ${message}`);
  });
});
