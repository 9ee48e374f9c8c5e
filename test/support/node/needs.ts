import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Program → Debian's package of it. */
const NEEDS = { etcd: 'etcd-server', runc: 'runc', iptables: 'iptables', conntrack: 'conntrack', nsenter: 'util-linux', setpriv: 'util-linux', ip: 'iproute2', openssl: 'openssl' };

/** Why this machine can have no node. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a node needs Linux and root';
  for (const [program, packaged] of Object.entries(NEEDS)) if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed (Debian: ${packaged})`;
  if (!existsSync('/usr/lib/cni/ptp')) return 'the CNI plugins are not installed (Debian: containernetworking-plugins)';
  const probe = `todoctl-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'this machine lets nobody make a network namespace';
  spawnSync('ip', ['netns', 'del', probe]);
  return undefined;
}
