import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runSteps } from '../../../cli/engine/run.ts';
import type { EngineEvent, State, Step } from '../../../cli/engine/step.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Which earlier ones each needs, and how many looks each takes to come once it was asked for. */
interface Graph {
  needs: number[][];
  takes: number[];
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.record({
    needs: fc.tuple(...Array.from({ length: size }, (_, index) => (index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 4 })))),
    takes: fc.array(fc.nat(4), { minLength: size, maxLength: size }),
  }),
);

/** What exists outside of any run: it outlives the one that is killed. */
class Reality {
  readonly asked: number[];
  readonly #left: (number | undefined)[];
  readonly #takes: readonly number[];

  constructor(takes: readonly number[]) {
    this.#takes = takes;
    this.#left = takes.map(() => undefined);
    this.asked = takes.map(() => 0);
  }

  look(index: number): State<number> {
    const left = this.#left[index];
    if (left === undefined) return { is: 'absent' };
    if (left === 0) return { is: 'done', value: index };
    this.#left[index] = left - 1;
    return { is: 'busy', reason: 'coming' };
  }

  ask(index: number): void {
    this.asked[index] = (this.asked[index] ?? 0) + 1;
    this.#left[index] ??= this.#takes[index] ?? 0;
  }

  isThere(index: number): boolean {
    return this.#left[index] === 0;
  }
}

/** The steps of a graph. `alive` is asked at every touch of reality; where it says no, the touch never returns, as in a killed process. */
function stepsOf(graph: Graph, reality: Reality, alive: () => boolean): Step<number>[] {
  const never = new Promise<never>(() => undefined);
  const steps: Step<number>[] = [];
  graph.needs.forEach((needs, index) => {
    steps.push({
      id: `s${index}`,
      title: `Step ${index}`,
      needs: needs.map((need) => steps[need] as Step<number>),
      timeout: 3_600_000,
      check: async (run) => {
        for (const need of needs) expect(run.of(steps[need] as Step<number>)).toBe(need);
        return alive() ? reality.look(index) : never;
      },
      apply: async () => {
        if (!alive()) return never;
        reality.ask(index);
        return alive() ? undefined : never;
      },
    });
  });
  return steps;
}

function quiet(clock: VirtualClock, emit: (event: EngineEvent) => void = () => undefined): Parameters<typeof runSteps>[1] {
  return { clock, emit, stop: new AbortController().signal, leave: new AbortController().signal };
}

test('every step starts after all that it needs has ended, and all become so, each asked for once', async () => {
  await fc.assert(fc.asyncProperty(graphs, async (graph) => {
    const reality = new Reality(graph.takes);
    const order: string[] = [];
    const outcome = await runSteps(stepsOf(graph, reality, () => true), quiet(new VirtualClock(), (event) => order.push(`${event.step} ${event.is}`)));
    expect(outcome).toMatchObject({ ok: true, changed: graph.takes.length });
    graph.needs.forEach((needs, index) => {
      for (const need of needs) expect(order.indexOf(`s${need} changed`)).toBeLessThan(order.indexOf(`s${index} started`));
    });
    expect(reality.asked).toEqual(graph.takes.map(() => 1));
  }), { numRuns: 150 });
});

test('killed at any point, any number of times, and run again: it converges, and each thing was asked for once', async () => {
  await fc.assert(fc.asyncProperty(graphs, fc.array(fc.nat(60), { maxLength: 4 }), async (graph, kills) => {
    const reality = new Reality(graph.takes);
    for (const point of kills) {
      let touches = 0;
      const dead = Promise.withResolvers<undefined>();
      const alive = (): boolean => {
        if (touches++ < point) return true;
        dead.resolve(undefined);
        return false;
      };
      await Promise.race([runSteps(stepsOf(graph, reality, alive), quiet(new VirtualClock())), dead.promise]);
    }
    const outcome = await runSteps(stepsOf(graph, reality, () => true), quiet(new VirtualClock()));
    expect(outcome.ok).toBe(true);
    expect(graph.takes.every((_, index) => reality.isThere(index))).toBe(true);
    expect(reality.asked).toEqual(graph.takes.map(() => 1));
  }), { numRuns: 200 });
});

test('a second run changes nothing', async () => {
  await fc.assert(fc.asyncProperty(graphs, async (graph) => {
    const reality = new Reality(graph.takes);
    const steps = stepsOf(graph, reality, () => true);
    await runSteps(steps, quiet(new VirtualClock()));
    expect(await runSteps(steps, quiet(new VirtualClock()))).toMatchObject({ ok: true, changed: 0 });
  }), { numRuns: 50 });
});

test('stopped at any point: what was asked for is there in the end, and nothing was asked for after it', async () => {
  await fc.assert(fc.asyncProperty(graphs, fc.nat(60), async (graph, point) => {
    const reality = new Reality(graph.takes);
    const stop = new AbortController();
    let touches = 0;
    let askedAtStop: number[] = [];
    const alive = (): boolean => {
      if (touches++ === point) {
        stop.abort();
        askedAtStop = [...reality.asked];
      }
      return true;
    };
    const outcome = await runSteps(stepsOf(graph, reality, alive), { ...quiet(new VirtualClock()), stop: stop.signal });
    reality.asked.forEach((asked, index) => {
      if (asked > 0) expect(reality.isThere(index)).toBe(true);
    });
    // The touch at which it was stopped may itself have been the asking.
    const later = reality.asked.filter((asked, index) => stop.signal.aborted && asked > (askedAtStop[index] ?? 0));
    expect(later.length).toBeLessThanOrEqual(1);
    expect(outcome.ok).toBe(reality.asked.every((_, index) => reality.isThere(index)));
  }), { numRuns: 150 });
});
