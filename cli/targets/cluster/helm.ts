import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { runProgram } from '../../exec/run.ts';
import { identify, type Identity, isAlive } from '../../io/process-identity.ts';
import type { Redactor } from '../../io/redactor.ts';

/** Where a chart comes from, as helm wants it told. */
export interface ChartSource {
  /** A name in `repository`, an `oci://` address, or a path. */
  chart: string;
  /** `https://…` */
  repository?: string;
  /** Of the chart as it will be recorded. */
  version: string;
}

export interface HelmGiven {
  /** Private folder of the environment. */
  folder: string;
  /** Of the one cluster that it may touch. */
  kubeconfig: string;
  env: NodeJS.ProcessEnv;
  redactor: Redactor;
}

/** Longest that helm waits for a chart's hooks, in seconds: a release that is pending for longer is nobody's any more. */
export const HOOK_SECONDS = 300;
/** Fetching a chart and what helm does by itself come on top. */
const LIMIT_MS = (HOOK_SECONDS + 120) * 1000;
const QUICK_MS = 120_000;
/** What a program needs that fetches from the network through whatever stands in between, or runs a plugin for credentials. */
const PASSED_ON = ['PATH', 'HOME', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * Helm for one cluster: its own homes below the environment's folder, the kubeconfig of that cluster alone, nothing inherited. It waits
 * for nothing but hooks: whether things are ready is judged elsewhere. Works with helm 3.18 and later, and 4.
 */
export class Helm {
  readonly #given: HelmGiven;
  #version: Promise<string> | undefined;

  constructor(given: HelmGiven) {
    this.#given = given;
  }

  /** `v4.2.4`. Errors: TODOCTL_HELM_MISSING. */
  async version(): Promise<string> {
    return (this.#version ??= this.#askVersion());
  }

  /** CRDs that a chart has in its `crds/`, as YAML; kept for the next time, for a version of a chart never changes. Errors: TODOCTL_RELEASE_FAILED. */
  async crds(release: string, source: ChartSource): Promise<string> {
    const kept = path.join(this.#home('crds'), `${release}-${source.version}.yaml`.replaceAll('/', '_'));
    const local = isPath(source);
    const found = local ? undefined : await readFile(kept, 'utf8').catch(() => undefined);
    if (found !== undefined) return found;
    const { stdout } = await this.#run(['show', 'crds', ...chartArgs(source)], `${release}: the chart cannot be had`, QUICK_MS);
    if (!local) await this.#write(kept, stdout);
    return stdout;
  }

  /**
   * Installs or upgrades; `values` is YAML, and goes through a file that only we can read. It goes on when we are ended: a release is
   * better installed than half installed. Errors: TODOCTL_RELEASE_FAILED.
   */
  async upgrade(release: string, namespace: string, source: ChartSource, values: string, labels: Readonly<Record<string, string>>, description: string): Promise<void> {
    const file = path.join(this.#home('values'), `${release}.yaml`);
    await this.#write(file, values);
    // Helm 4 applies server-side, where a field that somebody else has set would stop it; Helm 3 knows neither flag.
    const owning = (await this.version()).startsWith('v3') ? [] : ['--server-side=true', '--force-conflicts'];
    const marks = Object.entries(labels).map((pair) => pair.join('=')).join(',');
    const args = ['upgrade', release, ...chartArgs(source), '--install', '--namespace', namespace, '--values', file, '--labels', marks, '--description', description, '--skip-crds', '--hide-notes', '--timeout', `${HOOK_SECONDS}s`, ...owning];
    await this.#change(release, args);
  }

  /** Back to a revision. Errors: TODOCTL_RELEASE_FAILED. */
  async rollback(release: string, namespace: string, revision: number): Promise<void> {
    const owning = (await this.version()).startsWith('v3') ? [] : ['--server-side=true', '--force-conflicts'];
    await this.#change(release, ['rollback', release, String(revision), '--namespace', namespace, '--timeout', `${HOOK_SECONDS}s`, ...owning]);
  }

  /** Removes a release and all that helm knows of it; one that is not there is no error. Errors: TODOCTL_RELEASE_FAILED. */
  async uninstall(release: string, namespace: string): Promise<void> {
    await this.#change(release, ['uninstall', release, '--namespace', namespace, '--ignore-not-found', '--timeout', `${HOOK_SECONDS}s`]);
  }

  /** Whether a helm that this machine started for a release still lives: `unknown` where another machine, or nobody, started the last one. */
  async childOf(release: string): Promise<'alive' | 'dead' | 'unknown'> {
    const text = await readFile(this.#childFile(release), 'utf8').catch(() => undefined);
    if (text === undefined) return 'unknown';
    try {
      return isAlive(JSON.parse(text) as Identity) ? 'alive' : 'dead';
    } catch {
      return 'unknown';
    }
  }

  /** One change of a release: its process is written down as long as it lives, for whoever comes after us if we are ended. */
  async #change(release: string, args: readonly string[]): Promise<void> {
    let written: Promise<void> = Promise.resolve();
    const started = (pid: number): void => {
      const child = identify(pid);
      if (child) written = this.#write(this.#childFile(release), JSON.stringify(child));
    };
    await this.#run(args, `${release} could not be installed`, LIMIT_MS, { detached: true, started });
    await written;
    await rm(this.#childFile(release), { force: true });
  }

  async #run(args: readonly string[], failure: string, timeoutMs: number, more: { detached?: true; started?(pid: number): void } = {}): Promise<{ stdout: string }> {
    const { folder, redactor } = this.#given;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await runProgram({ program: 'helm', args, env: this.#environment(), cwd: folder, timeoutMs, redactor, ...more });
    } catch (error) {
      if (!(error instanceof TodoctlError)) throw error;
      if (error.code === 'TODOCTL_PROGRAM_MISSING') throw new TodoctlError('TODOCTL_HELM_MISSING', { message: 'helm is not on the PATH' });
      throw new TodoctlError('TODOCTL_RELEASE_FAILED', { message: failure, details: [error.message, ...error.details], cause: error });
    }
  }

  async #askVersion(): Promise<string> {
    const { stdout } = await this.#run(['version', '--template', '{{.Version}}'], 'helm does not say which version it is', QUICK_MS);
    return stdout.trim();
  }

  #environment(): Record<string, string> {
    const passed = PASSED_ON.flatMap((name) => (this.#given.env[name] === undefined ? [] : [[name, this.#given.env[name]] as const]));
    return {
      ...(Object.fromEntries(passed) as Record<string, string>),
      KUBECONFIG: this.#given.kubeconfig,
      HELM_CONFIG_HOME: this.#home('config'), HELM_CACHE_HOME: this.#home('cache'), HELM_DATA_HOME: this.#home('data'),
      HELM_DRIVER: 'secret', HELM_MAX_HISTORY: '10',
    };
  }

  #home(name: string): string {
    return path.join(this.#given.folder, 'helm', name);
  }

  #childFile(release: string): string {
    return path.join(this.#home('running'), `${release}.json`);
  }

  async #write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode: 0o600 });
  }
}

function chartArgs({ chart, repository, version }: ChartSource): string[] {
  if (isPath({ chart })) return [chart];
  return [chart, ...(repository === undefined ? [] : ['--repo', repository]), '--version', version];
}

/** A chart that lies on this machine, which may be changed without another version. */
export function isPath({ chart }: Pick<ChartSource, 'chart'>): boolean {
  return path.isAbsolute(chart);
}
