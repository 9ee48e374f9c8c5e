import type { Address } from '../../../kafka/access.ts';
import type { Health } from '../../target.ts';

/** How a process says that it can be used: an HTTP 2xx at a URL, or a TCP port that accepts. */
export type Readiness = { http: string } | { tcp: Address };

/** One process that the supervisor keeps running, complete: nothing is inherited from who asks for it. */
export interface ProcessSpec {
  /** Unique in its environment; its log is `logs/<name>.log`. */
  name: string;
  kind: Health['kind'];
  command: string;
  /** Without secrets: anyone on the machine can read them. */
  args: string[];
  /** The whole environment; secrets by path only (`X_FILE`). The supervisor adds its own mark. */
  env: Record<string, string>;
  cwd: string;
  /** Of all that it runs: another hash means that it is restarted. */
  hash: string;
  ready: Readiness;
  /** On 127.0.0.1; must be free before it starts and after it ended. */
  port?: number;
  stop: {
    /** Asks for a graceful end. */
    signal: NodeJS.Signals;
    /** Milliseconds until its process group is killed. */
    graceMs: number;
  };
  /** Names of processes that must be ready before it starts. */
  after: string[];
}

/** What the supervisor says of one process. */
export interface ProcessStatus {
  name: string;
  kind: Health['kind'];
  state: Health['state'];
  pid?: number;
  port?: number;
  /** How often it was started again because it had ended by itself. */
  restarts: number;
  /** When it came into this state, milliseconds since the epoch. */
  since: number;
  /** Why it is not ready. */
  reason?: string;
  /** Of what runs now; while a change is being made still the old one. */
  hash: string;
}
