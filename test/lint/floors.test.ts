import { Linter } from 'eslint';
import { describe, expect, test } from 'vitest';
import { floors, refuse } from './floors.js';

describe('imports go down', () => {
  test.each([
    ['cli/commands/deploy.ts', 'cli/operations/deploy.ts'],
    ['cli/commands/deploy.ts', 'cli/base-command.ts'],
    ['cli/base-command.ts', 'cli/views/error.ts'],
    ['cli/fast-path.ts', 'cli/views/explain.ts'],
    ['cli/views/status.ts', 'cli/operations/status.ts'],
    ['cli/operations/deploy.ts', 'cli/targets/target.ts'],
    ['cli/targets/local/target.ts', 'cli/render/artefacts.ts'],
    ['cli/render/artefacts.ts', 'cli/systems/dapr.ts'],
    ['cli/systems/dapr.ts', 'cli/definition/platform.ts'],
    ['cli/definition/load.ts', 'cli/errors/nearest.ts'],
    ['cli/kafka/reader.ts', 'cli/io/clock.ts'],
  ])('%s may import %s', (from, to) => {
    expect(refuse(from, to)).toBeUndefined();
    expect(refuse(to, from)).toMatch(/imports go down only$/);
  });

  test.each([
    ['cli/kafka/reader.ts', 'cli/kubernetes/port-forward.ts'],
    ['cli/broker/main.ts', 'cli/sidecar/main.ts'],
    ['cli/errors/catalogue.ts', 'cli/io/io.ts'],
  ])('rooms of one floor do not see each other: %s, %s', (from, to) => {
    expect(refuse(from, to)).toMatch(/imports go down only$/);
  });

  test('a room sees itself', () => {
    expect(refuse('cli/definition/load.ts', 'cli/definition/schema.ts')).toBeUndefined();
    expect(refuse('cli/targets/local/deploy.ts', 'cli/targets/target.ts')).toBeUndefined();
  });

  test('a name that only begins like a room is another room', () => {
    expect(refuse('cli/engineering/x.ts', 'cli/commands/deploy.ts')).toBeUndefined();
    expect(refuse('cli/engine/x.ts', 'cli/commands/deploy.ts')).toBeDefined();
  });
});

describe('processes read files and speak protocols', () => {
  test.each([
    ['cli/broker/main.ts', 'cli/definition/load.ts'],
    ['cli/sidecar/main.ts', 'cli/definition/load.ts'],
    ['cli/kafka/reader.ts', 'cli/definition/load.ts'],
    ['cli/kafka/reader.ts', 'cli/engine/step.ts'],
  ])('%s never sees %s', (from, to) => {
    expect(refuse(from, to)).toMatch(/never imports/);
  });
});

describe('between the CLI and the services', () => {
  test.each([
    ['services/task-api/main.ts', 'cli/errors/catalogue.ts', 'services never import from cli/'],
    ['services/task-api/main.ts', 'services/audit/service.ts', 'a service never imports another service'],
    ['services/kit/http/server.ts', 'services/task-api/task.ts', 'the kit knows no service'],
    ['services/contracts/events.ts', 'services/kit/log.ts', 'contracts stand alone'],
    ['cli/operations/deploy.ts', 'services/kit/http/server.ts', 'cli may import only services/contracts'],
    ['cli/operations/deploy.ts', 'services/task-api/task.ts', 'cli may import only services/contracts'],
    ['cli/broker/main.ts', 'services/kit/database.ts', 'cli may import only services/contracts, services/kit/http, services/kit/log, services/kit/metrics'],
  ])('%s may not import %s', (from, to, reason) => {
    expect(refuse(from, to)).toBe(reason);
  });

  test.each([
    ['services/task-api/main.ts', 'services/kit/http/server.ts'],
    ['services/task-api/main.ts', 'services/contracts/names.ts'],
    ['services/kit/relay.ts', 'services/contracts/names.ts'],
    ['cli/kafka/produce.ts', 'services/contracts/names.ts'],
    ['cli/broker/main.ts', 'services/kit/log.ts'],
    ['cli/sidecar/main.ts', 'services/kit/http/server.ts'],
    ['cli/targets/local/gateway/main.ts', 'services/kit/log.ts'],
  ])('%s may import %s', (from, to) => {
    expect(refuse(from, to)).toBeUndefined();
  });
});

describe('the rule', () => {
  function lint(code: string, filename: string): string[] {
    const linter = new Linter({ cwd: '/project' });
    const config: Linter.Config = { files: ['**/*.ts'], plugins: { house: { rules: { floors } } }, rules: { 'house/floors': 'error' } };
    return linter.verify(code, [config], `/project/${filename}`).map(({ line, message }) => `${line} ${message}`);
  }

  test.each(["import { a } from '../commands/deploy.ts';", "export { a } from '../commands/deploy.ts';", "export * from '../commands/deploy.ts';", "const a = await import('../commands/deploy.ts');"])(
    'sees %s',
    (code) => {
      expect(lint(code, 'cli/io/io.ts')).toEqual(['1 cli/io (floor 1) may not import cli/commands (floor 8): imports go down only']);
    },
  );

  test('looks at the project’s own files only', () => {
    expect(lint("import 'yaml'; import 'node:fs';", 'cli/io/io.ts')).toEqual([]);
  });

  test('leaves tests alone', () => {
    expect(lint("import '../../../cli/commands/deploy.ts';", 'test/cli/io/io.test.ts')).toEqual([]);
  });
});
