import { describe, expect, test } from 'vitest';
import { runSteps } from '../../../cli/engine/run.ts';
import type { Run, State, Step } from '../../../cli/engine/step.ts';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { stage, thing } from './stage.ts';

describe('one step', () => {
  test('that is done already is not asked for', async () => {
    const { run, told } = stage();
    const broker = thing('broker', { there: true });
    const outcome = await run([broker]);
    expect(outcome).toMatchObject({ ok: true, changed: 0 });
    expect(outcome.of(broker)).toBe('value of broker');
    expect([broker.asked, told()]).toEqual([0, ['broker unchanged']]);
  });

  test('that is absent is asked for once and looked at until it is there', async () => {
    const { run, told, events } = stage();
    const broker = thing('broker', { takes: 12, makes: ['a process'] });
    expect(await run([broker])).toMatchObject({ ok: true, changed: 1 });
    expect(broker.asked).toBe(1);
    expect(broker.looks).toBe(14);
    expect(told()).toEqual(['broker waiting', 'broker changed']);
    expect(events.at(-1)).toMatchObject({ is: 'changed', changes: [{ what: 'a process' }] });
  });

  test('that drifted is mended, and the event says what was changed', async () => {
    const { run, events } = stage();
    const changes = [{ what: 'partitions', from: '1', to: '3' }];
    let partitions = 1;
    const topic: Step<number> = {
      id: 'topic', title: 'Topic', needs: [], timeout: 1000,
      check: async () => (partitions === 3 ? { is: 'done', value: 3 } : { is: 'drifted', value: partitions, changes }),
      apply: async () => void (partitions = 3),
    };
    expect((await run([topic])).of(topic)).toBe(3);
    expect(events.at(-1)).toMatchObject({ is: 'changed', changes });
  });

  test('that was refused what it asked for, and goes without, has changed nothing', async () => {
    const { run, told } = stage();
    let refused = false;
    const record: Step = {
      id: 'record', title: 'Record', needs: [], timeout: 1000,
      check: async () => (refused ? { is: 'done', value: undefined, made: false } : { is: 'absent' }),
      apply: async () => void (refused = true),
    };
    expect(await run([record])).toMatchObject({ ok: true, changed: 0 });
    expect(told()).toEqual(['record unchanged']);
  });

  test('that somebody asked for already is only waited for', async () => {
    const { run } = stage();
    let looks = 0;
    const cluster: Step = {
      id: 'cluster', title: 'Cluster', needs: [], timeout: 60_000,
      check: async () => (++looks < 5 ? { is: 'busy', reason: 'being created' } : { is: 'done', value: undefined }),
      apply: async () => { throw new Error('must not be asked again'); },
    };
    expect(await run([cluster])).toMatchObject({ ok: true, changed: 0 });
  });

  test('that is stuck fails at once, with its own error', async () => {
    const { run, clock } = stage();
    const error = new TodoctlError('TODOCTL_USAGE', { message: 'no such region' });
    const outcome = await run([{ id: 'a', title: 'A', needs: [], timeout: 60_000, check: async () => ({ is: 'stuck', error }) }]);
    expect(outcome).toMatchObject({ ok: false, error });
    expect(clock.now()).toBe(0);
  });

  test('that does not end in its time fails with the last reason that was seen', async () => {
    const { run, clock } = stage();
    let looks = 0;
    const slow: Step = { id: 'slow', title: 'Broker', needs: [], timeout: 30_000, check: async () => ({ is: 'busy', reason: `look ${++looks > 3 ? 'late' : 'early'}` }) };
    const { error } = await run([slow]);
    expect(error).toMatchObject({ code: 'TODOCTL_STEP_TIMED_OUT', message: 'Broker: not done after 30 s; last seen: look late' });
    expect(clock.now()).toBe(30_000);
  });

  test.each(['check', 'apply'] as const)('whose %s never returns fails in its time too', async (which) => {
    const { run } = stage();
    const never = new Promise<never>(() => undefined);
    const hung: Step = {
      id: 'hung', title: 'Hung', needs: [], timeout: 500,
      check: async () => (which === 'check' ? never : { is: 'absent' }),
      apply: async () => never,
    };
    const reason = which === 'check' ? 'it has not answered yet' : 'being asked for';
    expect((await run([hung])).error?.message).toBe(`Hung: not done after 0.5 s; last seen: ${reason}`);
  });

  test('whose apply did not help is not asked again', async () => {
    const { run } = stage();
    let asked = 0;
    const vain: Step = {
      id: 'vain', title: 'Vain', needs: [], timeout: 5000,
      check: async () => ({ is: 'drifted', value: 0, changes: [{ what: 'size' }] }),
      apply: async () => void asked++,
    };
    expect((await run([vain])).error?.message).toContain('last seen: not yet as wanted: size');
    expect(asked).toBe(1);
  });

  test('that throws something unknown is a bug that names the step', async () => {
    const { run } = stage();
    const broken: Step = { id: 'x', title: 'Broken', needs: [], timeout: 5, check: () => Promise.reject(new TypeError('x is undefined')) };
    expect((await run([broken])).error).toMatchObject({ code: 'TODOCTL_BUG', message: 'Broken: x is undefined' });
  });

  test('tells why it waits when the reason is new, and again every five seconds', async () => {
    const { run, events, clock } = stage();
    const times: number[] = [];
    const slow: Step = { id: 'slow', title: 'Slow', needs: [], timeout: 21_000, check: async () => ({ is: 'busy', reason: 'the same' }) };
    await run([slow], { emit: (event) => { events.push(event); if (event.is === 'waiting') times.push(Math.floor(clock.now() / 5000)); } });
    expect(times).toEqual([0, 1, 2, 3]);
  });

  test('is looked at so quickly at first that a ready thing is seen within a fifth of the time it took', async () => {
    for (const ready of [15, 100, 800, 5000]) {
      const { run, clock } = stage();
      const soon: Step = { id: 'soon', title: 'Soon', needs: [], timeout: 60_000, check: async () => (clock.now() >= ready ? { is: 'done', value: 0 } : { is: 'busy', reason: '' }) };
      await run([soon]);
      expect(clock.now() - ready).toBeLessThanOrEqual(Math.max(15, ready / 5));
    }
  });
});

