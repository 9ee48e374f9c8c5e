import type { Platform, Service } from '../definition/platform.ts';

/**
 * The platform as a Mermaid flowchart: topics, services and the arrows between them, in the definition's order.
 * Solid: one replica gets the event. Thick: every replica does. Dotted: a call through Dapr.
 */
export function diagram({ topics, services }: Pick<Platform, 'topics' | 'services'>): string {
  const declared = topics.filter(({ deadLetterOf }) => deadLetterOf === undefined);
  const lines = [
    'flowchart LR',
    ...(services.some(({ route }) => route !== undefined) ? ['  user((user))'] : []),
    ...services.map((service) => `  ${id('s', service.name)}["${service.name}"]`),
    ...declared.map(({ name }) => `  ${id('t', name)}[("${name}")]`),
    ...services.flatMap((service) => arrows(service)),
    ...(services.some(({ database }) => database) ? ['  database[(PostgreSQL)]'] : []),
    ...services.filter(({ database }) => database).map(({ name }) => `  ${id('s', name)} --- database`),
  ];
  return `${lines.join('\n')}\n`;
}

function arrows({ name, route, publishes, subscriptions, invokes }: Service): string[] {
  const here = id('s', name);
  return [
    ...(route === undefined ? [] : [`  user -- "${route}" --> ${here}`]),
    ...publishes.map((topic) => `  ${here} --> ${id('t', topic)}`),
    ...subscriptions.map(({ topic, group }) => `  ${id('t', topic)} ${group.includes('{podName}') ? '==>' : '-->'} ${here}`),
    ...invokes.map((other) => `  ${here} -.-> ${id('s', other)}`),
  ];
}

/** Mermaid's ids hold letters, digits and underscores. Names have no capitals, so no two become one; the letter in front keeps topics and services apart. */
function id(kind: 's' | 't', name: string): string {
  return `${kind}_${name.replaceAll('-', '_').replaceAll('.', 'D')}`;
}
