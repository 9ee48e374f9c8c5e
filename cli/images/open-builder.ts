import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { type Program, runProgram } from '../exec/run.ts';
import type { Redactor } from '../io/redactor.ts';
import { buildArguments, type BuilderName, builderEnv, BUILDERS, type ImagePlan, inspectArguments, type KeptImage, parseInspected, PROBES, pushArguments } from './builder.ts';
import type { Login } from './home.ts';
import { dockerConfig } from './login.ts';

export interface BuilderGiven {
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
  signal: AbortSignal;
  /** A private folder, which becomes DOCKER_CONFIG. */
  folder: string;
  progress: (line: string) => void;
}

export interface Builder {
  readonly name: BuilderName;
  /** The image that this machine has under a name; undefined where it has none, or keeps none. */
  find(reference: string): Promise<KeptImage | undefined>;
  build(plan: ImagePlan): Promise<void>;
  /** `login` lies in a private file while this runs, and nowhere after it. */
  push(plan: ImagePlan, server: string, login: Login | undefined): Promise<void>;
}

const PROBE_MS = 15_000;
const BUILD_MS = 20 * 60_000;
/** What Docker without buildx says between its steps, of containers that nobody will look for. */
const SILENT = /^\s*(?:$|--->|Removing intermediate container|DEPRECATED: The legacy builder|Install the buildx component|https:\/\/docs\.docker\.com\/go\/buildx)/;

/** The first program that builds images and works here, or the wanted one. Errors: TODOCTL_BUILDER_MISSING, which says why each does not. */
export async function openBuilder(given: BuilderGiven, wanted: readonly BuilderName[] = BUILDERS): Promise<Builder> {
  const why: string[] = [];
  for (const name of wanted) {
    const env = await environmentOf(name, given);
    try {
      await run(given, env, name, PROBES[name], PROBE_MS);
      return builder(name, env, given);
    } catch (error) {
      given.signal.throwIfAborted();
      if (!(error instanceof TodoctlError)) throw error;
      why.push(`${name}: ${error.code === 'TODOCTL_PROGRAM_MISSING' ? 'is not on PATH' : (error.details.at(-1) ?? error.message)}`);
    }
  }
  throw new TodoctlError('TODOCTL_BUILDER_MISSING', { details: why });
}

function builder(name: BuilderName, env: Record<string, string>, given: BuilderGiven): Builder {
  const loudly = (args: readonly string[]): Promise<unknown> => run(given, env, name, args, BUILD_MS, (text) => { if (!SILENT.test(text)) given.progress(text.trimEnd()); });
  return {
    name,
    async find(reference) {
      const args = inspectArguments(name, reference);
      if (!args) return undefined;
      try {
        return parseInspected(await run(given, env, name, args, PROBE_MS));
      } catch (error) {
        // Both end with an error for what is not there, each in its own words.
        if (error instanceof TodoctlError && error.code === 'TODOCTL_PROGRAM_FAILED') return undefined;
        throw error;
      }
    },
    async build(plan) {
      await configure(given.folder, given.env);
      await loudly(buildArguments(name, plan));
    },
    async push(plan, server, login) {
      await configure(given.folder, given.env, login && dockerConfig(server, login));
      try {
        await loudly(pushArguments(name, plan, { server, config: given.folder }));
      } finally {
        await rm(path.join(given.folder, 'config.json'), { force: true });
      }
    },
  };
}

async function run({ redactor, signal, folder }: BuilderGiven, env: Record<string, string>, program: string, args: readonly string[], timeoutMs: number, line?: Program['line']): Promise<string> {
  const { stdout } = await runProgram({ program, args, env, cwd: path.dirname(folder), timeoutMs, redactor, signal, ...(line ? { line } : {}) });
  return stdout.trim();
}

/** Docker's daemon is where the user's own context says; that lies in the folder which DOCKER_CONFIG no longer names. */
async function environmentOf(name: BuilderName, given: BuilderGiven): Promise<Record<string, string>> {
  await mkdir(given.folder, { recursive: true, mode: 0o700 });
  const env = builderEnv(given.env, given.folder);
  if (name !== 'docker' || env['DOCKER_HOST'] !== undefined) return env;
  const theirs: Record<string, string> = { ...env };
  delete theirs['DOCKER_CONFIG'];
  for (const key of ['DOCKER_CONFIG', 'DOCKER_CONTEXT']) if (given.env[key] !== undefined) theirs[key] = given.env[key];
  const host = await run(given, theirs, name, ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], PROBE_MS).catch(() => '');
  given.signal.throwIfAborted();
  return host === '' ? env : { ...env, DOCKER_HOST: host };
}

/** The user's plugins, such as buildx, are still to be found; nothing else of the user's configuration is. */
async function configure(folder: string, env: NodeJS.ProcessEnv, auths = '{}'): Promise<void> {
  const plugins = path.join(env['DOCKER_CONFIG'] ?? path.join(env['HOME'] ?? '', '.docker'), 'cli-plugins');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, 'config.json');
  await rm(file, { force: true });
  await writeFile(file, JSON.stringify({ ...(JSON.parse(auths) as object), cliPluginsExtraDirs: [plugins] }), { mode: 0o600 });
}