describe('many steps', () => {
  test('all run at once, each as soon as what it needs is done, and values are handed on', async () => {
    const { run, clock } = stage();
    const postgres = thing('postgres', { takes: 20 });
    const broker = thing('broker', { takes: 20 });
    const seen: string[] = [];
    const api: Step<string> = {
      id: 'api', title: 'API', needs: [postgres, broker], timeout: 1000,
      check: async (given: Run): Promise<State<string>> => {
        seen.push(given.of(postgres), given.of(broker));
        return { is: 'done', value: 'up' };
      },
    };
    const outcome = await run([api]);
    expect(outcome.of(api)).toBe('up');
    expect(seen).toEqual(['value of postgres', 'value of broker']);
    const alone = stage();
    await alone.run([thing('postgres', { takes: 20 })]);
    expect(clock.now()).toBe(alone.clock.now());
  });

  test('a failed one takes only its dependants with it; the others finish', async () => {
    const { run, events, told } = stage();
    const broken: Step = { id: 'broken', title: 'Broken', needs: [], timeout: 1, check: () => Promise.reject(new TodoctlError('TODOCTL_USAGE')) };
    const after = thing('after', { needs: [broken] });
    const later = thing('later', { needs: [after] });
    const other = thing('other', { takes: 30 });
    const outcome = await run([later, other]);
    expect(outcome).toMatchObject({ ok: false, changed: 1, error: { code: 'TODOCTL_USAGE' } });
    expect(told().sort()).toEqual(['after skipped', 'broken failed', 'later skipped', 'other changed', 'other waiting']);
    expect(events.filter((event) => event.is === 'skipped').map((event) => event.reason)).toEqual(['needs "Broken"', 'needs "Broken"']);
  });

  test('two with one id are a mistake', async () => {
    await expect(stage().run([thing('a'), thing('a')])).rejects.toThrow('two steps have the id a');
  });

  test('the same step needed twice runs once', async () => {
    const { run, told } = stage();
    const shared = thing('shared');
    await run([thing('a', { needs: [shared] }), thing('b', { needs: [shared] }), shared]);
    expect(told().filter((line) => line === 'shared changed')).toHaveLength(1);
  });

  test('a value that is not among its needs cannot be had: it might not be there yet', async () => {
    const { run } = stage();
    const other = thing('other', { there: true });
    const sly: Step = { id: 'sly', title: 'Sly', needs: [], timeout: 100, check: async ({ of }) => ({ is: 'done', value: of(other) }) };
    expect((await run([other, sly])).error?.message).toBe('Sly: sly asks for the value of other without needing it');
  });

  test('progress is told under the step that makes it', async () => {
    const { run, events } = stage();
    await run([{ id: 'a', title: 'A', needs: [], timeout: 9, check: async ({ progress }) => { progress('half'); return { is: 'done', value: 0 }; } }]);
    expect(events).toContainEqual({ step: 'a', title: 'A', is: 'progress', line: 'half' });
  });

  test('all are announced before the first one starts', async () => {
    const { run, events } = stage();
    const a = thing('a');
    await run([thing('b', { needs: [a] })]);
    expect(events.slice(0, 3).map((event) => `${event.step} ${event.is}`)).toEqual(['a pending', 'b pending', 'a started']);
  });
});

