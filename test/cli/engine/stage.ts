import { type Outcome, type RunGiven, runSteps } from '../../../cli/engine/run.ts';
import type { EngineEvent, State, Step } from '../../../cli/engine/step.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One run on a virtual clock, with what was told kept as short lines. */
export interface Stage {
  clock: VirtualClock;
  stop: AbortController;
  leave: AbortController;
  events: EngineEvent[];
  run: (steps: readonly Step[], given?: Partial<RunGiven>) => Promise<Outcome>;
  /** `broker changed`, `api skipped`, without what is pending or started. */
  told: () => string[];
}

export function stage(): Stage {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const leave = new AbortController();
  const events: EngineEvent[] = [];
  return {
    clock,
    stop,
    leave,
    events,
    run: (steps, given = {}) => runSteps(steps, { clock, stop: stop.signal, leave: leave.signal, emit: (event) => events.push(event), ...given }),
    told: () => events.filter((event) => event.is !== 'pending' && event.is !== 'started').map((event) => `${event.step} ${event.is}`),
  };
}

export interface ThingGiven {
  needs?: readonly Step[];
  timeout?: number;
  /** Looks that find it busy after it was asked for. */
  takes?: number;
  /** It is there from the start. */
  there?: boolean;
  act?: true;
  makes?: string[];
}

/** A step about one thing in a pretended reality: what was asked for comes after a few looks. */
export interface Thing extends Step<string> {
  asked: number;
  looks: number;
}

export function thing(id: string, given: ThingGiven = {}): Thing {
  let left = given.there ? 0 : undefined as number | undefined;
  const step: Thing = {
    id,
    title: `The ${id}`,
    needs: given.needs ?? [],
    timeout: given.timeout ?? 60_000,
    ...(given.act ? { act: given.act } : {}),
    ...(given.makes ? { makes: given.makes } : {}),
    asked: 0,
    looks: 0,
    check: async (): Promise<State<string>> => {
      step.looks++;
      if (left === undefined) return { is: 'absent' };
      return left-- > 0 ? { is: 'busy', reason: 'coming' } : { is: 'done', value: `value of ${id}` };
    },
    apply: async () => {
      step.asked++;
      left = given.takes ?? 0;
    },
  };
  return step;
}
