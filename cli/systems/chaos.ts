import * as z from 'zod';
import type { Platform, Service } from '../definition/platform.ts';
import { kafkaOf } from './kafka-access.ts';
import { strimziPods } from './kafka-network.ts';
import { namespaceOf, podsOf, postgresPods, postgresProvider } from './names.ts';
import { type Artefact, type Chart, defineSystem, type Pods } from './system.ts';

const NAMESPACE = 'chaos-mesh';

const settings = z.strictObject({
  database: z.string().regex(/^[A-Za-z0-9.-]+$/).exactOptional().describe('Host name of a database outside the cluster, so that its delay can be tried.'),
});

/**
 * Experiments for Chaos Mesh, as files: they are not applied with the rest, somebody starts them one by one. Chaos Mesh itself is
 * there only where `chaos: {}` asks for it: its daemon may do anything on a node.
 */
export const chaos = defineSystem({
  id: 'chaos',
  needs: [],
  settings: settings.exactOptional(),
  parts(platform, given) {
    const artefacts = experiments(platform, given?.database);
    if (!given) return { artefacts };
    return { namespace: { name: NAMESPACE, podSecurity: 'privileged' }, charts: [chaosMesh(platform)], artefacts };
  },
});

function chaosMesh(platform: Platform): Chart {
  return {
    release: 'chaos-mesh',
    namespace: NAMESPACE,
    chart: 'chaos-mesh',
    repository: 'https://charts.chaos-mesh.org',
    version: '2.8.3',
    values: { template: 'helm/chaos-mesh.values.yaml.hbs', view: { target: namespaceOf(platform) } },
    provides: ['chaos-mesh.org'],
    pods: [
      { name: 'chaos-controller-manager', replicas: 1, cpu: 25, memory: 256 },
      // One on every node; a node more brings its own.
      { name: 'chaos-daemon', replicas: platform.environment.nodes?.count ?? 1, cpu: 50, memory: 128, ...most(platform) },
    ],
  };
}

function most({ environment: { nodes } }: Platform): { most?: number } {
  return nodes?.max === undefined ? {} : { most: nodes.max };
}

function experiments(platform: Platform, database: string | undefined): Artefact[] {
  const { services } = platform;
  const withKafka = services.filter(({ acls }) => acls.length > 0);
  const withDatabase = services.filter((service) => service.database || service.state);
  const inCluster = postgresProvider(platform) === 'cluster';
  const brokers = kafkaOf(platform).provider === 'strimzi';
  return [
    ...services.map((service) => kill(`kill-${service.name}`, podsOf(platform, service))),
    ...(services.length > 0 ? [nightly(platform)] : []),
    ...(brokers ? [kill('kill-broker', brokerPods(platform))] : []),
    ...(brokers && withKafka.length > 0 ? [network(platform, 'partition-kafka', withKafka, { pods: strimziPods(platform, 'kafka') })] : []),
    ...(withDatabase.length > 0 && inCluster ? [network(platform, 'delay-postgres', withDatabase, { pods: postgresPods(platform) })] : []),
    ...(withDatabase.length > 0 && !inCluster && database !== undefined ? [network(platform, 'delay-postgres', withDatabase, { host: database })] : []),
  ];
}

function brokerPods(platform: Platform): Pods {
  const { namespace, labels } = strimziPods(platform, 'kafka');
  return { namespace, labels: { ...labels, 'strimzi.io/broker-role': 'true' } };
}

function kill(name: string, target: Pods): Artefact {
  return file(name, 'pod-kill', { target });
}

/** Each night one pod of the app, whichever it is. */
function nightly(platform: Platform): Artefact {
  return file('nightly-kill', 'schedule', { source: sourceOf(platform, platform.services) });
}

function network(platform: Platform, name: 'partition-kafka' | 'delay-postgres', from: readonly Service[], to: { pods: Pods } | { host: string }): Artefact {
  const target = 'pods' in to ? to.pods : null;
  const hosts = 'host' in to ? [to.host] : null;
  return file(name, name, { source: sourceOf(platform, from), target, hosts });
}

/** Pods of some services, and of nobody else who is part of the platform. */
function sourceOf(platform: Platform, services: readonly Service[]): object {
  return { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/part-of': platform.name }, services: services.map(({ name }) => name) };
}

function file(name: string, template: string, view: object): Artefact {
  return { owner: 'file', file: `chaos/${name}.yaml`, template: `chaos/${template}.yaml.hbs`, view: { name, ...view } };
}
