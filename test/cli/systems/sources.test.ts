// Mirrors: where charts and images come from instead, without changing what is installed.
import fc from 'fast-check';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { withImageSources } from '../../../cli/systems/sources.ts';
import type { Chart } from '../../../cli/systems/system.ts';
import { refusal } from '../../support/definition.ts';
import { platformIn, renderedOf, tagsOf } from '../../support/rendered.ts';

const cluster = (sources: string, more = ''): Promise<Platform> =>
  platformIn('prod', `platform: todo\ntopics: { t: { key: task } }\nservices: { audit: { database: true, subscribes: [t] } }\nenvironments: { prod: { provider: existing, context: c${more}${sources === '' ? '' : `, sources: ${sources}`} } }\n`);
const chartsOf = (platform: Platform): Map<string, Chart> => new Map(systemsOf(platform, SYSTEMS, tagsOf(platform)).flatMap(({ charts = [] }) => charts.map((chart) => [chart.release, chart] as const)));

describe('charts', () => {
  test('come from where their systems say, unless the environment says otherwise', async () => {
    const charts = chartsOf(await cluster(''));
    expect(charts.get('strimzi')).toMatchObject({ chart: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator' });
    expect(charts.get('dapr')).toMatchObject({ chart: 'dapr', repository: 'https://dapr.github.io/helm-charts/' });
  });

  test.each([
    ['a repository', 'https://charts.example.com/dapr#dapr-mirrored', { chart: 'dapr-mirrored', repository: 'https://charts.example.com/dapr' }],
    ['an OCI registry', 'oci://registry.example.com/charts/dapr', { chart: 'oci://registry.example.com/charts/dapr' }],
    ['an absolute path', '/charts/dapr', { chart: '/charts/dapr' }],
    ['the home folder', '~/charts/dapr', { chart: '/home/me/charts/dapr' }],
  ])('from %s', async (_, source, expected) => {
    const before = chartsOf(await cluster('')).get('dapr');
    const { repository: _old, ...same } = before ?? ({} as Chart);
    expect(chartsOf(await cluster(`{ charts: { dapr: "${source}" } }`)).get('dapr')).toEqual({ ...same, ...expected });
  });

  test('from a folder beside todoctl.yaml', async () => {
    const platform = await cluster('{ charts: { strimzi: ./charts/strimzi.tgz } }');
    expect(chartsOf(platform).get('strimzi')?.chart).toBe(path.join(platform.root, 'charts/strimzi.tgz'));
  });

  test('one source changes one chart', async () => {
    const before = chartsOf(await cluster(''));
    const after = chartsOf(await cluster('{ charts: { dapr: /dapr } }'));
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [release, chart] of before) if (release !== 'dapr') expect(after.get(release)).toEqual(chart);
  });

  test('a render says where each comes from', async () => {
    const [file] = renderedOf(await cluster('{ charts: { dapr: "https://charts.example.com#dapr" } }')).filter(({ path: name }) => name === 'helm/releases.yaml');
    const { releases } = parse(file?.text ?? '') as { releases: { release: string }[] };
    expect(releases.find(({ release }) => release === 'dapr')).toMatchObject({ chart: 'dapr', repository: 'https://charts.example.com', version: '1.18.2' });
  });

  test('a release that the environment does not have is refused, with the nearest', async () => {
    const platform = await cluster('{ charts: { strimzy: /strimzi } }');
    const error = await refusal(Promise.resolve().then(() => systemsOf(platform, SYSTEMS, tagsOf(platform))));
    expect([error.code, error.message, error.next]).toEqual(['TODOCTL_SOURCE_UNKNOWN', 'environments.prod.sources.charts names the release strimzy, which prod does not have', ['Did you mean strimzi?']]);
    expect(error.details[0]).toContain('strimzi, dapr');
  });

  test.each([['"ftp://example.com/chart"'], ['"https://example.com/charts"'], ['"oci://x#y"'], ['"--post-renderer=x"'], ['" "'], ['7']])('%s is none', async (source) => {
    const error = await refusal(cluster(`{ charts: { dapr: ${source} } }`));
    expect(error.message + error.details.join('\n')).toContain('sources.charts.dapr');
  });

  test('an address with a password is refused and not repeated', async () => {
    const error = await refusal(cluster('{ charts: { dapr: "https://me:CANARY@example.com#dapr" } }'));
    expect(error.code).toBe('TODOCTL_SECRET_LITERAL');
    expect(JSON.stringify(error)).not.toContain('CANARY');
  });
});

describe('images', () => {
  test('are replaced in objects and in the values of charts, and nowhere else', async () => {
    const more = ', backup: { bucket: backups, region: nyc3 }';
    const from = renderedOf(await cluster('', more));
    const to = new Map(renderedOf(await cluster('{ images: { "postgres:18.4": "10.0.0.1:5000/postgres:18.4", "velero/velero-plugin-for-aws:v1.13.0": mirror/velero-plugin } }', more)).map(({ path: name, text }) => [name, text]));
    const changed = from.filter(({ path: name, text }) => to.get(name) !== text).map(({ path: name }) => name.replace(/\d\d-/, ''));
    expect(changed.sort()).toEqual(['helm/backup/velero.values.yaml', 'objects/backup/cronjob-postgres-dump.yaml', 'objects/postgres/stateful-set.yaml']);
    const lines = [...to.values()].flatMap((text) => text.match(/image: "?(?:10\.0\.0\.1:5000\/postgres:18\.4|mirror\/velero-plugin)"?$/gm) ?? []);
    expect(lines).toHaveLength(3);
  });

  test('one in quotes too, and never a part of one', async () => {
    const platform = await cluster('{ images: { "postgres:18.4": mirror/postgres } }');
    const replaced = (text: string): string => withImageSources(platform, text);
    expect(replaced('image: "postgres:18.4"\n')).toBe('image: "mirror/postgres"\n');
    expect(replaced('{ image: postgres:18.4, name: x }')).toBe('{ image: mirror/postgres, name: x }');
    for (const other of ['image: postgres:18.40', 'image: other/postgres:18.4', 'imageTag: postgres:18.4', 'text: "image postgres:18.4"']) expect(replaced(other)).toBe(other);
  });

  test('without sources every text stays as it is', async () => {
    const platform = await cluster('');
    fc.assert(fc.property(fc.string(), (text) => withImageSources(platform, `image: ${text}`) === `image: ${text}`));
  });

  test.each(['a b', '-x', '"x\\ny: z"'])('%s is none', async (image) => {
    const error = await refusal(cluster(`{ images: { "postgres:18.4": ${image} } }`));
    expect(error.message + error.details.join('\n')).toContain('sources.images');
  });
});