describe('a step that fails, where that is to end the run', () => {
  const error = new TodoctlError('TODOCTL_USAGE', { message: 'no such image' });
  /** It is seen to be stuck at that time. */
  const failing = (clock: { now(): number }, at = 1000): Step => ({
    id: 'images', title: 'Images', needs: [], timeout: 600_000,
    check: async () => (clock.now() < at ? { is: 'busy', reason: 'being built' } : { is: 'stuck', error }),
  });
  const ending = { failFast: true };

  test('nothing more is begun, and what only waits is left after some seconds, long before its own limit', async () => {
    const { run, clock, events } = stage();
    const kafka: Step = { id: 'kafka', title: 'Kafka', needs: [], timeout: 600_000, check: async () => ({ is: 'busy', reason: '0 of 1 brokers are ready' }) };
    const first = thing('first', { takes: 20 });
    const independent = thing('independent', { needs: [first] });
    const dependent = thing('dependent', { needs: [kafka] });
    const outcome = await run([failing(clock, 50), kafka, first, independent, dependent], ending);
    expect(outcome).toMatchObject({ ok: false, error });
    expect(clock.now()).toBeLessThan(10_000);
    expect(Object.fromEntries(outcome.steps.map((end) => [end.step, 'reason' in end ? `${end.is}: ${end.reason}` : end.is]))).toEqual({
      images: 'failed', first: 'changed', independent: 'skipped: "Images" failed',
      kafka: 'left: "Images" failed; last seen: 0 of 1 brokers are ready', dependent: 'skipped: needs "Kafka"',
    });
    expect([independent.asked, dependent.asked]).toEqual([0, 0]);
    expect(events.at(-1)).toMatchObject({ is: 'skipped' });
  });

  test('what is nearly there still comes', async () => {
    const { run, clock } = stage();
    const soon: Step = { id: 'soon', title: 'Soon', needs: [], timeout: 600_000, check: async () => (clock.now() < 4000 ? { is: 'busy', reason: 'nearly there' } : { is: 'done', value: 1 }) };
    const outcome = await run([failing(clock), soon], ending);
    expect(outcome.steps.map(({ step, is }) => `${step} ${is}`)).toEqual(['images failed', 'soon unchanged']);
  });

  test('what is being asked for is finished, however long it takes, and then looked at once more', async () => {
    const { run, clock } = stage();
    let installed = false;
    const chart: Step = {
      id: 'chart', title: 'Chart', needs: [], timeout: 600_000,
      check: async () => (installed ? { is: 'done', value: 0 } : { is: 'absent' }),
      apply: async () => {
        await clock.wait(120_000);
        installed = true;
      },
    };
    const outcome = await run([failing(clock), chart], ending);
    expect(outcome.steps.map(({ step, is }) => `${step} ${is}`)).toEqual(['images failed', 'chart changed']);
    expect(outcome).toMatchObject({ changed: 1, error });
  });

  test('what was asked for and is not yet ready is left too, and is no change', async () => {
    const { run, clock } = stage();
    const slow = thing('slow', { takes: 1000, timeout: 3_600_000 });
    const outcome = await run([failing(clock), slow], ending);
    expect(outcome.steps.map((end) => [end.step, end.is])).toEqual([['images', 'failed'], ['slow', 'left']]);
    expect([outcome.changed, slow.asked]).toEqual([0, 1]);
    expect(clock.now()).toBeLessThan(10_000);
  });

  test('a look that finds it absent after the failure asks for nothing', async () => {
    const { run, clock } = stage();
    const late: Step & { asked: number } = {
      id: 'late', title: 'Late', needs: [], timeout: 600_000, asked: 0,
      check: async () => {
        await clock.wait(3000);
        return { is: 'absent' };
      },
      apply: async () => void late.asked++,
    };
    const outcome = await run([failing(clock), late], ending);
    expect([late.asked, outcome.steps.at(-1)]).toMatchObject([0, { is: 'skipped', reason: '"Images" failed' }]);
  });

  test('the first failure is what the run ends with; whoever fails on its way out changes nothing of that', async () => {
    const { run, clock } = stage();
    const second: Step = { ...failing(clock, 3000), id: 'second', title: 'Second', check: async () => (clock.now() < 3000 ? { is: 'busy', reason: 'x' } : { is: 'stuck', error: new TodoctlError('TODOCTL_BUG') }) };
    expect((await run([second, failing(clock)], ending)).error).toBe(error);
  });

  test('a dry run looks at all of it all the same', async () => {
    const { run, clock } = stage();
    const other = thing('other');
    const outcome = await run([{ ...failing(clock, 0) }, thing('first', { there: true }), { ...other, needs: [thing('need', { there: true })] }], { ...ending, dryRun: true });
    expect(outcome.steps.map(({ step, is }) => `${step} ${is}`)).toContain('other planned');
  });

  test('where it is not to end the run, the others go on to their own end', async () => {
    const { run, clock } = stage();
    const outcome = await run([failing(clock), thing('slow', { takes: 60, timeout: 3_600_000 })]);
    expect(outcome.steps.map(({ step, is }) => `${step} ${is}`)).toEqual(['images failed', 'slow changed']);
  });
});

