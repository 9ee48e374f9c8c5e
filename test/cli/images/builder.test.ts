import { describe, expect, test } from 'vitest';
import { buildArguments, builderEnv, type ImagePlan, pushArguments } from '../../../cli/images/builder.ts';

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
