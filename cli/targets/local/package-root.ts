import { existsSync } from 'node:fs';
import path from 'node:path';
import { TodoctlError } from '../../errors/todoctl-error.ts';

/** Folder of the installed todoctl, found upwards: this file runs from cli/ and, bundled, from dist/. */
export function packageRoot(): string {
  for (let here = import.meta.dirname; here !== path.dirname(here); here = path.dirname(here)) {
    if (existsSync(path.join(here, 'package.json'))) return here;
  }
  throw new Error('todoctl lies in no package');
}

export const PROCESS_SCRIPTS = ['supervisor', 'broker', 'sidecar', 'gateway'] as const;
export type ProcessScript = (typeof PROCESS_SCRIPTS)[number];

/** Built entry points of the platform's own processes, absolute. Throws TODOCTL_NOT_BUILT. */
export function processScripts(root: string): Record<ProcessScript, string> {
  const file = (name: ProcessScript): string => path.join(root, 'dist/processes', `${name}.js`);
  const missing = PROCESS_SCRIPTS.filter((name) => !existsSync(file(name)));
  if (missing.length > 0) throw new TodoctlError('TODOCTL_NOT_BUILT', { message: `todoctl is not built: dist/processes/${missing[0]}.js is missing` });
  return { supervisor: file('supervisor'), broker: file('broker'), sidecar: file('sidecar'), gateway: file('gateway') };
}
