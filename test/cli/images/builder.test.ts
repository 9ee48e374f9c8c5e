import { describe, expect, test } from 'vitest';
import { buildArguments, builderEnv, type ImagePlan, inspectArguments, isAsPlanned, parseInspected, pushArguments } from '../../../cli/images/builder.ts';

const PLAN: ImagePlan = {
  folder: '/work/image', dockerfile: 'services/Dockerfile', base: 'node:26-slim@sha256:1a', platform: 'linux/amd64',
  labels: { 'io.todoctl.sources': 'abc', 'org.opencontainers.image.revision': 'def' }, reference: 'ghcr.io/example/todo:image-1',
};
const PUSHING = { server: 'ghcr.io', config: '/private' };

describe('how each builder is asked', () => {
  test('docker', () => {
    expect(buildArguments('docker', PLAN).join(' ')).toMatchInlineSnapshot(`"build --file /work/image/services/Dockerfile --platform linux/amd64 --build-arg BASE=node:26-slim@sha256:1a --label io.todoctl.sources=abc --label org.opencontainers.image.revision=def --tag ghcr.io/example/todo:image-1 /work/image"`);
    expect(pushArguments('docker', PLAN, PUSHING).join(' ')).toMatchInlineSnapshot(`"push ghcr.io/example/todo:image-1"`);
  });

  test('podman', () => {
    expect(buildArguments('podman', PLAN).join(' ')).toMatchInlineSnapshot(`"build --file /work/image/services/Dockerfile --platform linux/amd64 --build-arg BASE=node:26-slim@sha256:1a --label io.todoctl.sources=abc --label org.opencontainers.image.revision=def --tag ghcr.io/example/todo:image-1 --format docker /work/image"`);
    expect(pushArguments('podman', PLAN, PUSHING).join(' ')).toMatchInlineSnapshot(`"push --authfile /private/config.json ghcr.io/example/todo:image-1"`);
    expect(pushArguments('podman', PLAN, { ...PUSHING, server: '10.10.0.1:5000' })).toContain('--tls-verify=false');
  });

  test('buildctl', () => {
    expect(buildArguments('buildctl', PLAN).join(' ')).toMatchInlineSnapshot(`"build --frontend dockerfile.v0 --local context=/work/image --local dockerfile=/work/image --opt filename=services/Dockerfile --opt platform=linux/amd64 --opt build-arg:BASE=node:26-slim@sha256:1a --opt label:io.todoctl.sources=abc --opt label:org.opencontainers.image.revision=def --output type=image,"name=ghcr.io/example/todo:image-1" --progress plain"`);
    expect(pushArguments('buildctl', PLAN, PUSHING)).toContain('type=image,"name=ghcr.io/example/todo:image-1",push=true');
    expect(pushArguments('buildctl', PLAN, { ...PUSHING, server: 'localhost:5000' })).toContain('type=image,"name=ghcr.io/example/todo:image-1",push=true,registry.insecure=true');
  });
});

test('a builder gets what says where its daemon is, and nothing else of the environment', () => {
  expect(builderEnv({ PATH: '/bin', HOME: '/home/me', DOCKER_HOST: 'unix:///x', DIGITALOCEAN_ACCESS_TOKEN: 'secret', REGISTRY: 'user:pass', DOCKER_CONFIG: '/theirs' }, '/private')).toEqual({
    PATH: '/bin', HOME: '/home/me', DOCKER_HOST: 'unix:///x', DOCKER_CONFIG: '/private', REGISTRY_AUTH_FILE: '/private/config.json',
  });
});

describe('an image that a builder has', () => {
  const kept = { platform: 'linux/amd64', labels: PLAN.labels };

  test('is asked for by its name; buildctl keeps none', () => {
    expect(inspectArguments('docker', PLAN.reference)?.join(' ')).toBe('image inspect --format {{json .}} ghcr.io/example/todo:image-1');
    expect(inspectArguments('podman', PLAN.reference)).toEqual(inspectArguments('docker', PLAN.reference));
    expect(inspectArguments('buildctl', PLAN.reference)).toBeUndefined();
  });

  test.each([
    ['as docker and podman say it', '{"Id":"sha256:1","Os":"linux","Architecture":"amd64","Config":{"Labels":{"a":"b"}}}', { platform: 'linux/amd64', labels: { a: 'b' } }],
    ['without labels', '{"Os":"linux","Architecture":"arm64","Config":{"Labels":null}}', { platform: 'linux/arm64', labels: {} }],
    ['without anything', '{}', { platform: '/', labels: {} }],
    ['that is none', 'Error: no such image', undefined],
  ])('%s', (_what, text, expected) => expect(parseInspected(text)).toEqual(expected));

  test('is the one that would be made, whatever else it says and whichever commit it was first made of', () => {
    expect(isAsPlanned(kept, PLAN)).toBe(true);
    expect(isAsPlanned({ ...kept, labels: { ...kept.labels, more: 'x', 'org.opencontainers.image.revision': 'another' } }, PLAN)).toBe(true);
    expect(isAsPlanned({ ...kept, labels: { 'io.todoctl.sources': 'abc' } }, PLAN)).toBe(true);
  });

  test.each([
    ['other sources', { ...kept, labels: { ...kept.labels, 'io.todoctl.sources': 'other' } }],
    ['no labels', { ...kept, labels: {} }],
    ['other nodes', { ...kept, platform: 'linux/arm64' }],
  ])('of %s is another', (_what, other) => expect(isAsPlanned(other, PLAN)).toBe(false));

  test('of a base that has moved is another, and of one whose digest nobody can say now is not', () => {
    const based = (digest?: string): Record<string, string> => ({ ...PLAN.labels, ...(digest === undefined ? {} : { 'org.opencontainers.image.base.digest': digest }) });
    expect(isAsPlanned({ ...kept, labels: based('sha256:1') }, { ...PLAN, labels: based('sha256:2') })).toBe(false);
    expect(isAsPlanned({ ...kept, labels: based('sha256:1') }, { ...PLAN, labels: based() })).toBe(true);
  });
});
