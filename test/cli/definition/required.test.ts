// What an environment cannot do without depends on who provides its cluster; all that is missing is said at once, with its place.
import { describe, expect, test } from 'vitest';
import { load, refusal, transcript } from '../../support/definition.ts';

const yaml = (environment: string): string => `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { route: /api, publishes: [task-events] }
environments:
  prod:
    ${environment}
`;

test('everything that is missing, at once, with line and column', async () => {
  expect(await transcript(yaml('provider: digitalocean\n    nodes: { count: 3 }'), 'prod')).toMatchInlineSnapshot(`
    "
    Error todoctl.yaml has 3 mistakes
          todoctl.yaml:7:3 TODOCTL_DEFINITION_MISSING_KEY
            region is missing in environments.prod, which is of provider
            digitalocean
          todoctl.yaml:7:3 TODOCTL_ROUTE_WITHOUT_AUTH
            prod opens /api to the public and has no auth
          todoctl.yaml:9:5 TODOCTL_DEFINITION_MISSING_KEY
            size is missing in environments.prod.nodes, which is of provider
            digitalocean
    Why   The whole file is checked before anything is changed. Every mistake is
          listed with its place and its own code.
    Next  Correct the places listed above.
          An editor with a YAML language server checks the file against
          docs/todoctl.schema.json while you type.
    Code  TODOCTL_DEFINITION_INVALID (todoctl explain TODOCTL_DEFINITION_INVALID)
    "
  `);
});

describe('what each provider asks for', () => {
  const auth = 'auth: { jwks: https://id.example.com/keys }';
  const missing = async (environment: string): Promise<string[]> => {
    const error = await refusal(load(yaml(`${environment}\n    ${auth}`), 'prod'));
    const words = [error.message, ...error.details].join(' ');
    return [...words.matchAll(/(\w+) is missing in environments\.prod(\.\w+)?/g)].map(([, key, inside = '']) => `${inside.slice(1)}${inside ? '.' : ''}${key}`).sort();
  };

  test.each(['digitalocean', 'azure', 'google', 'oracle'])('%s: region and nodes', async (provider) => {
    expect(await missing(`provider: ${provider}`)).toEqual(['nodes', 'region']);
    expect(await missing(`provider: ${provider}\n    region: nyc3\n    nodes: {}`)).toEqual(['nodes.count', 'nodes.size']);
    await expect(load(yaml(`provider: ${provider}\n    region: nyc3\n    nodes: { size: s, count: 1 }\n    ${auth}`), 'prod')).resolves.toMatchObject({ environment: { region: 'nyc3' } });
  });

  test('existing: which cluster', async () => {
    expect(await missing('provider: existing')).toEqual(['context']);
    await expect(load(yaml(`provider: existing\n    context: mine\n    ${auth}`), 'prod')).resolves.toMatchObject({ environment: { context: 'mine' } });
  });

  test('an environment that nobody asks for may be half written', async () => {
    await expect(load(`${yaml('provider: digitalocean')}  local: { provider: local }\n`, 'local')).resolves.toMatchObject({ environment: { name: 'local' } });
  });
});
