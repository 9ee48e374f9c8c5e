import type { EngineEvent } from '../../engine/step.ts';

/** A reader of the engine's stream that tells it to someone, on stderr. */
export interface Reporter {
  emit(event: EngineEvent): void;
  /** Call when the run is over: gives the terminal back. */
  end(): Promise<void>;
}
