// The way of every command line: the fast path answers it, or oclif does.
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

export async function start() {
  if (!existsSync(path.join(root, 'dist/fast-path.js'))) return notBuilt();
  const { fastPath } = await import('../dist/fast-path.js');
  if (fastPath(process.argv.slice(2), root)) return;

  const [{ execute }, { watchPipes }] = await Promise.all([import('@oclif/core'), import('./pipes.js')]);
  watchPipes();
  await execute({ dir: import.meta.url });
}

function notBuilt() {
  process.stderr.write(`Error todoctl is not built: dist/fast-path.js is missing
Next  Run npm run build in ${root}
Code  TODOCTL_NOT_BUILT\n`);
  process.exitCode = 3;
}
