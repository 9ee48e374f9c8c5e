import type { Step } from '../engine/step.ts';
import type { Registry, RegistryCredentials } from './provider.ts';

/** A registry as it is now. */
export interface RegistryState {
  name: string;
  region: string;
  /** Made by todoctl for this platform; another one is never deleted. */
  ours: boolean;
  bytes: number;
  /** The plan's name and what it costs, US dollars a month; undefined where nobody says. */
  plan?: { name: string; monthly: number; bytes: number };
  /** The cleaning that is under way: what it is doing. While it lasts nothing can be pushed. */
  cleaning?: string;
}

export interface StoredTag {
  tag: string;
  digest: string;
  bytes: number;
  /** ISO. */
  updated: string;
}

/** A provider's registry, for those who look after it. */
export interface RegistryKeeper {
  /** `todo`. */
  readonly name: string;
  readonly server: string;
  /** Whether it is there or could be made. Errors: TODOCTL_REGISTRY_NOT_OURS, those of the provider. */
  check(): Promise<'there' | 'free'>;
  /** Makes it. */
  readonly create: Step<Registry>;
  /** Undefined where there is none. */
  show(): Promise<RegistryState | undefined>;
  /** Credentials that end after so many seconds. */
  credentials(access: 'read' | 'write', seconds: number): Promise<RegistryCredentials>;
  tags(): Promise<readonly StoredTag[]>;
  /** Deletes these tags and then what no tag holds any more; waits until that has ended. */
  clean(tags: readonly string[]): Step;
  /** Ends a cleaning that is under way; false where there is none. */
  cancel(): Promise<boolean>;
  /** Errors: TODOCTL_REGISTRY_NOT_OURS. */
  remove(): Step;
}
