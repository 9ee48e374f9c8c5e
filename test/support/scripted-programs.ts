// docker, podman, buildctl and trivy as scripts: they take what the real ones take, remember who asked them what, and refuse the rest.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Call {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** What DOCKER_CONFIG holds while it runs. */
  config?: string;
  /** Files of the folder that an image was made of. */
  files?: string[];
}

export interface Scripted {
  /** For PATH, before everything else. */
  readonly bin: string;
  calls(): Promise<Call[]>;
  /** Calls whose arguments match end with code 1 and these words; `$CONFIG` in them stands for what DOCKER_CONFIG holds. */
  fail(pattern: string, words: string): Promise<void>;
  /** What trivy answers. */
  report(report: object): Promise<void>;
}

const PROGRAM = path.join(import.meta.dirname, 'scripted-program.ts');

/** Puts these programs into `<folder>/bin`. */
export async function scriptedPrograms(folder: string, names: readonly string[]): Promise<Scripted> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await Promise.all(names.map((name) => writeFile(path.join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' '${bin}' ${name} "$@"\n`, { mode: 0o755 })));
  const say = (file: string, content: object): Promise<void> => writeFile(path.join(bin, file), JSON.stringify(content));
  return {
    bin,
    calls: async () => (await readFile(path.join(bin, 'calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as Call),
    fail: (pattern, words) => say('fails.json', { pattern, words }),
    report: (report) => say('report.json', report),
  };
}