describe('releases', () => {
  function holder(id: string, log: string[], needs: readonly Step[] = [], then: State<null> = { is: 'done', value: null }): Step {
    return { id, title: id, needs, timeout: 100, check: async ({ atEnd }) => { atEnd(async () => void log.push(id)); return then; } };
  }

  test('last in, first out, when all went well and when something failed', async () => {
    for (const last of [{ is: 'done', value: null }, { is: 'stuck', error: new TodoctlError('TODOCTL_USAGE') }] as const) {
      const log: string[] = [];
      const lock = holder('lock', log);
      const forward = holder('forward', log, [lock]);
      await stage().run([holder('last', log, [forward], last)]);
      expect(log).toEqual(['last', 'forward', 'lock']);
    }
  });

  test('one that fails does not keep the others, and is told when nothing worse happened', async () => {
    const log: string[] = [];
    const lock = holder('lock', log);
    const bad: Step = { id: 'bad', title: 'bad', needs: [lock], timeout: 9, check: async ({ atEnd }) => { atEnd(() => Promise.reject(new Error('cannot let go'))); return { is: 'done', value: 0 }; } };
    const outcome = await stage().run([bad]);
    expect(log).toEqual(['lock']);
    expect(outcome).toMatchObject({ ok: false, error: { message: 'releasing at the end: cannot let go' } });
  });

  test('one that hangs after the second Ctrl-C is left', async () => {
    const { run, leave } = stage();
    const hang: Step = { id: 'h', title: 'h', needs: [], timeout: 9, check: async ({ atEnd }) => { atEnd(() => new Promise(() => undefined)); leave.abort(); return { is: 'done', value: 0 }; } };
    expect((await run([hang])).ok).toBe(false);
  });

  test('one that comes after the end is released at once', async () => {
    const { run, leave } = stage();
    const released = Promise.withResolvers<string>();
    const opened = Promise.withResolvers<undefined>();
    const late: Step = { id: 'late', title: 'late', needs: [], timeout: 9, check: async ({ atEnd }) => {
      await opened.promise;
      atEnd(async () => { released.resolve('released'); });
      return { is: 'done', value: 0 };
    } };
    leave.abort();
    await run([late]);
    opened.resolve(undefined);
    expect(await released.promise).toBe('released');
  });
});

