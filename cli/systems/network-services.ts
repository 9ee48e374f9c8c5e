import type { Platform } from '../definition/platform.ts';
import { PORTS, podsOf } from './names.ts';
import { redisHost } from './redis.ts';
import type { Calls, Parts, Serves } from './system.ts';

/** What the services of the definition offer and call, in the words of a system. */
export function serviceParts(platform: Platform): Pick<Parts, 'serves' | 'calls'> {
  const { services } = platform;
  const serves = services.flatMap((service): Serves[] => {
    const pods = podsOf(platform, service);
    return [
      { id: 'metrics', pods, ports: [{ port: PORTS.app }, ...(service.sidecar ? [{ port: PORTS.daprMetrics }] : [])] },
      { id: 'entrance', pods, ports: service.route === undefined ? [] : [{ port: PORTS.app }] },
      { id: invocationOf(service.name), pods, ports: [{ port: PORTS.daprInvoke }] },
    ];
  });
  const calls = services.map((service): Calls => {
    const { name, publishes, subscriptions, invokes, database, state, sidecar, route } = service;
    return {
      from: podsOf(platform, service),
      to: [
        ...(sidecar ? ['dapr', 'tracing'] : []),
        ...(publishes.length + subscriptions.length > 0 ? ['kafka'] : []),
        ...(database || (state && redisHost(platform) === undefined) ? ['postgres'] : []),
        ...(route === undefined ? [] : ['jwks']),
        // A sidecar reaches its own service without the network.
        ...invokes.filter((other) => other !== name).map(invocationOf),
      ],
    };
  });
  // The gateway is Cilium's Envoy, whose identity no NetworkPolicy can select: whoever it lets in must be let in from anywhere.
  // So what has a route takes calls from everyone on its own port; tokens say who may do what there.
  return { serves: [...jwks(platform), ...serves], calls: [...calls, { from: 'anyone', to: ['entrance'] }] };
}

/** A service's sidecar, which is called by other sidecars only. */
function invocationOf(service: string): string {
  return `invoke/${service}`;
}

/** Where the keys are that tokens of users are checked with, if those must be fetched. */
function jwks({ environment: { auth } }: Platform): Serves[] {
  if (!auth || !('jwks' in auth)) return [];
  const { port, protocol } = new URL(auth.jwks);
  return [{ id: 'jwks', pods: 'outside', ports: [{ port: port === '' ? DEFAULT_PORTS[protocol] ?? 443 : Number(port) }] }];
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
