// Charts in the place of other people's: one Deployment, the values as they were given, CRDs where they are wanted.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WantedRelease } from '../../cli/targets/cluster/compare/desired.ts';

const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} }, annotations: { values: {{ .Values | toJson | sha256sum }} } }
    spec: { containers: [{ name: main, image: localhost/pause:1 }] }
`;

/** Writes a small chart per release below a folder, each of the version that is pinned; answers `sources.charts` for todoctl.yaml. */
export async function writeSmallCharts(folder: string, releases: readonly Pick<WantedRelease, 'release' | 'version' | 'chart'>[], more: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(releases.map(async ({ release, version, chart }) => {
    const place = path.join(folder, release);
    const files = {
      'Chart.yaml': `apiVersion: v2\nname: ${chart.split('/').at(-1)}\nversion: ${version}\n`,
      'templates/deployment.yaml': TEMPLATE.replace('metadata:\n  name:', 'metadata:\n  labels: { app.kubernetes.io/managed-by: Helm }\n  name:'),
      ...more[release],
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(place, file)), { recursive: true });
      await writeFile(path.join(place, file), text);
    }
    return [release, place] as const;
  })));
}
