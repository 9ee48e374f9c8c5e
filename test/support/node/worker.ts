import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Containerd } from '../../tools/containerd/build.ts';
import type { Kubernetes } from '../../tools/kubernetes/build.ts';
import { until } from '../until.ts';
import { ended } from './control-plane.ts';
import type { Ground } from './ground.ts';

/** What the kubelet calls the node. */
export const NODE_NAME = 'node';
export const DNS_ADDRESS = '10.96.0.10';
export const PAUSE_IMAGE = 'localhost/pause:1';

const START_MS = 60_000;

/** Starts containerd; answers its socket. */
export async function startContainerd({ folder, launch, logs, exec }: Ground, { daemon, ctr }: Containerd): Promise<string> {
  const socket = path.join(folder, 'containerd.sock');
  const cni = path.join(folder, 'cni');
  const certs = path.join(folder, 'registries');
  for (const made of [cni, certs]) mkdirSync(made);
  const config = path.join(folder, 'containerd.toml');
  writeFileSync(config, `version = 3
root = "${folder}/containerd"
state = "${folder}/run"
[grpc]
  address = "${socket}"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "${certs}"
[plugins."io.containerd.cri.v1.runtime"]
  # Root in a container may not have the right to lower it, and then runc dies.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "${cni}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
`);
  // A cable from each pod, not a bridge: bridges need a kernel module that many machines lack.
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.244.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: path.join(folder, 'ipam') };
  const plugins = [{ type: 'ptp', ipMasq: true, ipam }, { type: 'portmap', capabilities: { portMappings: true } }];
  writeFileSync(path.join(cni, '10-pods.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins }));
  const child = launch('containerd', daemon, ['--config', config], { env: { PATH: `${path.dirname(daemon)}:${process.env['PATH'] ?? ''}` } });
  await until('containerd answers', () => ended(child, path.join(logs, 'containerd')) ?? exec(ctr, ['-a', socket, 'version']).then(() => true, () => false), START_MS);
  return socket;
}

/** Lets containerd pull from a registry that speaks plain HTTP; it reads the file at the next pull. */
export function trustRegistry({ folder }: Ground, server: string): void {
  const own = path.join(folder, 'registries', server);
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'hosts.toml'), `server = "http://${server}"\n[host."http://${server}"]\n  capabilities = ["pull", "resolve"]\n`);
}

/** Starts kubelet and kube-proxy; the node is ready some seconds later. */
export function startKubelet({ folder, address, cgroup, launch }: Ground, programs: Kubernetes, kubeconfig: string, socket: string): void {
  const config = path.join(folder, 'kubelet.yaml');
  writeFileSync(config, JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', address,
    // The API server shows it no certificate.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }, authorization: { mode: 'AlwaysAllow' },
    // Its own root: a kubelet ends whatever else it finds there, so two nodes would end each other's pods.
    cgroupDriver: 'cgroupfs', cgroupRoot: `/${cgroup}`, failCgroupV1: false, failSwapOn: false, enforceNodeAllocatable: [],
    containerRuntimeEndpoint: `unix://${socket}`, clusterDNS: [DNS_ADDRESS], clusterDomain: 'cluster.local', podLogsDir: path.join(folder, 'pods'),
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' }, imageGCHighThresholdPercent: 100,
    serializeImagePulls: false, maxPods: 200,
    // A pod sees a ConfigMap that was made after it this often, a minute otherwise: Dapr's control plane waits for its certificates so.
    syncFrequency: '5s',
  }));
  launch('kubelet', programs.kubelet, [
    `--config=${config}`, `--kubeconfig=${kubeconfig}`, `--hostname-override=${NODE_NAME}`, `--root-dir=${path.join(folder, 'kubelet')}`,
    `--cert-dir=${path.join(folder, 'kubelet-keys')}`, `--node-ip=${address}`,
  ]);
  launch('kube-proxy', programs.proxy, [
    `--kubeconfig=${kubeconfig}`, `--hostname-override=${NODE_NAME}`, '--cluster-cidr=10.244.0.0/16', '--proxy-mode=iptables',
    // 0 leaves the kernel's limits alone, which belong to the machine and not to the namespace.
    '--conntrack-max-per-core=0', '--conntrack-tcp-timeout-established=0', '--conntrack-tcp-timeout-close-wait=0',
  ]);
}
