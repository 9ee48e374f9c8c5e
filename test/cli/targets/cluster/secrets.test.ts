// The Secrets that deploy makes: each that a rendered environment names, made once and kept, and changed only where what they refer to did.
import { describe, expect, test } from 'vitest';
import type { Platform, SecretReference } from '../../../../cli/definition/platform.ts';
import { adminSecrets, changedKeys, databaseSecret, kafkaSecrets, ownSecrets, pullSecret, secretObject, type Values, valuesIn, type WantedSecret } from '../../../../cli/targets/cluster/secrets.ts';
import { hiddenIn } from '../../../../cli/targets/cluster/shown-keys.ts';
import { platformIn } from '../../../support/rendered.ts';

const definition = (environment: string): string => `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { route: /api, publishes: [task-events], database: true, state: true }
environments:
  local: { provider: local }
  far: { provider: existing, context: admin, registry: { server: ghcr.io, repository: me/todo }, ${environment} }
`;
const far = (environment = 'auth: { jwks: https://id.example.com/keys }'): Promise<Platform> => platformIn('far', definition(environment));
const never = (): Promise<string> => Promise.reject(new Error('nothing is referred to'));
const named = (secrets: readonly WantedSecret[], name: string): WantedSecret => {
  const found = secrets.find((secret) => secret.name === name);
  if (!found) throw new Error(`no Secret ${name}`);
  return found;
};
const of = async (platform: Platform, name: string, now: Values = {}, read: (reference: SecretReference) => Promise<string> = never): Promise<Values> => named(ownSecrets(platform), name).values(now, read);

describe('what is made once', () => {
  test('tokens between services and sidecars are random, and kept as they are', async () => {
    const platform = await far();
    const [one, other] = [await of(platform, 'dapr-api-token'), await of(platform, 'dapr-api-token')];
    expect(one['token']).toMatch(/^[\w-]{32}$/);
    expect(one['token']).not.toBe(other['token']);
    expect(await of(platform, 'dapr-api-token', one)).toEqual(one);
    expect(Object.keys(await of(platform, 'app-api-token'))).toEqual(['token']);
  });

  test('a database in the cluster keeps its password for ever; its addresses hold it', async () => {
    const platform = await far();
    const made = await of(platform, 'postgres');
    expect(Object.keys(made).sort()).toEqual(['direct-uri', 'password', 'uri']);
    expect(made['uri']).toBe(`postgres://todo_user:${made['password']}@postgres.todo.svc:5432/todoapp`);
    expect(await of(platform, 'postgres', { password: 'kept', uri: 'of an older version' })).toMatchObject({ password: 'kept', uri: 'postgres://todo_user:kept@postgres.todo.svc:5432/todoapp' });
  });

  test('the first user of Grafana, where there is one', async () => {
    const watched = await far('auth: { jwks: https://id.example.com/keys }, monitoring: { enabled: true }');
    expect(await of(watched, 'grafana-admin', { 'admin-password': 'changed by hand' })).toEqual({ 'admin-user': 'admin', 'admin-password': 'changed by hand' });
    const unwatched = await far('auth: { jwks: https://id.example.com/keys }, monitoring: { enabled: false }');
    expect(ownSecrets(unwatched).map(({ name }) => name)).not.toContain('grafana-admin');
  });
});

describe('what the definition refers to', () => {
  test('is what that says today: a new value takes the place of the old', async () => {
    const platform = await far('auth: { key: { env: KEY } }, postgres: { url: { env: URL } }');
    const read = async (reference: SecretReference): Promise<string> => ('env' in reference ? `value of ${reference.env}` : '');
    expect(await of(platform, 'auth', { key: 'old' }, read)).toEqual({ key: 'value of KEY' });
    expect(await of(platform, 'postgres', { uri: 'old' }, read)).toEqual({ uri: 'value of URL', 'direct-uri': 'value of URL' });
  });

  test('receivers of alerts have a key each, where they are asked for', async () => {
    const platform = await far('auth: { jwks: https://id.example.com/keys }, monitoring: { enabled: true, slack: { webhook: { env: SLACK } } }');
    expect(await of(platform, 'alertmanager-receivers', {}, async () => 'hook')).toEqual({ slack: 'hook' });
  });
});

describe('what a provider tells', () => {
  test('is put where services read it', async () => {
    const platform = await far();
    expect(await databaseSecret(platform, { uri: 'pooled', directUri: 'direct' }).values({}, never)).toEqual({ uri: 'pooled', 'direct-uri': 'direct' });
    expect(adminSecrets(platform, { uri: 'pooled', directUri: 'direct' })).toEqual([]);
    const [admin] = adminSecrets(platform, { uri: '', directUri: '', adminUri: 'postgresql://doadmin:a%2Fb%40c@private-db.example.com:25060/todoapp?sslmode=require' });
    expect(admin).toMatchObject({ namespace: 'todo', name: 'postgres-admin', system: 'postgres' });
    expect(await admin?.values({}, never)).toEqual({ PGHOST: 'private-db.example.com', PGPORT: '25060', PGUSER: 'doadmin', PGPASSWORD: 'a/b@c' });
    const kafka = kafkaSecrets(platform, { brokers: 'a:1', username: 'u', password: 'p', ca: 'pem' });
    expect(await named(kafka, 'kafka').values({}, never)).toEqual({ brokers: 'a:1', username: 'u', password: 'p', 'ca.crt': 'pem' });
    expect(pullSecret(platform, '{}')).toMatchObject({ namespace: 'todo', name: 'registry', type: 'kubernetes.io/dockerconfigjson' });
  });
});

describe('what is hidden of a Secret', () => {
  test('addresses, names and certificates are shown, whatever else it holds is not', async () => {
    const platform = await far();
    const [admin] = adminSecrets(platform, { uri: '', directUri: '', adminUri: 'postgresql://doadmin:geheim@10.120.0.7:25060/todoapp' });
    expect(hiddenIn((await admin?.values({}, never)) ?? {})).toEqual(['geheim']);
    const kafka = kafkaSecrets(platform, { brokers: '10.120.0.8:25073', username: 'doadmin', password: 'of-all', users: { tail: 'of-tail' }, ca: 'pem' });
    expect((await Promise.all(kafka.map((secret) => secret.values({}, never)))).flatMap(hiddenIn)).toEqual(['of-all', 'of-tail']);
    for (const secret of ownSecrets(platform)) {
      const { 'admin-user': name, ...values } = await secret.values({}, never);
      expect(hiddenIn({ ...values, ...(name === undefined ? {} : { 'admin-user': name }) })).toEqual(Object.values(values));
    }
  });
});

describe('a Secret as an object', () => {
  test('bears the labels of its environment, and holds its values in base64', async () => {
    const platform = await far();
    const object = secretObject(platform, named(ownSecrets(platform), 'dapr-api-token'), { token: 'geheim-ü' });
    expect(object.metadata.labels).toMatchObject({ 'todoctl.io/platform': 'todo', 'todoctl.io/environment': 'far' });
    expect(valuesIn(object)).toEqual({ token: 'geheim-ü' });
    expect(JSON.stringify(object)).not.toContain('geheim');
  });

  test('changes by keys: what others added to it is theirs', () => {
    expect(changedKeys({ token: 'a', theirs: 'x' }, { token: 'a' })).toEqual([]);
    expect(changedKeys({ token: 'a' }, { token: 'b', new: 'c' })).toEqual(['token', 'new']);
    expect(valuesIn(undefined)).toEqual({});
  });
});
