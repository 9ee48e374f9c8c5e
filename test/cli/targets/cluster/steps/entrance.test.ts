// How long a deploy waits for the address of its entrance: as long as somebody is at work on it, and never for ever.
import { expect, test } from 'vitest';
import { runSteps } from '../../../../../cli/engine/run.ts';
import type { EngineEvent, Step } from '../../../../../cli/engine/step.ts';
import type { EntranceAddress } from '../../../../../cli/providers/provider.ts';
import type { Deploying } from '../../../../../cli/targets/cluster/steps/deploying.ts';
import { entranceStep } from '../../../../../cli/targets/cluster/steps/entrance.ts';
import type { Looked } from '../../../../../cli/targets/cluster/steps/look.ts';
import { VirtualClock } from '../../../engine/virtual-clock.ts';

const GATEWAYS = '/apis/gateway.networking.k8s.io/v1/namespaces/todo/gateways';
const SERVICES = '/api/v1/namespaces/todo/services';
const TAKEN = [{ type: 'Accepted', status: 'True' }, { type: 'Programmed', status: 'False', message: 'waits for a load balancer' }];

interface Ended {
  value: EntranceAddress | undefined;
  /** Seconds that were waited. */
  waited: number;
  events: EngineEvent[];
  error: unknown;
}

/** A deploy into a cluster that has these objects, so many seconds after it has begun. */
async function deployed(at: (seconds: number) => Record<string, object[]>): Promise<Ended> {
  const clock = new VirtualClock();
  const seconds = (): number => clock.now() / 1000;
  const kubernetes = { where: 'test', ask: async (asked: string) => ({ status: 200, body: { items: at(seconds())[asked.split('?')[0] ?? ''] ?? [] } }) };
  const look: Step<Looked> = { id: 'look', title: 'Look', needs: [], timeout: 1000, check: async () => ({ is: 'done', value: { kubernetes } as unknown as Looked }) };
  const ground = { given: { clock, environment: 'prod' }, peek: { platform: 'todo' } };
  const step = entranceStep({ ground, look } as unknown as Deploying, []);
  const events: EngineEvent[] = [];
  const never = new AbortController().signal;
  const outcome = await runSteps([look, step], { emit: (event) => void events.push(event), clock, stop: never, leave: never });
  return { value: outcome.of(step), waited: seconds(), events: events.filter(({ step: id }) => id === 'entrance'), error: outcome.error };
}

const gateway = (made: number, conditions: object[], addresses: string[] = []): object => ({
  metadata: { name: 'todo', creationTimestamp: new Date(made * 1000).toISOString() },
  spec: { listeners: [{ name: 'https', port: 443, protocol: 'HTTPS', hostname: 'todo.example.com' }] }, status: { conditions, addresses: addresses.map((value) => ({ value })) },
});
const reasons = ({ events }: Ended): string[] => events.flatMap((event) => (event.is === 'waiting' ? [event.reason] : []));
const lines = ({ events }: Ended): string[] => events.flatMap((event) => (event.is === 'progress' ? [event.line] : []));

test('an address that is there is known at once', async () => {
  const ended = await deployed(() => ({ [GATEWAYS]: [gateway(-5, TAKEN, ['203.0.113.7'])] }));
  expect([ended.value, reasons(ended)]).toEqual([{ address: '203.0.113.7', host: 'todo.example.com' }, []]);
});

test('a load balancer that is being made is waited for, with its reason', async () => {
  const ended = await deployed((seconds) => ({ [GATEWAYS]: [gateway(0, TAKEN, seconds > 100 ? ['203.0.113.7'] : [])] }));
  expect(ended.value?.address).toBe('203.0.113.7');
  expect(reasons(ended)).toContain('Gateway todo has no address yet: waits for a load balancer');
});

test('one that never comes is given up after some minutes, and the deploy goes on', async () => {
  const ended = await deployed(() => ({ [SERVICES]: [{ metadata: { name: 'web', creationTimestamp: new Date(0).toISOString() }, spec: { type: 'LoadBalancer' } }] }));
  expect([ended.value, ended.error]).toEqual([undefined, undefined]);
  expect(ended.waited).toBeGreaterThanOrEqual(300);
  expect(lines(ended)).toEqual(['Service web has no address yet; it is not waited for any longer']);
});

test('where no controller has taken the Gateway, half a minute is enough', async () => {
  const ended = await deployed(() => ({ [GATEWAYS]: [gateway(0, [{ type: 'Accepted', status: 'Unknown', reason: 'Pending', message: 'Waiting for controller' }])] }));
  expect(ended.value).toBeUndefined();
  expect(ended.waited).toBeGreaterThanOrEqual(30);
  expect(ended.waited).toBeLessThan(300);
});

test.each([['nobody has taken for a minute', -60, []], ['has waited for an hour', -3600, TAKEN]])('what %s is not waited for by the next deploy', async (_what, made, conditions) => {
  const ended = await deployed(() => ({ [GATEWAYS]: [gateway(made, conditions)] }));
  expect([ended.value, reasons(ended)]).toEqual([undefined, []]);
});

test('without a way in nothing is waited for', async () => {
  const ended = await deployed(() => ({}));
  expect([ended.value, reasons(ended), lines(ended)]).toEqual([undefined, [], []]);
});
