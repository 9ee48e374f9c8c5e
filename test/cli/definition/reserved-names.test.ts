// Names that something else in the cluster has, or that Kubernetes would not take: refused with their place, before anything is made.
import { describe, expect, test } from 'vitest';
import { reservedNameProblems } from '../../../cli/definition/reserved-names.ts';
import { load, minimal, refusal } from '../../support/definition.ts';

const problems = (topics: string[], services: string[], platform: unknown = 'todo', inCluster = true): string[] => reservedNameProblems(platform, topics, services, inCluster).map(({ code, path, at }) => `${code} ${path.join('.')} ${at}`);
const bad = (where: string): string => `TODOCTL_DEFINITION_BAD_NAME ${where} key`;

describe('a service', () => {
  test.each(['tail', 'lag', 'keda', 'connect', 'mirror', 'admin'])('is not named like the user %s, whose rights it would get', (name) => {
    expect(problems([], [name])).toEqual([bad(`services.${name}`)]);
  });

  test.each(['kafka', 'entity-operator', 'kafka-exporter', 'cruise-control', 'kafka-connect', 'kafka-mirror-maker-2'])('is not named like Strimzi’s pods %s, which its Service would find', (name) => {
    expect(problems([], [name])).toEqual([bad(`services.${name}`)]);
  });

  test.each(['kafka', 'kafka-bootstrap', 'kafka-brokers', 'entity-operator', 'cruise-control', 'connect', 'connect-api', 'mirrormaker2'])('is not named like an object that Strimzi makes: todo-%s', (ending) => {
    expect(problems([], [`todo-${ending}`])).toEqual([bad(`services.todo-${ending}`)]);
    expect(problems([], [`todo-${ending}`], 'shop')).toEqual([]);
  });

  test('may be named nearly so', () => {
    expect(problems([], ['tails', 'kafka-admin', 'todo-kafkas', 'todo', 'connector'])).toEqual([]);
  });
});

describe('a topic', () => {
  test.each(['a..b', 'a.-b', 'a-.b'])('is an object of Kubernetes too, which cannot be named %s', (name) => {
    expect(problems([name], [])).toEqual([bad(`topics.${name}`)]);
  });

  test.each(['a.b', 'a-b.c', 'a--b', 'todo-connect', 'a'.repeat(200)])('may be named %s', (name) => {
    expect(problems([name], [])).toEqual([]);
  });

  test.each(['todo-connect-configs', 'todo-connect-offsets', 'todo-connect-status', 'todo-mirror-configs', 'todo-mirror-offsets', 'todo-mirror-status'])('is not %s, where workers keep what they know', (name) => {
    expect(problems([name], [])).toEqual([bad(`topics.${name}`)]);
  });
});

describe('a platform', () => {
  test('leaves room for what Kafka’s names add to its own, but only where there is such a Kafka', () => {
    const long = 'p'.repeat(43);
    expect(problems([], [], 'p'.repeat(42))).toEqual([]);
    expect(problems([], [], long)).toEqual(['TODOCTL_DEFINITION_BAD_NAME platform value']);
    expect(problems([], [], long, false)).toEqual([]);
  });

  test('whose name is no text is the schema’s to refuse', () => {
    expect(problems([], [], 7)).toEqual([]);
  });
});

describe('loading', () => {
  test('tells all of them at once, each with line and column, exit 2', async () => {
    const text = minimal('  prod: { provider: existing, context: c, auth: { jwks: "https://id.example.com" } }\n').replace('  task-events:', '  a..b: { key: task }\n  task-events:').replace('environments:', '  tail: {}\n  kafka: {}\nenvironments:');
    const error = await refusal(load(text));
    expect(error.exit).toBe(2);
    expect(error.details.filter((line) => line.includes('TODOCTL_'))).toEqual([
      'todoctl.yaml:3:3 TODOCTL_DEFINITION_BAD_NAME',
      'todoctl.yaml:7:3 TODOCTL_DEFINITION_BAD_NAME',
      'todoctl.yaml:8:3 TODOCTL_DEFINITION_BAD_NAME',
    ]);
  });

  test('a long name is fine for a platform that never leaves the laptop', async () => {
    const long = minimal().replace('platform: todo', `platform: ${'p'.repeat(60)}`);
    await expect(load(long)).resolves.toBeDefined();
    const cluster = long.replace('  local: { provider: local }', '  prod: { provider: existing, context: c, auth: { jwks: "https://id.example.com" } }');
    expect(await refusal(load(cluster, 'prod'))).toMatchObject({ code: 'TODOCTL_DEFINITION_BAD_NAME', details: ['todoctl.yaml:1:11'] });
  });
});
