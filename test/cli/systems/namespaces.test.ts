// The namespaces of an environment, and what may run in the app's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { namespaceArtefacts } from '../../../cli/systems/namespaces.ts';
import type { Chart, Footprint, Parts } from '../../../cli/systems/system.ts';
import type { KubernetesObject } from '../../support/rendered.ts';

const platform = { name: 'todo', environment: { name: 'prod', provider: 'existing', protected: false, ports: {}, systems: {} } } as unknown as Platform;
const templates = openTemplates();
const objectsOf = (systems: readonly Parts[]): KubernetesObject[] =>
  namespaceArtefacts(platform, systems).map(({ template, view }) => parse(templates.fill(template, { namespace: 'todo', labels: {}, ...view })) as KubernetesObject);
const hardOf = (systems: readonly Parts[]): Record<string, string | number> => (objectsOf(systems).find(({ kind }) => kind === 'ResourceQuota')?.['spec'] as { hard: Record<string, string | number> }).hard;
const chartIn = (namespace: string, pods: readonly Footprint[]): Chart => ({ release: 'r', namespace, chart: 'c', version: '1', values: { template: 't', view: {} }, provides: [], pods });

test('each namespace is there once, with the standard that its system asks for; the app’s is restricted', () => {
  const systems: Parts[] = [{ namespace: { name: 'monitoring', podSecurity: 'privileged' } }, {}, { namespace: { name: 'monitoring', podSecurity: 'privileged' } }];
  const namespaces = objectsOf(systems).filter(({ kind }) => kind === 'Namespace');
  expect(namespaces.map(({ metadata }) => [metadata.name, metadata.labels?.['pod-security.kubernetes.io/enforce']])).toEqual([
    ['todo', 'restricted'],
    ['monitoring', 'privileged'],
  ]);
});

describe('the quota of the app’s namespace', () => {
  test('is what may run at most, half as much again for a release, and room for jobs', () => {
    expect(hardOf([{ pods: [{ name: 'api', replicas: 2, most: 10, cpu: 100, memory: 200 }] }, { charts: [chartIn('todo', [{ name: 'db', replicas: 3, cpu: 250, memory: 512 }])] }])).toEqual({
      pods: 13 * 1.5 + 0.5 + 20,
      'requests.cpu': `${1750 * 1.5 + 2000}m`,
      'requests.memory': `${3536 * 1.5 + 4096}Mi`,
      'services.loadbalancers': 2,
    });
  });

  test('does not count what runs elsewhere', () => {
    expect(hardOf([{ charts: [chartIn('monitoring', [{ name: 'prometheus', replicas: 9, cpu: 9000, memory: 9000 }])] }])).toEqual(hardOf([]));
  });

  test('always holds all that the systems say', () => {
    const footprint = fc.record({ name: fc.constant('x'), replicas: fc.integer({ min: 0, max: 30 }), cpu: fc.integer({ min: 0, max: 4000 }), memory: fc.integer({ min: 0, max: 9000 }) });
    fc.assert(
      fc.property(fc.array(footprint), (pods) => {
        const hard = hardOf([{ pods }]);
        const sum = (of: (pod: Footprint) => number): number => pods.reduce((total, pod) => total + pod.replicas * of(pod), 0);
        expect(Number(hard['pods'])).toBeGreaterThan(sum(() => 1));
        expect(Number.parseInt(String(hard['requests.cpu']))).toBeGreaterThan(sum(({ cpu }) => cpu));
        expect(Number.parseInt(String(hard['requests.memory']))).toBeGreaterThan(sum(({ memory }) => memory));
      }),
    );
  });
});

test('a container that asks for nothing is counted, and nobody gets a limit that he did not ask for', () => {
  expect(objectsOf([]).find(({ kind }) => kind === 'LimitRange')?.['spec']).toEqual({ limits: [{ type: 'Container', defaultRequest: { cpu: '50m', memory: '64Mi' } }] });
});
