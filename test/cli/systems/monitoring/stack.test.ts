// The system as an environment has it: values of the chart, what is counted before money is spent, what is read and by whom.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../../cli/definition/platform.ts';
import { monitoring } from '../../../../cli/systems/monitoring.ts';
import { hasMonitoring } from '../../../../cli/systems/monitoring/settings.ts';
import type { Parts } from '../../../../cli/systems/system.ts';
import { objectsIn, platformIn, renderedOf } from '../../../support/rendered.ts';

const OWN = (settings: string): string =>
  `platform: shop\ntopics: { orders: { key: task } }\nservices: { web: { route: /, publishes: [orders] } }\nenvironments: { prod: { provider: existing, context: mine, cluster: some-uid, auth: { jwks: https://id.example.com/keys }, ${settings} } }\n`;
const shop = (settings = 'monitoring: {}'): Promise<Platform> => platformIn('prod', OWN(settings));
const partsOf = (platform: Platform): Parts => monitoring.parts(platform, {}) ?? {};
const valuesOf = (platform: Platform): Values => parse(renderedOf(platform).find(({ path }) => path.endsWith('kube-prometheus-stack.values.yaml'))?.text ?? '') as Values;

interface Values {
  prometheus: { prometheusSpec: { retention: string; retentionSize: string; resources: { requests: object }; storageSpec: { volumeClaimTemplate: { spec: { resources: { requests: { storage: string } } } } } } & Record<string, unknown> };
  grafana: { admin: object; adminPassword?: string };
  defaultRules: { disabled: object };
  [part: string]: unknown;
}

describe('values', () => {
  test('seven days, unless told otherwise', async () => {
    expect(valuesOf(await shop()).prometheus.prometheusSpec.retention).toBe('7d');
    expect(valuesOf(await shop('monitoring: { retention: 14d }')).prometheus.prometheusSpec.retention).toBe('14d');
  });

  test('samples never fill the disk', async () => {
    const { retentionSize, storageSpec } = valuesOf(await shop('monitoring: { storage: 40GiB }')).prometheus.prometheusSpec;
    expect(storageSpec.volumeClaimTemplate.spec.resources.requests.storage).toBe('40960Mi');
    expect(retentionSize).toBe('34816MB');
  });

  test('every monitor and rule is read, whoever made it', async () => {
    const spec = valuesOf(await shop()).prometheus.prometheusSpec;
    const selectors = Object.entries(spec).filter(([key]) => key.endsWith('SelectorNilUsesHelmValues'));
    expect(selectors).toEqual(['rule', 'serviceMonitor', 'podMonitor', 'probe', 'scrapeConfig'].map((kind) => [`${kind}SelectorNilUsesHelmValues`, false]));
  });

  test('what a managed control plane shows nobody is not asked for', async () => {
    const values = valuesOf(await shop());
    for (const part of ['kubeEtcd', 'kubeScheduler', 'kubeControllerManager', 'kubeProxy']) expect(values[part]).toEqual({ enabled: false });
  });

  test('Grafana’s password is in a Secret', async () => {
    const { admin, adminPassword } = valuesOf(await shop()).grafana;
    expect(admin).toEqual({ existingSecret: 'grafana-admin', userKey: 'admin-user', passwordKey: 'admin-password' });
    expect(adminPassword).toBeUndefined();
  });

  test('alerts that ours replace do not come twice', async () => {
    expect(valuesOf(await shop()).defaultRules.disabled).toEqual({ KubePodNotReady: true, KubePersistentVolumeFillingUp: true });
  });
});

describe('what it costs', () => {
  test('is less where Kafka has one broker', async () => {
    const [small, large] = await Promise.all(['staging', 'prod'].map(async (name) => partsOf(await platformIn(name)).charts?.[0]?.pods ?? []));
    const sum = (pods: typeof small): number => (pods ?? []).reduce((all, { cpu, memory, replicas }) => all + replicas * (cpu + memory), 0);
    expect(sum(small)).toBeLessThan(sum(large) * 0.75);
  });

  test('counts a node-exporter for each node, and every volume', async () => {
    const pods = partsOf(await platformIn('prod')).charts?.[0]?.pods ?? [];
    expect(pods.find(({ name }) => name === 'node-exporter')).toMatchObject({ replicas: 3, most: 5 });
    expect(pods.flatMap(({ volumes = [] }) => volumes)).toEqual([20, 1]);
  });

  test('is what the pods really ask for', async () => {
    const platform = await shop('monitoring: { memory: 2GiB }');
    const asked = partsOf(platform).charts?.[0]?.pods.find(({ name }) => name === 'prometheus');
    expect(valuesOf(platform).prometheus.prometheusSpec.resources.requests).toEqual({ cpu: `${asked?.cpu}m`, memory: `${asked?.memory}Mi` });
    expect(asked?.memory).toBe(2048);
  });
});

describe('what is read', () => {
  const monitors = (platform: Platform): unknown[] =>
    objectsIn(renderedOf(platform)).filter(({ kind, metadata }) => kind === 'PodMonitor' && metadata.labels?.['todoctl.io/system'] === 'monitoring').map(({ metadata }) => metadata.name);

  test('Kafka, its operators, the control plane of Dapr and cert-manager', async () => {
    expect(monitors(await platformIn('prod'))).toEqual(['kafka', 'kafka-entity-operator', 'strimzi', 'dapr-system', 'cert-manager']);
  });

  test('only what is there', async () => {
    expect(monitors(await shop('monitoring: {}, kafka: { bootstrap: "kafka:9092" }'))).toEqual(['dapr-system']);
  });

  test('Prometheus may call what serves metrics', async () => {
    expect(partsOf(await platformIn('prod')).calls).toEqual([{ from: { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } }, to: ['metrics'] }]);
  });
});

describe('switched off', () => {
  test('leaves nothing behind', async () => {
    const off = await shop('monitoring: { enabled: false }');
    expect(hasMonitoring(off)).toBe(false);
    expect(monitoring.parts(off, {})).toBeUndefined();
    expect(renderedOf(off).filter(({ text }) => text.includes('monitoring.coreos.com')).map(({ path }) => path)).toEqual([]);
  });

  test('is so on a laptop, where no system has settings', async () => {
    const platform = await shop();
    expect(hasMonitoring({ ...platform, environment: { ...platform.environment, systems: {} } })).toBe(false);
  });
});
