import type { Variable } from './dashboard.ts';
import { lines, PER, type Row, stat } from './panel.ts';

/** What the page can be narrowed to. */
export const kubernetesVariables: readonly Variable[] = [{ name: 'namespace', label: 'Namespace', query: 'label_values(kube_pod_info, namespace)' }];

const HERE = 'namespace=~"$namespace"';
const CONTAINERS = `${HERE},container!="",container!="POD"`;
const NODE = 'node-exporter';

/** The cluster by kube-state-metrics, kubelets and node-exporter: do pods run, and is there room. */
export const kubernetesRows: readonly Row[] = [rightNow(), pods(), usage(), storage(), nodes()];

function rightNow(): Row {
  const notReady = `sum(max by (namespace, pod) (kube_pod_status_ready{${HERE},condition="true"}) == bool 0 unless on (namespace, pod) (kube_pod_status_phase{phase=~"Succeeded|Failed"} == 1))`;
  return {
    title: 'Right now',
    panels: [
      stat('Pods not ready', 'short', 'Pods that should be ready and are not; those of Jobs that are done left out.', `${notReady} or vector(0)`, { limits: { look: 1, bad: 3 } }),
      stat('Restarts (1 h)', 'short', 'Containers that were started again in the last hour.', `sum(increase(kube_pod_container_status_restarts_total{${HERE}}[1h]))`, { limits: { look: 1, bad: 5 } }),
      stat('Pods that wait', 'short', 'Pods that no node has room for, or whose images are not there yet.', `sum(kube_pod_status_phase{${HERE},phase="Pending"})`, { limits: { look: 1, bad: 3 } }),
      stat('Nodes', 'short', 'Nodes that are ready.', 'sum(kube_node_status_condition{condition="Ready",status="true"})'),
      stat('CPU asked for', 'percentunit', 'Part of what the nodes have that pods have asked for; at 100 % no pod more fits.', 'sum(kube_pod_container_resource_requests{resource="cpu"}) / sum(kube_node_status_allocatable{resource="cpu"})', {
        limits: { look: 0.8, bad: 0.95 },
        max: 1,
      }),
      stat('Memory asked for', 'percentunit', 'Part of what the nodes have that pods have asked for.', 'sum(kube_pod_container_resource_requests{resource="memory"}) / sum(kube_node_status_allocatable{resource="memory"})', {
        limits: { look: 0.8, bad: 0.95 },
        max: 1,
      }),
    ],
  };
}

function pods(): Row {
  return {
    title: 'Pods',
    panels: [
      lines('Pod restarts', 'short', 'Restarts of containers in a quarter of an hour.', { '{{pod}} {{container}}': `sum by (pod, container) (increase(kube_pod_container_status_restarts_total{${HERE}}[15m])) > 0` }),
      lines('Replicas that are there', 'percentunit', 'Part of the wished replicas that is ready.', { '{{deployment}}': `kube_deployment_status_replicas_available{${HERE}} / (kube_deployment_spec_replicas{${HERE}} > 0)` }, { max: 1 }),
      lines('Autoscaling', 'short', 'Replicas now, and how many an autoscaler may make of them.', {
        '{{horizontalpodautoscaler}}': `kube_horizontalpodautoscaler_status_current_replicas{${HERE}}`,
        '{{horizontalpodautoscaler}} at most': `kube_horizontalpodautoscaler_spec_max_replicas{${HERE}}`,
      }),
    ],
  };
}

function usage(): Row {
  return {
    title: 'CPU, memory, network',
    panels: [
      lines('CPU', 'short', 'Cores used by each pod.', { '{{pod}}': `sum by (pod) (rate(container_cpu_usage_seconds_total{${CONTAINERS}}${PER}))` }),
      lines('CPU held back', 'percentunit', 'Part of the time in which a container wanted to run and its limit did not let it.', {
        '{{pod}} {{container}}': `sum by (pod, container) (rate(container_cpu_cfs_throttled_periods_total{${CONTAINERS}}${PER})) / sum by (pod, container) (rate(container_cpu_cfs_periods_total{${CONTAINERS}}${PER}))`,
      }, { limits: { look: 0.25, bad: 0.5 }, max: 1 }),
      lines('Memory', 'bytes', 'Memory of each pod that counts against its limit.', { '{{pod}}': `sum by (pod) (container_memory_working_set_bytes{${CONTAINERS}})` }),
      lines('Memory of the limit', 'percentunit', 'A container that meets its limit is killed.', {
        '{{pod}} {{container}}': `max by (pod, container) (container_memory_working_set_bytes{${CONTAINERS}}) / max by (pod, container) (kube_pod_container_resource_limits{${HERE},resource="memory"})`,
      }, { limits: { look: 0.8, bad: 0.95 }, max: 1 }),
      lines('Network in', 'Bps', 'Bytes per second that each pod receives.', { '{{pod}}': `sum by (pod) (rate(container_network_receive_bytes_total{${HERE}}${PER}))` }),
      lines('Network out', 'Bps', 'Bytes per second that each pod sends.', { '{{pod}}': `sum by (pod) (rate(container_network_transmit_bytes_total{${HERE}}${PER}))` }),
    ],
  };
}

function storage(): Row {
  const volume = 'by (namespace, persistentvolumeclaim)';
  return {
    title: 'Volumes',
    panels: [
      lines('PVC use', 'percentunit', 'Part of each volume that is full. VolumeFillingUp fires at 85 %.', {
        '{{namespace}}/{{persistentvolumeclaim}}': `max ${volume} (kubelet_volume_stats_used_bytes{${HERE}} / kubelet_volume_stats_capacity_bytes{${HERE}})`,
      }, { limits: { look: 0.7, bad: 0.85 }, max: 1 }),
      lines('Bytes on volumes', 'bytes', 'What each volume holds.', { '{{namespace}}/{{persistentvolumeclaim}}': `max ${volume} (kubelet_volume_stats_used_bytes{${HERE}})` }),
    ],
  };
}

function nodes(): Row {
  return {
    title: 'Nodes',
    panels: [
      lines('CPU of nodes', 'percentunit', 'Part of the CPU of each node that is busy.', { '{{instance}}': `1 - avg by (instance) (rate(node_cpu_seconds_total{job="${NODE}",mode="idle"}${PER}))` }, { limits: { look: 0.8, bad: 0.95 }, max: 1 }),
      lines('Memory of nodes', 'percentunit', 'Part of the memory of each node that is taken.', { '{{instance}}': `1 - node_memory_MemAvailable_bytes{job="${NODE}"} / node_memory_MemTotal_bytes{job="${NODE}"}` }, { limits: { look: 0.8, bad: 0.95 }, max: 1 }),
      lines('Disk of nodes', 'percentunit', 'Part of the own disk of each node that is full: images and logs.', {
        '{{instance}}': `1 - max by (instance) (node_filesystem_avail_bytes{job="${NODE}",mountpoint="/"} / node_filesystem_size_bytes{job="${NODE}",mountpoint="/"})`,
      }, { limits: { look: 0.7, bad: 0.85 }, max: 1 }),
    ],
  };
}
