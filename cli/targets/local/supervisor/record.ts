import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Identity } from '../../../io/process-identity.ts';
import type { ProcessSpec } from './process-spec.ts';

const VERSION = 1;

/** One process as the record keeps it. */
export interface ProcessRecord {
  name: string;
  /** What is wanted; null when it is on its way out. */
  wanted: ProcessSpec | null;
  /** What runs. `identity` is null between the decision to start it and its pid. */
  runs: { spec: ProcessSpec; identity: Identity | null } | null;
  restarts: number;
}

/** `record.json`: how the supervisor, and what it runs, is found again. A cache of reality, checked before use. */
export interface SupervisorRecord {
  version: typeof VERSION;
  supervisor: Identity;
  guard: Identity | null;
  /** Which build of the supervisor it is. */
  code: string;
  socket: string;
  /** True from the moment that everything was asked to end. */
  stopping: boolean;
  processes: ProcessRecord[];
}

export function recordPath(stateDir: string): string {
  return path.join(stateDir, 'record.json');
}

/** The record of a state directory; undefined when there is none, or none that can be read: a power cut leaves nothing worth reading. */
export function readRecord(stateDir: string): SupervisorRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(recordPath(stateDir), 'utf8')) as SupervisorRecord;
    const isWhole = record.version === VERSION && typeof record.supervisor.pid === 'number' && Array.isArray(record.processes);
    return isWhole ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the record whole or not at all. Changes that come while one is being written share the next write. */
export class RecordFile {
  readonly #path: string;
  readonly #content: () => SupervisorRecord;
  readonly #failed: (error: unknown) => void;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #over = false;

  constructor(stateDir: string, content: () => SupervisorRecord, failed: (error: unknown) => void) {
    this.#path = recordPath(stateDir);
    this.#content = content;
    this.#failed = failed;
  }

  /** Resolves when what is true now is on the disk. Never rejects: a full disk must not stop the platform. */
  save(): Promise<void> {
    this.#queued ??= this.#writing.then(() => {
      this.#queued = undefined;
      this.#writing = this.#write().catch(this.#failed);
      return this.#writing;
    });
    return this.#queued;
  }

  /** Writes no more. */
  async abandon(): Promise<void> {
    this.#over = true;
    await this.#writing;
  }

  async remove(): Promise<void> {
    await this.abandon();
    await rm(this.#path, { force: true });
  }

  async #write(): Promise<void> {
    if (this.#over) return;
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(this.#content(), null, 1));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
  }
}
