// The way of every command line: the fast path answers it, or oclif does.
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

export async function start() {
  if (!existsSync(path.join(root, 'dist/fast-path.js'))) return notBuilt();
  const { fastPath } = await import('../dist/fast-path.js');
  if (fastPath(process.argv.slice(2), root)) return;

  // `todoctl … | head`: a reader that has read enough is no error. oclif would wait for a flush that never comes.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  // Talk that nobody hears does not stop the work.
  process.stderr.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { execute } = await import('@oclif/core');
  await execute({ dir: import.meta.url });
}

function notBuilt() {
  process.stderr.write(`Error todoctl is not built: dist/fast-path.js is missing
Next  Run npm run build in ${root}
Code  TODOCTL_NOT_BUILT\n`);
  process.exitCode = 3;
}
