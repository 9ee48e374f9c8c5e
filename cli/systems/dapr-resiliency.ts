import type { Platform, Service } from '../definition/platform.ts';
import type { Artefact } from './system.ts';

/** Resiliency holds for a component, not for a topic; this many deliveries are the rule. */
const USUAL_ATTEMPTS = 30;

/** Each sidecar sees exactly one policy: the platform's, or its service's own where the definition asks for other attempts. */
export function resiliencyArtefacts({ name: platform, environment }: Platform, services: readonly Service[]): Artefact[] {
  // On a laptop a call that fails is seen at once.
  const called = ({ invokes }: Service): readonly string[] => (environment.provider === 'local' ? [] : invokes);
  const policy = (name: string, of: readonly Service[]): Artefact[] => {
    if (of.length === 0) return [];
    const consumers = of.filter(({ subscriptions }) => subscriptions.length > 0);
    return [
      {
        owner: 'release',
        file: `resiliency-${name}.yaml`,
        template: 'dapr/resiliency.yaml.hbs',
        view: {
          name,
          maxRetries: consumers.length > 0 ? Math.max(...consumers.map(attemptsOf)) - 1 : null,
          components: [...new Set(consumers.flatMap(({ subscriptions }) => subscriptions.map(({ component }) => component)))],
          apps: [...new Set(of.flatMap(called))],
          scopes: of.map((service) => service.name),
        },
      },
    ];
  };
  const governed = services.filter((service) => service.subscriptions.length + called(service).length > 0);
  const special = governed.filter((service) => service.subscriptions.length > 0 && attemptsOf(service) !== USUAL_ATTEMPTS);
  return [
    ...policy(platform, governed.filter((service) => !special.includes(service))),
    ...special.flatMap((service) => policy(`${platform}-${service.name}`, [service])),
  ];
}

function attemptsOf({ subscriptions }: Service): number {
  return Math.max(...subscriptions.map(({ attempts }) => attempts));
}
