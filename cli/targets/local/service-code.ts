import { existsSync } from 'node:fs';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { type Bundle, bundleService, knownBundle } from '../../images/bundle.ts';
import { readRecord } from '../../images/inputs.ts';

export interface CodeGiven {
  /** The project's root: its own `services/<name>/main.ts` come first. */
  root: string;
  /** The installed todoctl, which brings the platform's services ready-made. */
  packageRoot: string;
  /** Folder for the bundles of the project's own services. */
  build: string;
}

/** The code of a service as far as it is there and nothing of it has changed. Throws TODOCTL_SERVICE_MISSING. */
export async function knownCode(given: CodeGiven, name: string): Promise<Bundle | undefined> {
  const place = placeOf(given, name);
  return place.readyMade ? await readyMade(place.outDir, name) : knownBundle({ root: given.root, name, outDir: place.outDir });
}

/** Bundles a service of the project; a service of todoctl itself is there already. */
export async function bundleCode(given: CodeGiven, name: string): Promise<void> {
  const place = placeOf(given, name);
  if (!place.readyMade) await bundleService({ root: given.root, name, outDir: place.outDir });
}

function placeOf({ root, packageRoot, build }: CodeGiven, name: string): { readyMade: boolean; outDir: string } {
  const outDir = path.join(packageRoot, 'dist/services', name);
  // In todoctl's own checkout the build has bundled them already, and only what was edited since is bundled again.
  if (existsSync(path.join(root, 'services', name, 'main.ts'))) return { readyMade: false, outDir: root === packageRoot ? outDir : path.join(build, name) };
  if (!existsSync(path.join(outDir, 'main.js'))) {
    throw new TodoctlError('TODOCTL_SERVICE_MISSING', { message: `The service ${name} has no code: services/${name}/main.ts does not exist` });
  }
  return { readyMade: true, outDir };
}

/** Was made from sources that may not be here: it is taken as it is. */
async function readyMade(outDir: string, name: string): Promise<Bundle> {
  const record = await readRecord(outDir);
  if (!record) throw new TodoctlError('TODOCTL_NOT_BUILT', { message: `todoctl is not built: dist/services/${name} is not complete` });
  return { entry: path.join(outDir, 'main.js'), hash: record.hash, fresh: true };
}
