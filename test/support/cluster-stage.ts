// All that a deploy into a real API server needs beside it: a definition with small charts, a registry, and whoever says that pods are ready.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { wantedOf } from '../../cli/targets/cluster/wanted.ts';
import { startStrimzi } from '../simulators/strimzi/strimzi.ts';
import type { Helm } from '../tools/helm/build.ts';
import type { ApiServer } from './api-server.ts';
import { type FullRegistry, startFullRegistry } from './full-registry.ts';
import { type InstantWorkloads, startInstantWorkloads } from './instant-workloads.ts';
import { writeSmallCharts } from './small-charts.ts';
import { type Running, startTodoctl } from './todoctl.ts';
import { watchApi, type WatchedApi } from './watched-api.ts';

export interface ClusterStage {
  /** Folder of todoctl.yaml. */
  project: string;
  api: WatchedApi;
  workloads: InstantWorkloads;
  registry: FullRegistry;
  /** Writes todoctl.yaml anew, with these changes to the environment `far`. */
  define(environment?: object, services?: object): Promise<void>;
  /** How often helm was started. */
  helms(): Promise<number>;
  /** Runs todoctl in the project, its API behind the door that counts. */
  todoctl(args: readonly string[], env?: NodeJS.ProcessEnv): Running;
  stop(): Promise<void>;
}

const SERVICES = {
  'task-api': { route: '/api', publishes: ['task-events', 'task-updates'], database: true },
  audit: { subscribes: ['task-events'], database: true },
  web: { route: '/' },
};

export async function openClusterStage(server: ApiServer, helm: Helm): Promise<ClusterStage> {
  const project = await mkdtemp(path.join(tmpdir(), 'cluster-stage-'));
  const [api, registry, workloads, strimzi] = await Promise.all([
    watchApi(server), startFullRegistry(), startInstantWorkloads(server.kubeconfig, { address: '203.0.113.7' }),
    startStrimzi({ kubeconfig: server.kubeconfig, mode: { is: 'instant' }, log: () => undefined }),
  ]);
  let charts: Record<string, string> = {};
  const define = async (environment: object = {}, services: object = {}): Promise<void> => {
    const far = {
      provider: 'existing', context: 'admin', kafka: { brokers: 1 }, auth: { jwks: 'https://id.example.com/keys' },
      registry: { server: registry.server, repository: 'todo/todo' }, ...environment,
    };
    const text = (sources: object): string => stringify({
      platform: 'todo', topics: { 'task-events': { key: 'task' }, 'task-updates': { key: 'user' } }, services: { ...SERVICES, ...services },
      environments: { local: { provider: 'local' }, far: { ...far, sources } },
    });
    await writeFile(path.join(project, 'todoctl.yaml'), text({}));
    const { desired } = await wantedOf(await loadPlatform({ cwd: project, environment: 'far', env: {}, systems: SYSTEM_SCHEMAS }));
    charts = await writeSmallCharts(path.join(project, 'charts'), desired.releases);
    await writeFile(path.join(project, 'todoctl.yaml'), text({ charts }));
  };
  await mkdir(path.join(project, 'home'));
  const [bin, log] = [path.join(project, 'bin'), path.join(project, 'helms')];
  await mkdir(bin);
  await writeFile(path.join(bin, 'helm'), `#!/bin/sh\necho "$1" >> ${log}\nexec ${helm.binary} "$@"\n`, { mode: 0o755 });
  await define();
  return {
    project, api, workloads, registry, define,
    helms: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1,
    todoctl: (args, env = {}) => startTodoctl({ folder: project, env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: path.join(project, 'home'), KUBECONFIG: api.kubeconfig, ...env }, from: 'sources' }, args),
    async stop() {
      await Promise.all([workloads.stop(), strimzi.stop(), registry.stop(), api.stop()]);
      await rm(project, { recursive: true, force: true });
    },
  };
}
