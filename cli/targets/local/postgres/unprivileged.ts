import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { TodoctlError } from '../../../errors/todoctl-error.ts';

/** A program and its arguments. */
export interface CommandLine {
  command: string;
  args: readonly string[];
}

/** How PostgreSQL, which refuses to run as root, is run here. */
export interface RunAs {
  way: 'itself' | 'user-namespace' | 'other-user';
  /** Who owns the data files, as the rest of the machine sees it. */
  uid: number;
  wrap(line: CommandLine): CommandLine;
}

/** uid of `nobody`: it exists on every system and owns nothing of worth. */
const NOBODY = 65_534;

const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];

const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
// The data lies under the project, which may lie under /root: nobody keeps root's right to pass through folders.
const AS_NOBODY_WITH_PASSAGE = [...AS_NOBODY, '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];

/**
 * The first way that works here: as this user; as root in a user namespace, where root's files look like uid 1000's;
 * where namespaces are forbidden (a plain container), as the existing user `nobody`. No user is created.
 * Throws TODOCTL_POSTGRES_AS_ROOT when nothing works. `tries` says whether a command ends with 0.
 */
export function chooseRunAs(uid: number, tries: (line: CommandLine) => boolean = succeeds): RunAs {
  if (uid !== 0) return { way: 'itself', uid, wrap: (line) => line };
  const namespace = wrapper('unshare', ['--user', '--map-user=1000', '--map-group=1000']);
  if (tries(namespace({ command: 'true', args: [] }))) return { way: 'user-namespace', uid, wrap: namespace };
  for (const how of [AS_NOBODY_WITH_PASSAGE, AS_NOBODY]) {
    const dropped = wrapper('setpriv', how);
    if (tries(dropped({ command: 'true', args: [] }))) return { way: 'other-user', uid: NOBODY, wrap: dropped };
  }
  throw new TodoctlError('TODOCTL_POSTGRES_AS_ROOT');
}

// Absolute, because whoever runs it later has no PATH.
function wrapper(program: string, before: readonly string[]): RunAs['wrap'] {
  const command = SYSTEM_FOLDERS.map((folder) => path.join(folder, program)).find((file) => existsSync(file)) ?? program;
  return (line) => ({ command, args: [...before, line.command, ...line.args] });
}

function succeeds({ command, args }: CommandLine): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
