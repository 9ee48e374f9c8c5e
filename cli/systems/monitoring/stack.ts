import type { Platform } from '../../definition/platform.ts';
import { bytesOf } from '../../definition/size.ts';
import { brokersOf } from '../kafka-access.ts';
import type { Chart, Footprint } from '../system.ts';
import { alertmanagerConfig, readsSecret } from './alertmanager.ts';
import { GRAFANA_SECRET, MONITORING_NAMESPACE, type MonitoringSettings, RECEIVERS_SECRET } from './settings.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Part of the disk that samples may take. */
const FILLED = 0.85;

/** What one replica asks for, in thousandths of a CPU and MiB. The chart's own requests are none at all. */
const SMALL = {
  alertmanager: { cpu: 20, memory: 64 },
  grafana: { cpu: 50, memory: 192 },
  operator: { cpu: 30, memory: 96 },
  stateMetrics: { cpu: 20, memory: 64 },
  nodeExporter: { cpu: 20, memory: 32 },
} as const;
/** The two containers beside Grafana that bring it dashboards and sources of data. */
const GRAFANA_SIDECARS = { cpu: 20, memory: 128 };

/** kube-prometheus-stack: Prometheus, Alertmanager, Grafana and what measures nodes and objects. */
export function prometheusStack(platform: Platform, settings: MonitoringSettings): Chart {
  const { environment, name } = platform;
  // Where one broker is enough, little is measured.
  const modest = brokersOf(platform) === 1;
  const storage = bytesOf(settings.storage ?? (modest ? '10GiB' : '20GiB'));
  const memory = bytesOf(settings.memory ?? (modest ? '512MiB' : '1GiB')) / MIB;
  const cpu = modest ? 100 : 250;
  return {
    release: 'kube-prometheus-stack',
    namespace: MONITORING_NAMESPACE,
    chart: 'kube-prometheus-stack',
    repository: 'https://prometheus-community.github.io/helm-charts',
    version: '88.5.3',
    values: {
      template: 'helm/kube-prometheus-stack.values.yaml.hbs',
      view: {
        platform: name,
        environment: environment.name,
        retention: settings.retention,
        // Prometheus' MB are powers of two.
        retentionSize: `${Math.floor((storage * FILLED) / MIB)}MB`,
        prometheus: { ...quantities({ cpu, memory }), storage: `${Math.ceil(storage / MIB)}Mi` },
        small: Object.fromEntries(Object.entries(SMALL).map(([part, asked]) => [part, quantities(asked)])),
        alertmanager: alertmanagerConfig(settings),
        secrets: readsSecret(settings) ? [RECEIVERS_SECRET.name] : [],
        grafana: GRAFANA_SECRET,
      },
    },
    provides: ['monitoring.coreos.com'],
    pods: footprints(platform, { cpu, memory, volume: Math.ceil(storage / GIB) }),
  };
}

function footprints({ environment: { nodes } }: Platform, prometheus: { cpu: number; memory: number; volume: number }): Footprint[] {
  const { alertmanager, grafana, operator, stateMetrics, nodeExporter } = SMALL;
  const count = nodes?.count ?? nodes?.min ?? 1;
  const most = nodes?.max;
  return [
    { name: 'prometheus', replicas: 1, cpu: prometheus.cpu, memory: prometheus.memory, volumes: [prometheus.volume] },
    { name: 'alertmanager', replicas: 1, ...alertmanager, volumes: [1] },
    { name: 'grafana', replicas: 1, cpu: grafana.cpu + GRAFANA_SIDECARS.cpu, memory: grafana.memory + GRAFANA_SIDECARS.memory },
    { name: 'prometheus-operator', replicas: 1, ...operator },
    { name: 'kube-state-metrics', replicas: 1, ...stateMetrics },
    { name: 'node-exporter', replicas: count, ...(most === undefined ? {} : { most }), ...nodeExporter },
  ];
}

/** As a container's resources are written. The limit leaves room for a burst: a container that meets it is killed. */
function quantities({ cpu, memory }: { cpu: number; memory: number }): { cpu: string; memory: string; memoryLimit: string } {
  return { cpu: `${cpu}m`, memory: `${Math.ceil(memory)}Mi`, memoryLimit: `${Math.ceil(memory * 2)}Mi` };
}
