import { describe, expect, test } from 'vitest';
import { imagePlace } from '../../../cli/definition/image-place.ts';
import { resolveEnvironment } from '../../../cli/definition/environment.ts';
import { definitionSchema } from '../../../cli/definition/schema.ts';

const of = (registry?: Parameters<typeof imagePlace>[0]['environment']['registry']): object => imagePlace({ name: 'shop', environment: registry === undefined ? {} : { registry } });

describe('where images are', () => {
  test('in a registry of the platform at DigitalOcean when nothing is said', () => {
    expect(of()).toEqual({ server: 'registry.digitalocean.com', repository: 'shop/shop', by: 'digitalocean' });
  });

  test('there, under another name, which todoctl makes', () => {
    expect(of({ server: 'registry.digitalocean.com', repository: 'acme/shop' })).toEqual({ server: 'registry.digitalocean.com', repository: 'acme/shop', by: 'digitalocean' });
  });

  test('there, of somebody who gives credentials', () => {
    expect(of({ server: 'registry.digitalocean.com', repository: 'acme/shop', credentials: { env: 'IT' } })).toMatchObject({ by: 'given' });
  });

  test.each([{ server: 'ghcr.io', repository: 'acme/shop' }, { server: '10.10.0.1:5000', repository: 'shop', credentials: { env: 'IT' } }])('anywhere else: %j', (registry) => {
    expect(of(registry)).toEqual({ server: registry.server, repository: registry.repository, by: 'given' });
  });
});

test('a file with credentials is looked for beside todoctl.yaml, whoever asks from where', () => {
  const { environments } = definitionSchema.parse({
    platform: 'shop', topics: {}, services: {},
    environments: { one: { provider: 'existing', registry: { server: 'ghcr.io', repository: 'acme/shop', credentials: { file: 'secrets/registry' } } } },
  });
  const environment = environments['one'];
  if (!environment) throw new Error('no environment');
  expect(resolveEnvironment('one', environment, [], { root: '/project', home: undefined, platform: 'shop' }).registry).toEqual({ server: 'ghcr.io', repository: 'acme/shop', credentials: { file: '/project/secrets/registry' } });
});
