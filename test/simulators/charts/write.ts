// Charts in the place of other people's, small enough for a test: the CRDs that they bring, and a pod that stands for what they run.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { Chart } from '../../../cli/systems/system.ts';
import { crdsOf } from './crds.ts';

/** Runs for ever and does nothing; every node of the tests has it. */
const IMAGE = 'localhost/pause:1';

/** Labels by which our own network policies and monitors find pods of these. */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  strimzi: { name: 'strimzi-cluster-operator', 'strimzi.io/kind': 'cluster-operator' },
};

/**
 * Writes a chart for each release below a folder, of the version that is pinned; answers them as `sources.charts` of an environment.
 * Each takes any values and has them in an annotation, so that others make another revision.
 */
export function writeCharts(folder: string, charts: readonly Pick<Chart, 'release' | 'chart' | 'version'>[]): Record<string, string> {
  return Object.fromEntries(charts.map(({ release, chart, version }) => {
    const place = path.join(folder, release);
    mkdirSync(path.join(place, 'templates'), { recursive: true });
    mkdirSync(path.join(place, 'crds'), { recursive: true });
    writeFileSync(path.join(place, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: chart.split('/').at(-1), version, description: `Stands in for ${release}` }));
    const crds = crdsOf(release);
    if (crds !== '') writeFileSync(path.join(place, 'crds', 'crds.yaml'), crds);
    writeFileSync(path.join(place, 'templates', 'deployment.yaml'), deploymentOf(release));
    return [release, place];
  }));
}

/** What the Pod Security Standard restricted takes. The values are a text of Helm's, which no YAML library may quote. */
function deploymentOf(release: string): string {
  const labels = { 'app.kubernetes.io/name': release, ...LABELS[release] };
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: release, labels, annotations: { 'stand-in/values': 'VALUES' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ name: 'stand-in', image: IMAGE, imagePullPolicy: 'IfNotPresent', resources: { requests: { cpu: '1m', memory: '4Mi' }, limits: { memory: '16Mi' } }, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } }],
        },
      },
    },
  }).replace('VALUES', '{{ .Values | toJson | sha256sum }}');
}
