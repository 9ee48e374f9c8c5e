// The small charts of the tests: of the pinned version, with CRDs that their systems' objects fit, and pods that a restricted namespace takes.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { coreMistakes } from '../../support/core-kinds.ts';
import { platformIn, tagsOf } from '../../support/rendered.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { KubernetesObject } from '../../support/rendered.ts';
import { crdsOf } from './crds.ts';
import { writeCharts } from './write.ts';

const releases = async (environment: string) => {
  const platform = await platformIn(environment);
  return systemsOf(platform, SYSTEMS, tagsOf(platform)).flatMap(({ charts = [] }) => charts);
};

test.each(['staging', 'prod'])('every release of %s has one, with the name and version that Helm will record', async (environment) => {
  const wanted = await releases(environment);
  const charts = writeCharts(await temporaryFolder(), wanted);
  expect(Object.keys(charts)).toEqual(wanted.map(({ release }) => release));
  for (const { release, chart, version } of wanted) {
    expect(parse(readFileSync(path.join(charts[release] ?? '', 'Chart.yaml'), 'utf8'))).toMatchObject({ apiVersion: 'v2', name: chart.split('/').at(-1), version });
  }
});

test('their pods are what a restricted namespace takes, and an operator’s are found by our policies', async () => {
  const charts = writeCharts(await temporaryFolder(), await releases('prod'));
  for (const place of Object.values(charts)) {
    const text = readFileSync(path.join(place, 'templates/deployment.yaml'), 'utf8');
    expect(text).toContain('{{ .Values | toJson | sha256sum }}');
    expect(coreMistakes(parse(text.replace(/\{\{.*\}\}/, 'hash')) as KubernetesObject)).toEqual([]);
    expect(text).toMatch(/runAsNonRoot: true/);
  }
  expect(readFileSync(path.join(charts['strimzi'] ?? '', 'templates/deployment.yaml'), 'utf8')).toContain('strimzi.io/kind: cluster-operator');
});

test.each([
  ['strimzi', ['kafkas.kafka.strimzi.io', 'kafkanodepools.kafka.strimzi.io', 'kafkatopics.kafka.strimzi.io', 'kafkausers.kafka.strimzi.io']],
  ['kube-prometheus-stack', ['servicemonitors.monitoring.coreos.com', 'podmonitors.monitoring.coreos.com', 'prometheusrules.monitoring.coreos.com']],
  ['keda', ['scaledobjects.keda.sh', 'triggerauthentications.keda.sh']],
  ['cert-manager', ['certificates.cert-manager.io', 'clusterissuers.cert-manager.io']],
])('%s brings its kinds, each once', (chart, kinds) => {
  const names = parseAllDocuments(crdsOf(chart)).map((document) => (document.toJS() as { metadata?: { name: string } } | null)?.metadata?.name).filter((name) => name !== undefined);
  expect(names).toEqual(expect.arrayContaining(kinds));
  expect(new Set(names).size).toBe(names.length);
});

test('a chart without kinds of its own has no CRDs', async () => {
  const { jaeger = '' } = writeCharts(await temporaryFolder(), [{ release: 'jaeger', chart: 'jaeger', version: '4.11.1' }]);
  expect(readdirSync(path.join(jaeger, 'crds'))).toEqual([]);
});
