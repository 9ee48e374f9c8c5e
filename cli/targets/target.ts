import type { Step } from '../engine/step.ts';
import type { TodoctlError } from '../errors/todoctl-error.ts';
import type { KafkaAccess } from '../kafka/access.ts';

/** One thing that the platform is made of: what cost, meter, leftovers and the receipt count. */
export interface Resource {
  kind: 'process' | 'port' | 'directory' | 'database' | 'topic';
  name: string;
  /** pid, port number, path: what it is found again by. */
  id: string;
  owner: 'environment' | 'platform' | 'other';
  heldBy?: string;
}

export interface Health {
  name: string;
  kind: 'service' | 'sidecar' | 'broker' | 'database' | 'gateway' | 'supervisor';
  state: 'ready' | 'starting' | 'failing' | 'stopped';
  /** Why it is not ready, or since when it is. */
  reason?: string;
  pid?: number;
  port?: number;
  restarts: number;
  /** Milliseconds since the epoch. */
  since?: number;
}

export interface LogLine {
  process: string;
  text: string;
}

export interface LogSelection {
  /** Names of services or processes; empty means all. */
  names: readonly string[];
  follow: boolean;
  /** How many lines back. */
  tail: number;
}

/** One thing that must be right before a deploy. */
export interface Check {
  title: string;
  /** What is wrong; undefined when nothing is. */
  error?: TodoctlError;
}

/** A place that runs the platform, bound to one environment. What it cannot do is absent, not a stub. */
export interface Target {
  /** Everything that would stop a deploy, found before the first change; doctor asks the same. */
  preflight(): Promise<readonly Check[]>;
  deploy(): Promise<readonly Step[]>;
  teardown(options: { keepData: boolean }): Promise<readonly Step[]>;
  resources(): Promise<readonly Resource[]>;
  status(): Promise<readonly Health[]>;
  kafka(): Promise<KafkaAccess>;
  logs(of: LogSelection, signal: AbortSignal): AsyncIterable<LogLine>;
  entrance(): Promise<{ url: URL }>;
  /** Where an environment on this machine keeps its state. */
  folder?(): Promise<string>;
}