describe('Ctrl-C', () => {
  test('once: nothing new is started, what was asked for is finished', async () => {
    const { run, stop, told, clock } = stage();
    const postgres = thing('postgres', { takes: 30 });
    const api = thing('api', { needs: [postgres] });
    const waiting: Step = { id: 'waiting', title: 'Waiting', needs: [], timeout: 60_000, check: async () => ({ is: 'busy', reason: 'asked for by another run' }) };
    const trigger: Step = { id: 'trigger', title: 'T', needs: [], timeout: 900, check: async () => {
      await clock.wait(40);
      stop.abort();
      return { is: 'done', value: 0 };
    } };
    const outcome = await run([postgres, api, waiting, trigger]);
    expect(told()).toContain('postgres changed');
    expect(outcome.steps.filter((end) => end.is === 'skipped').map((end) => [end.step, end.reason])).toEqual([['waiting', 'stopped by you'], ['api', 'stopped by you']]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'TODOCTL_INTERRUPTED', message: 'Stopped by you before 2 steps', details: ['Waiting', 'The api'] } });
    expect([postgres.looks, api.asked, api.looks]).toEqual([32, 0, 0]);
  });

  test('while a step looks: what it finds absent is not asked for any more', async () => {
    const { run, stop } = stage();
    let asked = 0;
    const late: Step = { id: 'late', title: 'Late', needs: [], timeout: 900, check: async () => { stop.abort(); return { is: 'absent' }; }, apply: async () => void asked++ };
    expect((await run([late])).steps).toMatchObject([{ is: 'skipped', reason: 'stopped by you' }]);
    expect(asked).toBe(0);
  });

  test('when all had been done already is no failure', async () => {
    const { run, stop } = stage();
    const last: Step = { id: 'last', title: 'Last', needs: [], timeout: 9, check: async () => { stop.abort(); return { is: 'done', value: 0 }; } };
    expect(await run([last])).toMatchObject({ ok: true });
  });

  test('twice: leaves at once and names what is unknown', async () => {
    const { run, stop, leave, clock } = stage();
    const postgres = thing('postgres', { takes: 1000 });
    const asking: Step = { id: 'asking', title: 'Asking', needs: [], timeout: 60_000, check: async () => ({ is: 'absent' }), apply: () => new Promise(() => undefined) };
    const idle: Step = { id: 'idle', title: 'Idle', needs: [], timeout: 60_000, check: () => new Promise(() => undefined) };
    const trigger: Step = { id: 'trigger', title: 'T', needs: [], timeout: 900, check: async () => {
      await clock.wait(40);
      stop.abort();
      leave.abort();
      return { is: 'done', value: 0 };
    } };
    const outcome = await run([postgres, asking, idle, trigger]);
    expect(outcome.error).toMatchObject({
      code: 'TODOCTL_OUTCOME_UNKNOWN',
      exit: 130,
      message: 'Left; how 2 steps ended is unknown',
      details: expect.arrayContaining(['The postgres: left while under way: coming', 'Asking: left while under way: being asked for']) as string[],
    });
    expect(outcome.steps.find((end) => end.step === 'idle')).toMatchObject({ is: 'skipped', reason: 'left' });
    expect(clock.now()).toBeLessThan(100);
  });
});

describe('skip', () => {
  test('a step that is left out changes nothing and is looked at for those that need it; the rest goes on', async () => {
    const { run, told } = stage();
    const charts = thing('charts', { there: true });
    const app = thing('app', { needs: [charts] });
    expect(await run([app], { skip: ['charts'] })).toMatchObject({ ok: true, changed: 1 });
    expect(told()).toEqual(['charts unchanged', 'app changed']);
  });

  test('what is left out and is not there is needed', async () => {
    const charts = thing('charts');
    expect((await stage().run([thing('app', { needs: [charts] })], { skip: ['charts'] })).error).toMatchObject({ code: 'TODOCTL_STEP_NEEDED' });
    expect(charts.asked).toBe(0);
  });

  test('a deed is left out, and what comes after it goes on', async () => {
    const smoke = thing('smoke', { act: true });
    const prune = thing('prune', { needs: [smoke] });
    expect(await stage().run([prune], { skip: ['smoke'] })).toMatchObject({ ok: true, changed: 1 });
    expect(smoke.asked).toBe(0);
  });

  test('a step that does not exist is named with the nearest that does', async () => {
    await expect(stage().run([thing('smoke')], { skip: ['smok'] })).rejects.toMatchObject({ code: 'TODOCTL_STEP_UNKNOWN', message: expect.stringContaining('did you mean smoke') as string });
  });
});

