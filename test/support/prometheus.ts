import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './free-ports.ts';
import { until } from './until.ts';

/** A tool of Debian's packages prometheus and prometheus-alertmanager, found on PATH. */
export function findTool(name: string, debianPackage: string): { binary: string } | { skipped: string } {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  return error ? { skipped: `${name} is not installed (Debian: apt-get install ${debianPackage})` } : { binary: name };
}

/** Runs a tool to its end. Both streams as one text, for the message of a test that fails. */
export function runTool(binary: string, args: readonly string[], cwd: string): { exit: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(binary, args, { cwd, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
  return { exit: status, output: `${stdout}${stderr}` };
}

/** One thing to read, and the labels that a ServiceMonitor would give it. */
export interface ScrapeTarget {
  port: number;
  labels: Readonly<Record<string, string>>;
}

export interface Result {
  metric: Record<string, string>;
  value: [number, string];
}

export interface RunningPrometheus {
  /** An instant query. A refusal is a failure with Prometheus' own words. */
  query(expr: string): Promise<Result[]>;
  /** What became of each rule at its last evaluation. */
  rules(): Promise<{ name: string; health: string; lastError?: string }[]>;
  stop(): Promise<void>;
}

/** Prometheus on loopback with its data in `folder`; it reads each target every second. `rules`: files in the folder. */
export async function startPrometheus(folder: string, targets: readonly ScrapeTarget[], rules: readonly string[]): Promise<RunningPrometheus> {
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: [{ job_name: 'services', static_configs: targets.map((target) => ({ targets: [`127.0.0.1:${target.port}`], labels: target.labels })) }],
  };
  await writeFile(path.join(folder, 'prometheus.yml'), stringify(config));
  const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${port}`];
  const child: ChildProcess = spawn('prometheus', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const url = `http://127.0.0.1:${port}`;
  await until('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`prometheus ended:\n${log}`);
    return fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false);
  });
  const api = async <T>(request: string, body?: URLSearchParams): Promise<T> => {
    const answer = (await (await fetch(`${url}/api/v1/${request}`, body ? { method: 'POST', body } : {})).json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${body?.get('query') ?? request}: ${answer.error ?? 'refused'}`);
    return answer.data;
  };
  return {
    query: async (expr) => (await api<{ result: Result[] }>('query', new URLSearchParams({ query: expr }))).result,
    rules: async () => (await api<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules')).groups.flatMap((group) => group.rules),
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
