import { goBuild } from '../go-build.ts';

const VERSION = '2.2.1';
const COMMANDS = 'github.com/containerd/containerd/v2/cmd';

export interface Containerd {
  daemon: string;
  /** Its command line, for what the kubelet does not do: importing images. */
  ctr: string;
}

/** containerd and its shim, which lies beside it. What Debian 12 has is too old for this kubelet. */
export function getContainerd(): Containerd | { skipped: string } {
  const built = goBuild({
    folder: import.meta.dirname,
    title: `containerd ${VERSION}`,
    programs: { containerd: `${COMMANDS}/containerd`, 'containerd-shim-runc-v2': `${COMMANDS}/containerd-shim-runc-v2`, ctr: `${COMMANDS}/ctr` },
  });
  return 'skipped' in built ? built : { daemon: built.containerd, ctr: built.ctr };
}
