// Where spans go, and what an environment has for them.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { tracing, tracingOf } from '../../../cli/systems/tracing.ts';
import { platformIn, renderedOf } from '../../support/rendered.ts';

const shop = (settings: string): Promise<Platform> =>
  platformIn('prod', `platform: shop\ntopics: {}\nservices: { web: { route: / } }\nenvironments: { prod: { provider: existing, context: mine, cluster: some-uid, auth: { jwks: https://id.example.com/keys }, tracing: ${settings} }, local: { provider: local } }\n`);

interface Values {
  userconfig: { extensions: { jaeger_storage: { backends: { newest: { memory: { max_traces: number } } } } }; receivers: { otlp: { protocols: Record<string, { endpoint: string }> }; zipkin: { endpoint: string } }; service: { pipelines: { traces: { receivers: string[]; exporters: string[] } }; extensions: string[] }; exporters: object };
  jaeger: { securityContext: object; podSecurityContext: object; resources: { requests: { memory: string } } };
}

describe('spans go', () => {
  test.each([
    ['{}', { endpoint: 'jaeger.tracing.svc:4317', protocol: 'otlp', sampling: 1 }],
    ['{ protocol: zipkin, sampling: 0.1 }', { endpoint: 'http://jaeger.tracing.svc:9411/api/v2/spans', protocol: 'zipkin', sampling: 0.1 }],
    ['{ endpoint: "otel.example.com:4317" }', { endpoint: 'otel.example.com:4317', protocol: 'otlp', sampling: 1 }],
    ['{ endpoint: "https://zipkin.example.com/api/v2/spans", protocol: zipkin }', { endpoint: 'https://zipkin.example.com/api/v2/spans', protocol: 'zipkin', sampling: 1 }],
    ['{ enabled: false }', undefined],
  ])('with %s to %o', async (settings, expected) => {
    expect(tracingOf(await shop(settings))).toEqual(expected);
  });

  test('nowhere from a laptop', async () => {
    const platform = await shop('{}');
    expect(tracingOf({ ...platform, environment: { ...platform.environment, provider: 'local' } })).toBeUndefined();
    expect(tracingOf({ ...platform, environment: { ...platform.environment, systems: {} } })).toBeUndefined();
  });

  test.each(['{ sampling: 2 }', '{ protocol: jaeger }', '{ endpoint: "two words" }', '{ traces: 0 }', '{ storage: 1GiB }'])('%s is refused', async (settings) => {
    await expect(shop(settings)).rejects.toMatchObject({ exit: 2 });
  });
});

describe('an environment has', () => {
  test.each([
    ['{ endpoint: "otel.example.com:14317" }', 14_317],
    ['{ endpoint: otel.example.com }', 4317],
    ['{ endpoint: otel.example.com, protocol: zipkin }', 9411],
    ['{ endpoint: "https://otel.example.com/v1/traces" }', 443],
    ['{ endpoint: "http://zipkin.example.com/api/v2/spans", protocol: zipkin }', 80],
    ['{ endpoint: "http://zipkin.example.com:9999/api/v2/spans", protocol: zipkin }', 9999],
  ])('with %s only an arrow to port %d of the world', async (settings, port) => {
    expect(tracing.parts(await shop(settings), {})).toEqual({ serves: [{ id: 'tracing', pods: 'outside', ports: [{ port }] }] });
  });

  test('a Jaeger of its own otherwise, under the strictest of the Pod Security Standards', async () => {
    const platform = await shop('{ traces: 5000 }');
    const parts = tracing.parts(platform, {});
    expect(parts?.namespace).toEqual({ name: 'tracing', podSecurity: 'restricted' });
    expect(parts?.serves).toEqual([{ id: 'tracing', pods: { namespace: 'tracing', labels: { 'app.kubernetes.io/name': 'jaeger' } }, ports: [{ port: 4317 }, { port: 4318 }, { port: 9411 }] }]);

    const { userconfig, jaeger } = parse(renderedOf(platform).find(({ path }) => path.endsWith('jaeger.values.yaml'))?.text ?? '') as Values;
    expect(userconfig.extensions.jaeger_storage.backends.newest.memory.max_traces).toBe(5000);
    expect(userconfig.receivers.otlp.protocols).toEqual({ grpc: { endpoint: '0.0.0.0:4317' }, http: { endpoint: '0.0.0.0:4318' } });
    expect(userconfig.receivers.zipkin.endpoint).toBe('0.0.0.0:9411');
    // What a pipeline names must be defined, or Jaeger does not start.
    expect(Object.keys(userconfig.receivers)).toEqual(userconfig.service.pipelines.traces.receivers);
    expect(Object.keys(userconfig.exporters)).toEqual(userconfig.service.pipelines.traces.exporters);
    expect(Object.keys(userconfig.extensions).sort()).toEqual([...userconfig.service.extensions].sort());
    expect(jaeger.podSecurityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(jaeger.securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
    expect(jaeger.resources.requests.memory).toBe(`${parts?.charts?.[0]?.pods[0]?.memory}Mi`);
  });

  test('nothing when it is switched off', async () => {
    expect(tracing.parts(await shop('{ enabled: false }'), {})).toBeUndefined();
  });
});
