// Names that the schema lets through and a cluster would not: each is refused at its place.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { kubernetesNameProblems, TAKEN_NAMESPACES } from '../../../cli/definition/kubernetes-names.ts';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { load, minimal, refusal } from '../../support/definition.ts';
import { clusterDefinitions } from '../../support/definitions.ts';
import { platformIn } from '../../support/rendered.ts';

const messages = (services: Record<string, string[]>, platform: unknown = 'todo', inCluster = true): string[] =>
  kubernetesNameProblems(platform, new Map(Object.entries(services)), inCluster).map(({ message }) => message);

describe('of services', () => {
  test('room for the Service that Dapr makes', () => {
    expect(messages({ ['a'.repeat(58)]: [] })).toEqual([]);
    expect(messages({ ['a'.repeat(59)]: [] })).toEqual(['a service has a name of at most 58 characters, for Dapr makes a longer one of it; this one has 59']);
    // What the schema refuses is not said twice.
    expect(messages({ ['a'.repeat(64)]: [] })).toEqual([]);
  });

  test.each(['default', 'postgres', 'postgres-dump', 'valkey', 'todo-nobody', 'todo-smoke', 'cilium-gateway-todo'])('%s is somebody else’s', (service) => {
    expect(messages({ [service]: [] })).toEqual([`${service} is the name of something else in the cluster`]);
  });

  test('names that only look so', () => {
    expect(messages({ 'postgres-api': [], 'todo-api': [], nobody: [], 'todo-web-dapr': [], web: [] })).toEqual([]);
  });

  test('the sidecars of another', () => {
    expect(messages({ web: [], 'web-dapr': [] })).toEqual(['web-dapr is what Dapr calls the sidecars of web']);
  });

  test('a subscription’s object is named after both ends', () => {
    const service = 'a'.repeat(58);
    expect(messages({ [service]: ['t'.repeat(194)] })).toEqual([]);
    expect(messages({ [service]: ['t'.repeat(195)] })).toEqual([`${service} with ${'t'.repeat(195)} would be an object of Kubernetes with a name of more than 253 characters`]);
  });
});

describe('of the platform', () => {
  test.each(['default', 'kube-system', 'kube-anything', 'dapr-system', 'monitoring'])('%s is a namespace of others', (platform) => {
    expect(messages({}, platform)).toEqual([`the platform would live in the namespace ${platform}, which is somebody else’s`]);
    expect(messages({}, platform, false)).toEqual([]);
  });

  test('what is no text is left to the schema', () => {
    expect(messages({}, 7)).toEqual([]);
    expect(messages({}, undefined)).toEqual([]);
  });

  test('every namespace that a system lives in is taken', async () => {
    const used: string[] = [];
    for (const drawn of fc.sample(clusterDefinitions, { seed: 1, numRuns: 30 })) {
      const platform = await platformIn('far', stringify(drawn));
      const tags = Object.fromEntries(platform.services.map(({ name }) => [name, 'tag']));
      used.push(...systemsOf(platform, SYSTEMS, tags).flatMap(({ namespace }) => namespace?.name ?? []));
    }
    expect(new Set(used).size).toBeGreaterThan(7);
    expect(new Set(used).difference(new Set(TAKEN_NAMESPACES))).toEqual(new Set());
  });
});

test('the place of each is found in the file', async () => {
  const text = minimal().replace('  task-api: {', '  postgres: {').replace('  local: {', '  far: { provider: existing, context: c, auth: { key: { env: K } } }\n  local: {').replace('platform: todo', 'platform: monitoring');
  expect((await refusal(load(text))).details).toEqual([
    'todoctl.yaml:1:11 TODOCTL_DEFINITION_BAD_NAME',
    '  the platform would live in the namespace monitoring, which is somebody else’s',
    'todoctl.yaml:5:3 TODOCTL_DEFINITION_BAD_NAME',
    '  postgres is the name of something else in the cluster',
  ]);
});
