// Mistakes in the blocks that systems add to an environment, in the words in which they are told.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlatform } from '../../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS } from '../../../cli/systems/all.ts';
import { refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What is said of an environment with this block: the code, the place and the words of each mistake. */
async function told(block: string): Promise<string[]> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { publishes: [task-events] }
environments:
  prod:
    provider: digitalocean
    ${block}
`);
  const { code, message, details } = await refusal(loadPlatform({ cwd, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS }));
  if (code !== 'TODOCTL_DEFINITION_INVALID') return [`${details[0]} ${code}: ${message}`.replace('todoctl.yaml:', '').replace('TODOCTL_', '')];
  return details.flatMap((line, index) => (index % 2 === 0 ? [`${line}: ${details[index + 1]?.trim()}`.replace('todoctl.yaml:', '').replace('TODOCTL_', '')] : []));
}

describe('a value that can be of several kinds: all of them are named', () => {
  test.each([
    ['delivery: argo', '9:15 DEFINITION_BAD_VALUE: environments.prod.delivery takes direct or a map with argocd, not "argo"'],
    ['delivery: [argocd]', '9:15 DEFINITION_BAD_VALUE: environments.prod.delivery takes direct or a map with argocd, not a list'],
    ['kafka: { brokers: 2 }', '9:23 DEFINITION_BAD_VALUE: environments.prod.kafka.brokers takes 1, or 3 and more, not 2'],
    ['kafka: { brokers: 0 }', '9:23 DEFINITION_BAD_VALUE: environments.prod.kafka.brokers takes 1, or 3 and more, not 0'],
    ['kafka: { brokers: 100 }', '9:23 DEFINITION_BAD_VALUE: environments.prod.kafka.brokers is at most 99, not 100'],
    ['kafka: { brokers: three }', '9:23 DEFINITION_BAD_VALUE: environments.prod.kafka.brokers takes 1 or a number, not "three"'],
    ['mirror: dr', '9:13 DEFINITION_WRONG_TYPE: environments.prod.mirror wants a map with from, bootstrap, mechanism, user, tls, ca, topics, identity, tasks, to, not a text'],
    ['auth: x', '9:11 DEFINITION_WRONG_TYPE: environments.prod.auth wants a map with jwks, issuer, audience, key, not a text'],
  ])('%s', async (block, expected) => {
    expect(await told(block)).toEqual([expected]);
  });
});

describe('keys of which one is needed: both are named', () => {
  test.each([
    ['mirror: {}', ['9:5 DEFINITION_MISSING_KEY: from or to is missing in environments.prod.mirror', '9:5 DEFINITION_MISSING_KEY: bootstrap is missing in environments.prod.mirror']],
    ['mirror: { to: dr }', ['9:5 DEFINITION_MISSING_KEY: bootstrap is missing in environments.prod.mirror']],
    ['auth: {}', ['9:5 DEFINITION_MISSING_KEY: jwks or key is missing in environments.prod.auth']],
    ['delivery: { argo: {} }', ['9:5 DEFINITION_MISSING_KEY: argocd is missing in environments.prod.delivery', '9:17 DEFINITION_UNKNOWN_KEY: argo is not a key of environments.prod.delivery; did you mean argocd?']],
    ['delivery: { argocd: {} }', ['9:17 DEFINITION_MISSING_KEY: repository is missing in environments.prod.delivery.argocd']],
  ])('%s', async (block, expected) => {
    expect(await told(block)).toEqual(expected);
  });
});

describe('a key that is unknown: the near one is offered, or all are named, whatever the schema is wrapped in', () => {
  test.each([
    ['certificates: { mail: a@example.com }', '9:21 DEFINITION_UNKNOWN_KEY: mail is not a key of environments.prod.certificates; did you mean email?'],
    ['monitoring: { grafana: 1 }', /^9:19 DEFINITION_UNKNOWN_KEY: grafana is not a key of environments\.prod\.monitoring; it takes enabled, /],
    ['connectors: { c: { class: x, conf: {} } }', '9:34 DEFINITION_UNKNOWN_KEY: conf is not a key of environments.prod.connectors.c; did you mean config?'],
  ])('%s', async (block, expected) => {
    expect(await told(block)).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  test('no block is left whose keys nobody can name', async () => {
    for (const id of Object.keys(SYSTEM_SCHEMAS)) expect((await told(`${id}: { zzzzzzzz: 1 }`)).join('\n'), id).not.toMatch(/it takes $|wants {2}/m);
  });
});

describe('keys that would be passed over in silence', () => {
  test.each([
    ['connectors: { __proto__: { class: x } }', '9:19 DEFINITION_BAD_NAME: __proto__ cannot be a name'],
    ['services: { __proto__: { replicas: 2 } }', '9:17 SERVICE_UNDECLARED: the service __proto__ is not declared'],
    ['tracing: { __proto__: { sampling: 1 } }', expect.stringMatching(/^9:16 DEFINITION_UNKNOWN_KEY: __proto__ is not a key of environments.prod.tracing; it takes /)],
    ['tracing: { <<: { sampling: 1 } }', '9:16 DEFINITION_UNKNOWN_KEY: a merge (<<) is not read: it is not of YAML 1.2; write the keys themselves'],
  ])('%s', async (block, expected) => {
    expect(await told(block)).toEqual([expected]);
  });
});

describe('an address with a password would be rendered as it stands: it is refused, and not repeated', () => {
  test.each([
    ['auth: { jwks: "https://me:CANARY@id.example.com/keys" }', '9:19', 'auth.jwks'],
    ['auth: { jwks: "https://CANARY@id.example.com/keys" }', '9:19', 'auth.jwks'],
    ['delivery: { argocd: { repository: "https://me:CANARY@git.example.com/a.git" } }', '9:39', 'delivery.argocd.repository'],
    ['certificates: { server: "https://me:CANARY@acme.example.com/directory" }', '9:29', 'certificates.server'],
  ])('%s', async (block, place, key) => {
    expect(await told(block)).toEqual([`${place} SECRET_LITERAL: environments.prod.${key} holds a secret itself; write the address without user and password`]);
  });

  test.each(['delivery: { argocd: { repository: "git@git.example.com:a/b.git" } }', 'delivery: { argocd: { repository: "https://git.example.com/~me@home/a.git" } }'])('%s has none', async (block) => {
    // The environment lacks its region and nodes, and that is all.
    expect((await told(block)).filter((line) => !line.includes('of provider digitalocean'))).toEqual([]);
  });
});

describe('a value of the wrong form: what it is for is said', () => {
  test.each([
    ['tracing: { endpoint: "a b" }', '9:26 DEFINITION_BAD_VALUE: environments.prod.tracing.endpoint cannot be this; it says: Where traces go instead of a Jaeger in the cluster: host:port for otlp, a URL for zipkin.'],
    ['gateway: { timeout: 1h }', '9:25 DEFINITION_BAD_VALUE: environments.prod.gateway.timeout cannot be this; it says: Longest time of a request, like 60s; sockets have no end.'],
    ['delivery: { argocd: { repository: a } }', '9:39 DEFINITION_BAD_VALUE: environments.prod.delivery.argocd.repository cannot be this; it says: Git repository that holds the rendered files, by https:// or git@.'],
  ])('%s', async (block, expected) => {
    expect(await told(block)).toEqual([expected]);
  });
});
