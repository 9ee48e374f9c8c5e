import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { getKubernetes } from '../tools/kubernetes/build.ts';
import type { ApiServer } from './api-server.ts';

export interface Controllers {
  stop(): Promise<void>;
}

/** Those that remove: namespaces with all that is in them, what belonged to something that has gone, disks that nobody uses. */
const REMOVING = ['namespace-controller', 'garbage-collector-controller', 'persistentvolumeclaim-protection-controller', 'persistentvolume-protection-controller'];

/** Starts Kubernetes' own controllers beside an API server, only those named. They find kinds that are new within half a minute. */
export function startControllers({ kubeconfig, folder }: Pick<ApiServer, 'kubeconfig' | 'folder'>, names: readonly string[] = REMOVING): Controllers {
  const built = getKubernetes();
  if ('skipped' in built) throw new Error(built.skipped);
  const log = openSync(path.join(folder, 'log', 'controller-manager'), 'a');
  const child: ChildProcess = spawn(built.controllerManager, [
    `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--use-service-account-credentials=false', `--controllers=${names.join(',')}`, '--secure-port=0',
  ], { cwd: folder, stdio: ['ignore', log, log] });
  closeSync(log);
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
