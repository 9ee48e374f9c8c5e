import type { Log } from '../../../io/json-log.ts';
import type { Identity } from '../../../io/process-identity.ts';
import type { Bell } from './bell.ts';
import { type Child, endChild, endGroup, startChild } from './child.ts';
import { lastWords, logPath, logSize } from './logs.ts';
import { answers, probe } from './probe.ts';
import type { ProcessSpec, ProcessStatus } from './process-spec.ts';
import type { ProcessRecord } from './record.ts';
import { backOff, FAILING_AFTER, HEALTHY_MS, probePause } from './restart.ts';

const PROBE_MS = 2000;
const READY_PROBE_PAUSE = 2000;
const UNREADY_PROBE_PAUSE = 500;
/** Probes in a row that must fail before a process that was ready counts as failing. */
const FAILED_PROBES = 3;
const SLOW_START_MS = 60_000;

/** What a worker knows of the others. */
export interface Neighbours {
  stateDir: string;
  bell: Bell;
  log: Log;
  save(): Promise<void>;
  isReady(name: string): boolean;
  /** The name of another process that holds this port. */
  holder(port: number, besides: string): string | undefined;
  /** Processes that need `name`, are to end, and have not ended yet: they go first. */
  dependantsLeft(name: string): boolean;
}

interface Running {
  spec: ProcessSpec;
  child: Child;
  startedAt: number;
  readySince: number | undefined;
  nextProbe: number;
  failedProbes: number;
  logFrom: number;
}

/** Keeps one process as it is wanted. Looks at what is and what should be, takes one turn towards it, looks again. */
export class Worker {
  readonly name: string;
  readonly #others: Neighbours;
  #wanted: ProcessSpec | undefined;
  #runs: Running | undefined;
  /** About to be started: noted before, so that a killed supervisor's successor looks for it. */
  #intent: ProcessSpec | undefined;
  #last: ProcessSpec;
  #failures = 0;
  #nextStart = 0;
  #restarts = 0;
  #state: ProcessStatus['state'] = 'starting';
  #reason: string | undefined;
  #since = Date.now();

  constructor(name: string, wanted: ProcessSpec, others: Neighbours) {
    this.name = name;
    this.#others = others;
    this.#wanted = wanted;
    this.#last = wanted;
  }

  /** Takes over a process that runs already. */
  adopt(spec: ProcessSpec, child: Child, restarts: number): void {
    this.#restarts = restarts;
    this.#takeOver(spec, child);
  }

