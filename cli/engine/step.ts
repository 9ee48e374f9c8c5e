import type { TodoctlError } from '../errors/todoctl-error.ts';

/** One difference between what is wanted and what was found; values are already redacted. */
export interface Change {
  what: string;
  from?: string;
  to?: string;
}

/** What a step found when it looked. */
export type State<T> =
  /** `made: false`: what was asked for was refused, and nothing needs it. */
  | { is: 'done'; value: T; made?: false }
  | { is: 'drifted'; value: T; changes: Change[] }
  | { is: 'absent' }
  /** Asked for already, perhaps by a killed run: wait, never ask again. */
  | { is: 'busy'; reason: string }
  /** Waiting cannot help. */
  | { is: 'stuck'; error: TodoctlError };

/** What a step is handed while it runs. */
export interface Run {
  /** The value that a needed step ended with. */
  readonly of: <T>(need: Step<T>) => T;
  /** One line of talk, shown under the step's title. */
  readonly progress: (line: string) => void;
  /** Something to release when the whole run ends, however it ends; last in, first out. */
  readonly atEnd: (release: () => Promise<void>) => void;
  /** First Ctrl-C: start nothing new, finish changes under way. */
  readonly stop: AbortSignal;
  /** Second Ctrl-C: leave now and say what is unknown. */
  readonly leave: AbortSignal;
}

/** One thing that must be true. `check` only looks; `apply` asks for it and returns, the engine looks again and paces. */
export interface Step<T = unknown> {
  readonly id: string;
  readonly title: string;
  /** Steps, not names: no typo, no circle. */
  readonly needs: readonly Step[];
  /** Milliseconds until waiting for `done` ends with TODOCTL_STEP_TIMED_OUT. */
  readonly timeout: number;
  /** What plan prints before `check` is possible. */
  readonly makes?: readonly string[];
  /** A deed, not a state (lock, smoke, migrate): plan passes over it. */
  readonly act?: true;
  check(run: Run): Promise<State<T>>;
  apply?(run: Run): Promise<void>;
}

/** How a step ended. */
export type StepEnd =
  | { is: 'changed'; changes: readonly Change[]; ms: number }
  | { is: 'unchanged'; ms: number }
  /** Plan only: what it would change. */
  | { is: 'planned'; changes: readonly Change[] }
  | { is: 'failed'; error: TodoctlError }
  | { is: 'skipped'; reason: string }
  /** Waited for no longer, because another step has failed: it goes on without us. */
  | { is: 'left'; reason: string }
  /** Left at the second Ctrl-C after it had been asked for. */
  | { is: 'unknown'; reason: string };

export type StepEvent =
  /** Of every step, before the first of them starts: so that a reader knows what is to come. */
  | { is: 'pending' }
  | { is: 'started' }
  /** When the reason is new, and again every few seconds. */
  | { is: 'waiting'; reason: string }
  | { is: 'progress'; line: string }
  | StepEnd;

/** What happens to steps, in order; every reporter reads this one stream. */
export type EngineEvent = { step: string; title: string } & StepEvent;
export type EndEvent = { step: string; title: string } & StepEnd;