describe('only', () => {
  test('the selected apply, their needs are only looked at, the rest is left out', async () => {
    const { run, told } = stage();
    const postgres = thing('postgres', { there: true });
    const api = thing('api', { needs: [postgres] });
    const web = thing('web');
    expect(await run([api, web], { only: ['api'] })).toMatchObject({ ok: true, changed: 1 });
    expect(told()).toEqual(['postgres unchanged', 'api changed']);
  });

  test('a need that is not there is not made, but named', async () => {
    const postgres = thing('postgres');
    const { error } = await stage().run([thing('api', { needs: [postgres] })], { only: ['api'] });
    expect(error).toMatchObject({ code: 'TODOCTL_STEP_NEEDED', message: 'The postgres: this is needed and is not there' });
    expect(postgres.asked).toBe(0);
  });

  test('a need that drifted is used as it is', async () => {
    const drifted: Step<number> = { id: 'd', title: 'D', needs: [], timeout: 9, check: async () => ({ is: 'drifted', value: 7, changes: [] }), apply: async () => { throw new Error('not selected'); } };
    const user: Step<number> = { id: 'u', title: 'U', needs: [drifted], timeout: 9, check: async ({ of }) => ({ is: 'done', value: of(drifted) }) };
    expect((await stage().run([user], { only: ['u'] })).of(user)).toBe(7);
  });

  test('deeds that are needed are done: a lock is held even so', async () => {
    const lock = thing('lock', { act: true });
    expect(await stage().run([thing('api', { needs: [lock] })], { only: ['api'] })).toMatchObject({ ok: true, changed: 1 });
    expect(lock.asked).toBe(1);
  });

  test('a name that no step has is refused, with the nearest one', async () => {
    await expect(stage().run([thing('postgres')], { only: ['postgers'] })).rejects.toMatchObject({
      code: 'TODOCTL_STEP_UNKNOWN', message: 'No step is called postgers; did you mean postgres?', next: ['Choose among: postgres.'],
    });
  });
});

describe('dry run', () => {
  test('looks only: says what is absent by what it makes, what drifted by its changes, and asks for nothing', async () => {
    const { run, events } = stage();
    const cluster = thing('cluster', { makes: ['a cluster of 3 nodes'] });
    const release = thing('release', { needs: [cluster], makes: ['release todo'] });
    const there = thing('there', { there: true });
    const changes = [{ what: 'partitions', from: '1', to: '3' }];
    const topic: Step<number> = { id: 'topic', title: 'Topic', needs: [there], timeout: 9, check: async () => ({ is: 'drifted', value: 1, changes }) };
    const outcome = await run([release, topic], { dryRun: true });
    expect(outcome).toMatchObject({ ok: true, changed: 0, planned: 3 });
    expect(events.filter((event) => event.is === 'planned').map((event) => [event.step, event.changes])).toEqual([
      ['cluster', [{ what: 'a cluster of 3 nodes' }]],
      ['release', [{ what: 'release todo' }]],
      ['topic', changes],
    ]);
    expect([cluster.asked, release.asked, release.looks]).toEqual([0, 0, 0]);
  });

  test('passes over deeds, and what needs them is looked at all the same', async () => {
    const lock = thing('lock', { act: true });
    const { run, told } = stage();
    expect(await run([thing('api', { needs: [lock], there: true })], { dryRun: true })).toMatchObject({ ok: true, planned: 0 });
    expect(told()).toEqual(['lock skipped', 'api unchanged']);
    expect(lock.looks).toBe(0);
  });

  test('what wants the value of a deed cannot be told yet', async () => {
    const login = thing('login', { act: true });
    const push: Step = { id: 'push', title: 'Push', needs: [login], timeout: 9, makes: ['an image'], check: async ({ of }) => ({ is: 'done', value: of(login) }) };
    const outcome = await stage().run([push], { dryRun: true });
    expect(outcome.steps.at(-1)).toMatchObject({ step: 'push', is: 'planned', changes: [{ what: 'an image' }] });
  });

  test('what is under way already is told as that', async () => {
    const busy: Step = { id: 'b', title: 'Cluster', needs: [], timeout: 9, check: async () => ({ is: 'busy', reason: 'being created' }) };
    expect((await stage().run([busy], { dryRun: true })).steps[0]).toMatchObject({ is: 'planned', changes: [{ what: 'Cluster: being created' }] });
  });
});

test('the engine does nothing for no steps', async () => {
  const { clock, stop, leave } = stage();
  expect(await runSteps([], { clock, stop: stop.signal, leave: leave.signal, emit: () => undefined })).toMatchObject({ ok: true, changed: 0, steps: [] });
});
