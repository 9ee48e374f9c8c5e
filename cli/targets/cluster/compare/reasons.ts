import type { Platform } from '../../../definition/platform.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';

/** Why an object that is there would go, in the words of the definition. */
export function pruneReason({ kind, metadata }: KubernetesObject, { services, topics, environment }: Platform, systems: readonly string[]): string {
  // A policy has no label of its service, for it is not of the service's release; its name says whose it is.
  const service = kind === 'NetworkPolicy' ? /^service-(.+)$/.exec(metadata.name)?.[1] : metadata.labels?.['app.kubernetes.io/name'];
  const system = metadata.labels?.['todoctl.io/system'];
  if (kind === 'KafkaTopic' && !topics.some(({ name }) => name === metadata.name)) return `the definition has no topic ${metadata.name} any more`;
  if (system !== undefined && !systems.includes(system)) return `${environment.name} has no ${system} any more`;
  if (service !== undefined && SERVED.has(kind) && !services.some(({ name }) => name === service)) return `the definition has no service ${service} any more`;
  if (kind === 'KafkaUser' && !services.some(({ name }) => name === metadata.name)) return `the definition has no service ${metadata.name} any more`;
  return system === undefined ? 'nothing renders it any more' : `${system} does not render it any more`;
}

/** Kinds of which a service has one of its own. */
const SERVED = new Set(['Deployment', 'Service', 'ServiceAccount', 'HorizontalPodAutoscaler', 'ScaledObject', 'PodDisruptionBudget', 'ServiceMonitor', 'HTTPRoute', 'NetworkPolicy']);
