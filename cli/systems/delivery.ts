import * as z from 'zod';
import { withoutPassword } from '../definition/address.ts';
import type { Platform } from '../definition/platform.ts';
import { namespaceOf } from './names.ts';
import { type Artefact, type Chart, defineSystem } from './system.ts';

const NAMESPACE = 'argocd';

const argocd = z.strictObject({
  repository: z.string().regex(/^(?:https:\/\/|git@)\S+$/).refine(...withoutPassword).describe('Git repository that holds the rendered files, by https:// or git@.'),
  path: z.string().min(1).exactOptional().describe('Folder of the rendered environment in it; deploy/ENVIRONMENT when left out.'),
  revision: z.string().min(1).default('main').describe('Branch or tag that is synced.'),
  automated: z.boolean().default(true).describe('Whether Argo CD syncs by itself; else it waits to be told.'),
});

const settings = z
  .union([z.literal('direct'), z.strictObject({ argocd })])
  .default('direct')
  .describe('Who applies what was rendered: todoctl itself, or Argo CD from a Git repository.');

/** Whether Argo CD applies the environment. It prunes what is no longer in the repository, so what holds data is kept from it. */
export function byArgoCD({ environment }: Platform): boolean {
  return typeof environment.systems['delivery'] === 'object';
}

/** Argo CD, where an environment is delivered from a Git repository: the project and the application that sync it. */
export const delivery = defineSystem({
  id: 'delivery',
  needs: [],
  settings,
  parts(platform, chosen) {
    if (chosen === undefined || chosen === 'direct') return undefined;
    return {
      namespace: { name: NAMESPACE, podSecurity: 'restricted' },
      charts: [chart()],
      artefacts: [project(platform, chosen.argocd.repository), application(platform, chosen.argocd)],
    };
  },
});

/** Kinds that an environment's objects have outside of namespaces. */
const CLUSTER_KINDS = [
  { group: '', kind: 'Namespace' },
  { group: 'cert-manager.io', kind: 'ClusterIssuer' },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
  { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' },
];

/** Whatever an environment applies lies in one of these; Argo CD refuses all others. */
const NAMESPACES = ['cert-manager', 'dapr-system', 'monitoring', 'velero'];

function project(platform: Platform, repository: string): Artefact {
  const view = {
    name: platform.name,
    argocd: NAMESPACE,
    description: `What the platform ${platform.name} may be made of`,
    repository,
    namespaces: [namespaceOf(platform), NAMESPACE, ...NAMESPACES],
    clusterKinds: CLUSTER_KINDS,
  };
  return { owner: 'applied', file: 'project.yaml', template: 'gitops/project.yaml.hbs', view };
}

function application(platform: Platform, { repository, path, revision, automated }: z.output<typeof argocd>): Artefact {
  const environment = platform.environment.name;
  const view = { name: `${platform.name}-${environment}`, argocd: NAMESPACE, project: platform.name, repository, revision, path: path ?? `deploy/${environment}`, automated };
  return { owner: 'applied', file: 'application.yaml', template: 'gitops/application.yaml.hbs', view };
}

const POD = { cpu: 50, memory: 128 };
const requests = ({ cpu, memory }: typeof POD): object => ({ requests: { cpu: `${cpu}m`, memory: `${memory}Mi` }, limits: { memory: `${memory * 2}Mi` } });

function chart(): Chart {
  const resources = { controller: requests({ cpu: 100, memory: 256 }), repoServer: requests(POD), server: requests(POD), redis: requests({ cpu: 25, memory: 32 }) };
  return {
    release: 'argocd',
    namespace: NAMESPACE,
    chart: 'argo-cd',
    repository: 'https://argoproj.github.io/argo-helm',
    version: '10.1.1',
    values: { template: 'helm/argo-cd.values.yaml.hbs', view: { resources } },
    provides: ['argoproj.io'],
    pods: [
      { name: 'argocd-application-controller', replicas: 1, cpu: 100, memory: 256 },
      { name: 'argocd-repo-server', replicas: 1, ...POD },
      { name: 'argocd-server', replicas: 1, ...POD },
      { name: 'argocd-redis', replicas: 1, cpu: 25, memory: 32 },
    ],
  };
}
