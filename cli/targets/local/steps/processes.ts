import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Change, Run, State, Step } from '../../../engine/step.ts';
import type { Bundle } from '../../../images/bundle.ts';
import { writePrivate } from '../json-file.ts';
import type { Local } from '../local.ts';
import { PROCESS_SCRIPTS, processScripts, type ProcessScript } from '../package-root.ts';
import type { Ports } from '../ports.ts';
import type { CommandLine } from '../postgres/unprivileged.ts';
import { findProgram } from '../programs.ts';
import { FOUNDATION, foundationOf, type FoundationGiven, type Processes, processesOf } from '../processes.ts';
import type { Supervisor } from '../supervisor/client.ts';
import type { ProcessSpec, ProcessStatus } from '../supervisor/process-spec.ts';
import { readRecord } from '../supervisor/record.ts';
import type { DaprFiles } from './files.ts';
import { progressOf, type StatusReader } from './status-reader.ts';

export interface Needs {
  supervisor: Step<Supervisor>;
  ports: Step<Ports>;
  /** Undefined with a PostgreSQL of one's own. */
  postgres: Step<CommandLine> | undefined;
}

/** PostgreSQL and the broker are asked for first: database and topics are made while the services are being bundled. */
export function foundationStep(local: Local, status: StatusReader, needs: Needs): Step {
  let asked = false;
  return {
    id: 'foundation',
    title: 'PostgreSQL and Kafka',
    needs: [needs.supervisor, needs.ports, ...(needs.postgres ? [needs.postgres] : [])],
    timeout: 60_000,
    makes: [...FOUNDATION],
    async check(run) {
      const supervisor = run.of(needs.supervisor);
      const { specs } = foundationOf(await foundationGiven(local, run, needs));
      const now = await status.read(supervisor);
      const changes = specs.flatMap((spec) => changeOf(spec, now.get(spec.name)));
      if (changes.length > 0 && !asked) return { is: 'drifted', value: undefined, changes };
      const progress = progressOf(specs, now, new Map());
      return toState(progress, undefined);
    },
    async apply(run) {
      asked = true;
      const { specs, files } = foundationOf(await foundationGiven(local, run, needs));
      await writeConfig(files);
      await run.of(needs.supervisor).apply([...specs, ...othersWanted(local.paths.state)]);
      status.forget();
    },
  };
}

/** What else runs goes on running meanwhile, as it is. */
function othersWanted(stateDir: string): ProcessSpec[] {
  const wanted = readRecord(stateDir)?.processes.flatMap((process) => (process.wanted ? [process.wanted] : [])) ?? [];
  return wanted.filter(({ name }) => !FOUNDATION.includes(name));
}

/** What is to run, beside what runs. */
export interface Comparison extends Processes {
  before: ReadonlyMap<string, ProcessStatus>;
}

/** Derives all processes and looks once at what runs, so that every change is told by the step that it belongs to. */
export function comparisonStep(local: Local, status: StatusReader, needs: Needs & { code: Step<Record<string, Bundle>>; files: Step<DaprFiles>; ready: readonly Step[] }): Step<Comparison> {
  return {
    id: 'comparison',
    title: 'Compared with what runs',
    needs: [needs.supervisor, needs.ports, needs.code, needs.files, ...(needs.postgres ? [needs.postgres] : []), ...needs.ready],
    timeout: 10_000,
    async check(run) {
      const foundation = await foundationGiven(local, run, needs);
      const binary = local.platform.environment.dapr?.binary;
      const daprd = binary && (await findProgram(binary, local.env));
      const processes = processesOf({ ...foundation, code: run.of(needs.code), daprHash: run.of(needs.files).hash, ...(daprd ? { daprd } : {}) });
      return { is: 'done', value: { ...processes, before: await status.read(run.of(needs.supervisor)) } };
    },
  };
}

/** One request to the supervisor for all steps, made by the first that finds a difference. */
export function applyOnce(status: StatusReader, supervisor: Step<Supervisor>, comparison: Step<Comparison>): (run: Run) => Promise<void> {
  let applied: Promise<void> | undefined;
  return (run) => {
    applied ??= (async () => {
      const { specs, files } = run.of(comparison);
      await writeConfig(files);
      await run.of(supervisor).apply(specs);
      status.forget();
    })();
    return applied;
  };
}

export interface GroupGiven {
  id: string;
  title: string;
  /** Which processes belong to it, by name. */
  includes: (name: string) => boolean;
  supervisor: Step<Supervisor>;
  comparison: Step<Comparison>;
  status: StatusReader;
  apply: (run: Run) => Promise<void>;
}

/** The processes of one service, all sidecars, or the gateway: as wanted, and ready. */
export function groupStep({ id, title, includes, supervisor, comparison, status, apply }: GroupGiven): Step {
  let asked = false;
  return {
    id,
    title,
    needs: [supervisor, comparison],
    timeout: 60_000,
    makes: [title],
    async check(run) {
      const { specs, before } = run.of(comparison);
      const mine = specs.filter(({ name }) => includes(name));
      const gone = [...before.keys()].filter((name) => includes(name) && !mine.some((spec) => spec.name === name));
      const changes = [...mine.flatMap((spec) => changeOf(spec, before.get(spec.name))), ...gone.map((name) => ({ what: name, to: 'stopped' }))];
      if (changes.length > 0 && !asked) return { is: 'drifted', value: undefined, changes };
      const now = await status.read(run.of(supervisor));
      const still = gone.find((name) => now.has(name));
      if (still) return { is: 'busy', reason: `${still} is ending` };
      const restarts = new Map([...before].map(([name, one]) => [name, one.restarts]));
      return toState(progressOf(mine, now, restarts), undefined);
    },
    async apply(run) {
      asked = true;
      await apply(run);
    },
  };
}

function toState<T>(progress: ReturnType<typeof progressOf>, value: T): State<T> {
  if (progress.is === 'ready') return { is: 'done', value };
  return progress.is === 'hopeless' ? { is: 'stuck', error: progress.error } : { is: 'busy', reason: progress.reason };
}

function changeOf(spec: ProcessSpec, status: ProcessStatus | undefined): Change[] {
  if (!status) return [{ what: spec.name, to: 'started' }];
  return status.hash === spec.hash ? [] : [{ what: spec.name, to: 'restarted' }];
}

async function foundationGiven({ platform, paths, node, packageRoot }: Local, run: Run, needs: Needs): Promise<FoundationGiven> {
  const scripts = processScripts(packageRoot);
  return {
    platform,
    paths,
    ports: run.of(needs.ports),
    node,
    scripts,
    scriptHashes: await hashesOf(scripts),
    ...(needs.postgres ? { postgres: run.of(needs.postgres) } : {}),
  };
}

async function hashesOf(scripts: Readonly<Record<ProcessScript, string>>): Promise<Record<ProcessScript, string>> {
  const hashes = await Promise.all(PROCESS_SCRIPTS.map(async (name) => [name, createHash('sha256').update(await readFile(scripts[name])).digest('hex')] as const));
  return Object.fromEntries(hashes) as Record<ProcessScript, string>;
}

async function writeConfig(files: Processes['files']): Promise<void> {
  await Promise.all(files.map((file) => writePrivate(file.path, file.content)));
}
