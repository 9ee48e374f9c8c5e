import { describe, expect, test } from 'vitest';
import { delivery } from '../../../cli/systems/delivery.ts';
import { objectsIn, platformIn, renderedOf, type KubernetesObject } from '../../support/rendered.ts';

const REPOSITORY = 'https://git.example.com/todo.git';
const yaml = (how: string): string => `platform: todo
topics: { task-events: { key: task } }
services: { task-api: { route: /api, publishes: [task-events], database: true, scale: { min: 2, max: 6, lag: 500 } } }
environments:
  prod: { provider: digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }, kafka: { brokers: 3 }, auth: { jwks: https://id.example.com/keys }, host: todo.example.com, protected: true${how} }
`;
const objects = async (how: string): Promise<KubernetesObject[]> => objectsIn(renderedOf(await platformIn('prod', yaml(how))));
const named = (all: readonly KubernetesObject[], kind: string): Record<string, unknown> => all.find((object) => object.kind === kind) ?? expect.fail(`no ${kind}`);

describe('who applies an environment', () => {
  test.each(['', ', delivery: direct'])('todoctl itself, unless told otherwise (%j)', async (how) => {
    expect(delivery.parts(await platformIn('prod', yaml(how)), {})).toBeUndefined();
  });

  test('Argo CD, from a repository: a project and an application', async () => {
    const all = await objects(`, delivery: { argocd: { repository: '${REPOSITORY}' } }`);
    expect(named(all, 'Application')).toMatchObject({
      metadata: { name: 'todo-prod', namespace: 'argocd', finalizers: ['resources-finalizer.argocd.argoproj.io/foreground'] },
      spec: { project: 'todo', source: { repoURL: REPOSITORY, targetRevision: 'main', path: 'deploy/prod' }, syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: expect.arrayContaining(['ServerSideApply=true']) as unknown } },
    });
    expect(named(all, 'AppProject')).toMatchObject({ metadata: { name: 'todo', namespace: 'argocd' }, spec: { sourceRepos: [REPOSITORY] } });
  });

  test('it takes nothing away that holds events, or a namespace with all that lives in it', async () => {
    const kept = (all: readonly KubernetesObject[]): string[] =>
      all.filter(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-options'] === 'Prune=false,Delete=false').map(({ kind }) => kind);
    const all = await objects(`, delivery: { argocd: { repository: '${REPOSITORY}' } }`);
    const holding = all.filter(({ kind }) => ['Namespace', 'Kafka', 'KafkaNodePool', 'KafkaTopic', 'StatefulSet'].includes(kind));
    expect(new Set(kept(all))).toEqual(new Set(['Namespace', 'Kafka', 'KafkaNodePool', 'KafkaTopic', 'StatefulSet']));
    expect(kept(all)).toHaveLength(holding.length);
    expect(kept(await objects(''))).toEqual([]);
  });

  test('with another folder and revision, and only when it is told to', async () => {
    const all = await objects(`, delivery: { argocd: { repository: '${REPOSITORY}', path: live, revision: stable, automated: false } }`);
    const { spec } = named(all, 'Application') as { spec: { source: object; syncPolicy: object } };
    expect(spec.source).toEqual({ repoURL: REPOSITORY, targetRevision: 'stable', path: 'live' });
    expect(spec.syncPolicy).not.toHaveProperty('automated');
  });

  test('the project allows every namespace and every kind that the environment’s objects are of, and no other repository', async () => {
    const more = ', tracing: {}, backup: { bucket: todo-backups, region: nyc3 }';
    const all = await objects(`, delivery: { argocd: { repository: '${REPOSITORY}' } }${more}`);
    const { spec } = named(all, 'AppProject') as { spec: { destinations: { namespace: string }[]; clusterResourceWhitelist: { group: string; kind: string }[] } };
    const allowed = spec.destinations.map(({ namespace }) => namespace);
    const kinds = spec.clusterResourceWhitelist.map(({ group, kind }) => `${group}/${kind}`);
    for (const { apiVersion, kind, metadata } of all) {
      if (metadata.namespace !== undefined) expect(allowed, `${kind} ${metadata.name}`).toContain(metadata.namespace);
      else expect(kinds, metadata.name).toContain(`${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}`);
    }
  });
});
