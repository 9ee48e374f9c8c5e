import { spawn, type StdioOptions } from 'node:child_process';

/** Milliseconds from spawn to exit; anything but exit code 0 is an error, so that a fast failure is never a good time. */
export function timeProcess(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; stdio?: StdioOptions } = {}): Promise<number> {
  const begun = process.hrtime.bigint();
  const child = spawn(command, args, { stdio: 'ignore', ...options });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const ms = Number(process.hrtime.bigint() - begun) / 1e6;
      if (code === 0) resolve(ms);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}
