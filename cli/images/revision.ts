import { runProgram } from '../exec/run.ts';
import type { Redactor } from '../io/redactor.ts';

const TIMEOUT_MS = 10_000;

/**
 * The commit that the sources are of: 40 hex digits, and `-dirty` behind them where what the image is made of was changed since;
 * undefined where there is no repository, or no git.
 */
export async function revisionOf(root: string, given: { env: NodeJS.ProcessEnv; redactor: Redactor; signal: AbortSignal }): Promise<string | undefined> {
  const git = (...args: string[]): Promise<string> =>
    // Whatever the variables of a Git hook say, it is this folder that is asked about.
    runProgram({ program: 'git', args: ['-C', root, ...args], env: { PATH: given.env['PATH'] ?? '', HOME: given.env['HOME'] ?? '', GIT_OPTIONAL_LOCKS: '0' }, cwd: root, timeoutMs: TIMEOUT_MS, redactor: given.redactor, signal: given.signal }).then(({ stdout }) => stdout.trim());
  try {
    const commit = await git('rev-parse', '--verify', 'HEAD');
    const changed = await git('status', '--porcelain', '--', 'services', 'package-lock.json');
    return changed === '' ? commit : `${commit}-dirty`;
  } catch (error) {
    given.signal.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}
