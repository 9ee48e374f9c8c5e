import type { ProcessSpec, ProcessStatus } from './process-spec.ts';

/** A supervisor that runs in the background, asked over its socket. */
export interface Supervisor {
  /**
   * Makes `specs` the whole of what runs: starts what is new, restarts what has another hash, stops what is not among them.
   * Returns when that is accepted and recorded; `status` tells how far it is. What is failing is tried again at once.
   */
  apply(specs: readonly ProcessSpec[]): Promise<void>;
  status(): Promise<ProcessStatus[]>;
  /** Ends all processes, dependants first, then the supervisor and its guard; returns when pids are gone and ports are free. */
  stop(): Promise<void>;
}

/** The supervisor of a state directory, or undefined when none runs. */
export async function connectSupervisor(stateDir: string): Promise<Supervisor | undefined> {
  throw new Error(`not written yet: ${stateDir}`);
}

/** The supervisor of a state directory, started in the background when none runs. `script` is dist/processes/supervisor.js. */
export async function startSupervisor(given: { stateDir: string; node: string; script: string }): Promise<Supervisor> {
  throw new Error(`not written yet: ${given.stateDir}`);
}
