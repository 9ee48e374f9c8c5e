import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { lagOf } from './lag.ts';
import { type Chart, defineSystem, type Parts, type Pods, type System } from './system.ts';

const METRICS_SERVER = 'kube-system';
const KEDA = 'keda';

/** KEDA's pods that look into Kafka. */
export const KEDA_PODS: Pods = { namespace: KEDA, labels: { app: 'keda-operator' } };

const settings = z
  .strictObject({ metricsServer: z.boolean().exactOptional().describe('Whether metrics-server is installed; yes when left out, but not on Azure and Google, whose clusters have it.') })
  .prefault({});

/** Their clusters come with metrics-server, and what looks after it there would fight with another. */
const HAVE_IT: readonly Platform['environment']['provider'][] = ['azure', 'google'];

/** What measures CPU and memory of pods: autoscalers need it, and DigitalOcean's clusters come without. */
export const autoscaling = defineSystem({
  id: 'autoscaling',
  needs: [],
  settings,
  parts({ services, environment: { provider } }, { metricsServer: wanted = !HAVE_IT.includes(provider) }): Parts | undefined {
    return wanted && services.some(({ scale }) => scale) ? { charts: [metricsServer()] } : undefined;
  },
});

/** KEDA, which scales services by how far they are behind in Kafka; only where one is scaled so. */
export const keda: System = {
  id: 'keda',
  needs: ['autoscaling'],
  parts(platform): Parts | undefined {
    if (!platform.services.some((service) => lagOf(service))) return undefined;
    return {
      namespace: { name: KEDA, podSecurity: 'restricted' },
      charts: [kedaChart()],
      calls: [{ from: KEDA_PODS, to: ['kafka'] }],
    };
  },
};

function metricsServer(): Chart {
  return {
    release: 'metrics-server',
    namespace: METRICS_SERVER,
    chart: 'metrics-server',
    repository: 'https://kubernetes-sigs.github.io/metrics-server/',
    // The newest chart there is; it would bring 0.8.1.
    version: '3.13.1',
    values: { template: 'helm/metrics-server.values.yaml.hbs', view: { version: 'v0.9.0' } },
    provides: ['metrics.k8s.io'],
    pods: [{ name: 'metrics-server', replicas: 1, cpu: 50, memory: 96 }],
  };
}

function kedaChart(): Chart {
  return {
    release: KEDA,
    namespace: KEDA,
    chart: 'keda',
    repository: 'https://kedacore.github.io/charts',
    version: '2.20.2',
    values: { template: 'helm/keda.values.yaml.hbs', view: {} },
    provides: ['keda.sh', 'eventing.keda.sh', 'external.metrics.k8s.io'],
    pods: [
      { name: 'keda-operator', replicas: 1, cpu: 50, memory: 128 },
      { name: 'keda-operator-metrics-apiserver', replicas: 1, cpu: 25, memory: 96 },
      { name: 'keda-admission-webhooks', replicas: 1, cpu: 10, memory: 64 },
    ],
  };
}
