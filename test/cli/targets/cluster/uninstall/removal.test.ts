import { expect, test } from 'vitest';
import type { Run, State, Step } from '../../../../../cli/engine/step.ts';
import { type Removal, removalStep } from '../../../../../cli/targets/cluster/uninstall/removal.ts';
import type { Thing } from '../../../../../cli/targets/cluster/uninstall/found.ts';
import { Objects, thing } from './objects.ts';

const MINUTE = 60_000;
const run = { leave: new AbortController().signal, progress: () => undefined } as unknown as Run;

/** A step that removes all that `objects` has, on a clock that the test moves. */
function removing(objects: Objects, more: Partial<Removal> = {}): Step & { pass(ms: number): void } {
  let now = 0;
  const step = removalStep({
    id: 'x', title: 'Remove it', needs: [], timeout: 10 * MINUTE, kubernetes: objects.kubernetes, clock: { now: () => now, wait: async () => undefined },
    find: async (): Promise<Thing[]> => {
      await objects.kubernetes.ask('/api/v1/configmaps');
      return [...objects.things];
    },
    assertHeld: () => undefined, hangMs: 4 * MINUTE, ...more,
  });
  return Object.assign(step, { pass: (ms: number): void => void (now += ms) });
}
const reasonIn = (state: State<unknown>): string | undefined => (state.is === 'busy' ? state.reason : undefined);

test('what is there is named, deleted and gone', async () => {
  const objects = new Objects(thing('ConfigMap', 'a'), thing('Namespace', 'todo'));
  const step = removing(objects);
  expect(await step.check(run)).toMatchObject({ is: 'drifted', changes: [{ what: 'ConfigMap todo/a', to: 'removed' }, { what: 'Namespace todo' }] });
  await step.apply?.(run);
  expect([objects.things, (await step.check(run)).is]).toEqual([[], 'done']);
});

test('exactly what was found: what has its name meanwhile stays, what has gone is as wanted', async () => {
  const [found, gone] = [thing('ConfigMap', 'a'), thing('ConfigMap', 'b')];
  const anew = thing('ConfigMap', 'a');
  const objects = new Objects(anew);
  await removing(objects, { find: async () => [found, gone] }).apply?.(run);
  expect(objects.things).toEqual([anew]);
});

test('what a killed run has begun is waited for and not asked for again', async () => {
  const objects = new Objects(thing('ConfigMap', 'a', { finalizers: ['example.com/hold'], deletionTimestamp: 'then' }));
  const step = removing(objects);
  expect(reasonIn(await step.check(run))).toBe('still there: ConfigMap todo/a (held by the finalizer example.com/hold)');
  await step.apply?.(run);
  expect(objects.asked.filter((asked) => asked.startsWith('DELETE'))).toEqual([]);
});

test('a finalizer that does nothing for so long is hanging, and the command that lets it go is said', async () => {
  const objects = new Objects(thing('KafkaTopic', 'orders', { finalizers: ['strimzi.io/topic-operator'], deletionTimestamp: 'then' }), thing('Namespace', 'x', { finalizers: ['a/b'], deletionTimestamp: 'then' }));
  const step = removing(objects);
  for (const ms of [0, 3 * MINUTE]) {
    step.pass(ms);
    expect((await step.check(run)).is).toBe('busy');
  }
  step.pass(MINUTE);
  expect(await step.check(run)).toMatchObject({ is: 'stuck', error: { code: 'TODOCTL_FINALIZER_HANGS', exit: 5, details: [
    `kubectl patch kafkatopics.kafka.strimzi.io orders -n todo --type=merge -p '{"metadata":{"finalizers":null}}'`, `kubectl patch namespaces x --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ] } });
});

test('the time counts for each anew: what goes lets others have theirs', async () => {
  const objects = new Objects(thing('ConfigMap', 'a', { finalizers: ['a/b'], deletionTimestamp: 'then' }));
  const step = removing(objects);
  await step.check(run);
  step.pass(3 * MINUTE);
  objects.things = [thing('ConfigMap', 'a', { finalizers: ['a/b'], deletionTimestamp: 'later' })];
  await step.check(run);
  step.pass(3 * MINUTE);
  expect((await step.check(run)).is).toBe('busy');
});

test('a namespace says itself what holds it, and is stuck after the same time', async () => {
  const held = 'Some resources are remaining: kafkatopics.kafka.strimzi.io has 2 resource instances';
  const step = removing(new Objects(thing('Namespace', 'todo', { deletionTimestamp: 'then' })), { heldBy: async () => [held] });
  expect(reasonIn(await step.check(run))).toBe(`still there: Namespace todo: ${held}`);
  step.pass(4 * MINUTE);
  expect(await step.check(run)).toMatchObject({ is: 'stuck', error: { code: 'TODOCTL_NAMESPACE_STUCK', details: [held], next: [expect.stringContaining('kubectl get kafkatopics.kafka.strimzi.io --namespace todo') as string, 'Then run the command again.'] } });
});

test('one that nothing holds is only slow', async () => {
  const step = removing(new Objects(thing('Namespace', 'todo', { deletionTimestamp: 'then' })));
  await step.check(run);
  step.pass(9 * MINUTE);
  expect((await step.check(run)).is).toBe('busy');
});

test('what was made of them is waited for', async () => {
  expect(reasonIn(await removing(new Objects(), { after: async () => ['disk a', 'disk b', 'disk c', 'disk d', 'disk e'] }).check(run))).toBe('waits for disk a, disk b, disk c, disk d, and 1 more');
});

test('who may not delete it is told which', async () => {
  const objects = new Objects(thing('ConfigMap', 'a'));
  objects.forbidden.add('/api/v1/namespaces/todo/configmaps/a');
  await expect(removing(objects).apply?.(run)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: 'You may not delete ConfigMap todo/a' });
});

test('a server that was there is waited for; one that never was is an error', async () => {
  const objects = new Objects(thing('ConfigMap', 'a'));
  const step = removing(objects);
  await step.check(run);
  objects.away = true;
  expect(reasonIn(await step.check(run))).toBe('test does not answer');
  await expect(removing(objects).check(run)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE' });
});

test('nothing is deleted once the lock is lost', async () => {
  const objects = new Objects(thing('ConfigMap', 'a'));
  await expect(removing(objects, { assertHeld: () => { throw new Error('lost'); } }).apply?.(run)).rejects.toThrow('lost');
  expect(objects.things).toHaveLength(1);
});
