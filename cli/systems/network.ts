import type { Platform } from '../definition/platform.ts';
import type { Artefact, Parts } from './system.ts';

/** Network policies: nobody may call anybody, but for the arrows of the definition and what the systems say. */
export function policyArtefacts(_platform: Platform, _systems: readonly Parts[]): Artefact[] {
  return [];
}