  /** What it should be from now on; undefined: it should not be. What is failing is tried again at once. */
  want(spec: ProcessSpec | undefined): void {
    this.#wanted = spec;
    this.#failures = 0;
    this.#nextStart = 0;
    if (spec && this.#runs?.spec.hash === spec.hash) this.#runs.spec = spec;
  }

  get isWanted(): boolean {
    return this.#wanted !== undefined;
  }
  get isReady(): boolean {
    return this.#state === 'ready' && this.#wanted?.hash === this.#runs?.spec.hash;
  }
  /** What it runs now, or ran last. */
  get spec(): ProcessSpec {
    return this.#runs?.spec ?? this.#last;
  }
  get running(): Identity | undefined {
    return this.#runs?.child.identity;
  }

  status(): ProcessStatus {
    const spec = this.#runs?.spec ?? this.#wanted ?? this.#last;
    return {
      name: this.name,
      kind: spec.kind,
      state: this.#state,
      ...(this.#runs ? { pid: this.#runs.child.identity.pid } : {}),
      ...(spec.port === undefined ? {} : { port: spec.port }),
      restarts: this.#restarts,
      since: this.#since,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      hash: spec.hash,
    };
  }

  record(): ProcessRecord {
    const spec = this.#runs?.spec ?? this.#intent;
    const runs = spec ? { spec, identity: this.#runs?.child.identity ?? null } : null;
    return { name: this.name, wanted: this.#wanted ?? null, runs, restarts: this.#restarts };
  }

  /** Returns when the process is neither wanted nor there. */
  async live(): Promise<void> {
    for (;;) {
      try {
        if (!(await this.#turn())) return;
      } catch (error) {
        this.#others.log.error('a turn failed', { process: this.name, err: { message: String(error) } });
        await this.#others.bell.heard(1000);
      }
    }
  }

  async #turn(): Promise<boolean> {
    const runs = this.#runs;
    if (!runs) {
      if (this.#wanted) await this.#start(this.#wanted);
      return this.#runs !== undefined || this.#wanted !== undefined;
    }
    if (runs.child.how !== undefined) this.#ended(runs, runs.child.how);
    else if (this.#wanted?.hash !== runs.spec.hash) await this.#end(runs);
    else await this.#watch(runs);
    return true;
  }

  async #start(spec: ProcessSpec): Promise<void> {
    const { bell } = this.#others;
    const pause = this.#nextStart - Date.now();
    if (pause > 0) return bell.heard(pause);
    const obstacle = this.#obstacle(spec);
    if (obstacle) {
      this.#become(this.#state === 'failing' ? 'failing' : 'starting', obstacle);
      return bell.heard();
    }
    if (spec.port !== undefined && (await answers({ host: '127.0.0.1', port: spec.port }))) {
      this.#failed('failing', `port ${spec.port} is taken by another program`);
      return;
    }
    this.#intent = spec;
    await this.#others.save();
    // Wanted otherwise meanwhile: the next turn decides.
    if (this.#wanted !== spec) this.#intent = undefined;
    else await this.#spawn(spec);
  }

  async #spawn(spec: ProcessSpec): Promise<void> {
    const { stateDir, log } = this.#others;
    const logFile = logPath(stateDir, this.name);
    const logFrom = logSize(logFile);
    try {
      const child = await startChild(spec, { stateDir, logFile });
      this.#takeOver(spec, child, logFrom);
      log.info('started', { process: this.name, child: child.identity.pid });
    } catch (error) {
      this.#failed('failing', `cannot be started: ${(error as Error).message}`);
    } finally {
      this.#intent = undefined;
      void this.#others.save();
    }
  }

  #takeOver(spec: ProcessSpec, child: Child, logFrom = Number.MAX_SAFE_INTEGER): void {
    const startedAt = Date.now();
    this.#runs = { spec, child, startedAt, readySince: undefined, nextProbe: 0, failedProbes: 0, logFrom };
    this.#last = spec;
    this.#become(this.#state === 'failing' ? 'failing' : 'starting', 'just started');
    void child.ended.then(() => { this.#others.bell.ring(); });
  }

  #obstacle(spec: ProcessSpec): string | undefined {
    const missing = spec.after.filter((name) => !this.#others.isReady(name));
    if (missing.length > 0) return `waits for ${missing.join(', ')}`;
    const holder = spec.port === undefined ? undefined : this.#others.holder(spec.port, this.name);
    return holder ? `waits for port ${spec.port} of ${holder}` : undefined;
  }

  async #watch(runs: Running): Promise<void> {
    const now = Date.now();
    if (now < runs.nextProbe) return this.#others.bell.heard(runs.nextProbe - now);
    const trouble = await Promise.race([probe(runs.spec.ready, PROBE_MS), runs.child.ended.then(() => 'ended')]);
    // Ended, or wanted otherwise, while it was asked: the next turn decides.
    if (runs.child.how !== undefined || this.#wanted?.hash !== runs.spec.hash) return;
    if (trouble === undefined) this.#answered(runs);
    else this.#unanswered(runs, trouble);
  }

  #answered(runs: Running): void {
    const now = Date.now();
    runs.failedProbes = 0;
    runs.nextProbe = now + READY_PROBE_PAUSE;
    runs.readySince ??= now;
    if (now - runs.readySince >= HEALTHY_MS) this.#failures = 0;
    this.#become('ready', undefined);
  }

  #unanswered(runs: Running, trouble: string): void {
    const now = Date.now();
    const age = now - runs.startedAt;
    if (runs.readySince === undefined) {
      runs.nextProbe = now + probePause(age);
      if (this.#state !== 'failing') this.#become(age > SLOW_START_MS ? 'failing' : 'starting', trouble);
      return;
    }
    runs.nextProbe = now + UNREADY_PROBE_PAUSE;
    if (++runs.failedProbes < FAILED_PROBES) return;
    runs.readySince = now;
    this.#become('failing', trouble);
  }

  /** Ends what runs: it is not wanted, or another version of it is. */
  async #end(runs: Running): Promise<void> {
    const { bell, log } = this.#others;
    if (!this.#wanted && this.#others.dependantsLeft(this.name)) return bell.heard();
    this.#become(this.#wanted ? 'starting' : 'stopped', this.#wanted ? 'is being restarted: it changed' : 'is being ended');
    if (await endChild(runs.child, runs.spec.stop)) return;
    log.error('does not end, even when killed', { process: this.name, child: runs.child.identity.pid });
  }

  #ended(runs: Running, how: string): void {
    const { log } = this.#others;
    this.#runs = undefined;
    endGroup(runs.child);
    log.info('ended', { process: this.name, child: runs.child.identity.pid, how });
    if (this.#wanted?.hash === runs.spec.hash) {
      this.#restarts++;
      const words = lastWords(logPath(this.#others.stateDir, this.name), runs.logFrom);
      const failing = this.#failures + 1 >= FAILING_AFTER;
      this.#failed(failing ? 'failing' : 'starting', words ? `${how}; its last words: ${words}` : how);
    }
    void this.#others.save();
    this.#others.bell.ring();
  }

  #failed(state: 'starting' | 'failing', reason: string): void {
    this.#failures++;
    this.#nextStart = Date.now() + backOff(this.#failures, Math.random());
    this.#become(state, reason);
  }

  #become(state: ProcessStatus['state'], reason: string | undefined): void {
    this.#reason = reason;
    if (state === this.#state) return;
    this.#state = state;
    this.#since = Date.now();
    this.#others.bell.ring();
  }
}
