import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../io/json-log.ts';
import { Bell } from './bell.ts';
import type { Child } from './child.ts';
import type { ProcessSpec, ProcessStatus } from './process-spec.ts';
import type { ProcessRecord } from './record.ts';
import { type Neighbours, Worker } from './worker.ts';

/** What a process gets on top of its grace, to vanish after it was killed. */
const KILLED_MS = 6000;

/** All processes of one state directory, each kept by a worker of its own. */
export class Workers {
  readonly #workers = new Map<string, Worker>();
  readonly #lives = new Map<string, Promise<void>>();
  readonly #neighbours: Neighbours;

  constructor(given: { stateDir: string; log: Log; save(): Promise<void> }) {
    this.#neighbours = {
      ...given,
      bell: new Bell(),
      isReady: (name) => this.#workers.get(name)?.isReady ?? false,
      holder: (port, besides) => this.#all().find((worker) => worker.name !== besides && worker.running && worker.spec.port === port)?.name,
      dependantsLeft: (name) => this.#all().some((worker) => !worker.isWanted && worker.running && worker.spec.after.includes(name)),
    };
  }

  /** Takes over a process that an earlier supervisor left. */
  adopt(record: ProcessRecord, running: { spec: ProcessSpec; child: Child } | undefined): void {
    const spec = record.wanted ?? running?.spec;
    if (!spec) return;
    const worker = this.#add(spec);
    if (running) worker.adopt(running.spec, running.child, record.restarts);
    if (!record.wanted) worker.want(undefined);
    this.#start(worker);
  }

  /** Makes `specs` the whole of what is wanted. */
  want(specs: readonly ProcessSpec[]): void {
    const byName = new Map(specs.map((spec) => [spec.name, spec]));
    for (const worker of this.#all()) worker.want(byName.get(worker.name));
    for (const spec of specs) {
      if (!this.#workers.has(spec.name)) this.#start(this.#add(spec));
    }
    this.#neighbours.bell.ring();
  }

  /** Wants nothing any more; returns what is left, which is nothing unless a process cannot even be killed. */
  async end(): Promise<ProcessStatus[]> {
    this.want([]);
    // At worst each process uses up its grace, one after the other.
    const longest = this.#all().reduce((sum, worker) => sum + worker.spec.stop.graceMs + KILLED_MS, 0);
    const timer = new AbortController();
    await Promise.race([Promise.all(this.#lives.values()), sleep(longest, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    return this.status();
  }

  status(): ProcessStatus[] {
    return this.#all().map((worker) => worker.status());
  }

  records(): ProcessRecord[] {
    return this.#all().map((worker) => worker.record());
  }

  #all(): Worker[] {
    return [...this.#workers.values()];
  }

  #add(spec: ProcessSpec): Worker {
    const worker = new Worker(spec.name, spec, this.#neighbours);
    this.#workers.set(spec.name, worker);
    return worker;
  }

  #start(worker: Worker): void {
    const gone = worker.live().then(() => {
      // Wanted again in the moment between its end and this one.
      if (worker.isWanted) {
        this.#start(worker);
        return this.#lives.get(worker.name);
      }
      this.#workers.delete(worker.name);
      this.#lives.delete(worker.name);
      this.#neighbours.bell.ring();
      return this.#neighbours.save();
    });
    this.#lives.set(worker.name, gone);
  }
}
