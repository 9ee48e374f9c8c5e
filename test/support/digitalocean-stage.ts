// The project's own todoctl.yaml at a simulated DigitalOcean whose clusters are a real API server: all that commands need beside it.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { loadPlatform } from '../../cli/definition/load.ts';
import { SYSTEM_SCHEMAS } from '../../cli/systems/all.ts';
import { wantedOf } from '../../cli/targets/cluster/wanted.ts';
import type { DigitalOcean } from '../simulators/digitalocean/start.ts';
import { startStrimzi } from '../simulators/strimzi/strimzi.ts';
import type { Helm } from '../tools/helm/build.ts';
import type { ApiServer } from './api-server.ts';
import { startControllers } from './controllers.ts';
import { openAccount } from './digitalocean-account.ts';
import { openDoor } from './door.ts';
import { startFullRegistry } from './full-registry.ts';
import { startInstantWorkloads } from './instant-workloads.ts';
import { writeSmallCharts } from './small-charts.ts';
import { type Running, startTodoctl } from './todoctl.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface DigitalOceanStage {
  /** Folder of todoctl.yaml. */
  project: string;
  account: DigitalOcean;
  /** Of the API, for the children to come. */
  token: string;
  /** Runs todoctl as a person does, with a token and nothing else of this machine. */
  todoctl(...args: string[]): Running;
  /** Nobody reaches the API server of a cluster that is gone; `true` lets them again. */
  reachable(is: boolean): void;
  stop(): Promise<void>;
}

export async function openDigitalOceanStage(server: ApiServer, helm: Helm): Promise<DigitalOceanStage> {
  const project = await mkdtemp(path.join(tmpdir(), 'digitalocean-stage-'));
  const door = await openDoor({ host: '127.0.0.1', port: Number(new URL(server.server).port) });
  const [registry, workloads, strimzi, ca] = await Promise.all([
    startFullRegistry(), startInstantWorkloads(server.kubeconfig), startStrimzi({ kubeconfig: server.kubeconfig, mode: { is: 'instant' }, log: () => undefined }),
    readFile(path.join(server.folder, 'ca.crt'), 'utf8'),
  ]);
  const controllers = startControllers(server);
  const account = await openAccount({ server: `https://127.0.0.1:${door.port}`, ca, token: 'token-of-admin' }, {
    controllers: { nodes: 'made', provision: true, alone: true, address: '203.0.113.7' },
  });
  await writeDefinition(project, registry.server);
  await mkdir(path.join(project, 'home'));
  const stage: DigitalOceanStage = {
    project, account, token: account.token,
    reachable: (is) => door.open(is),
    todoctl(...args) {
      const env = { PATH: `${path.dirname(helm.binary)}:${process.env['PATH'] ?? ''}`, HOME: path.join(project, 'home'), DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: stage.token };
      return startTodoctl({ folder: project, env, from: 'sources' }, args);
    },
    async stop() {
      await Promise.all([workloads.stop(), strimzi.stop(), controllers.stop(), registry.stop()]);
      door.close();
      await rm(project, { recursive: true, force: true });
      // Last, for it fails where a client did what none may do.
      await account[Symbol.asyncDispose]();
    },
  };
  return stage;
}

/** The project's own environments; only where images and charts come from is another place, for names of registries are few. */
async function writeDefinition(project: string, registry: string): Promise<void> {
  const file = path.join(project, 'todoctl.yaml');
  const own = parse(await readFile(path.join(ROOT, 'todoctl.yaml'), 'utf8')) as { environments: { staging: object; prod: object } };
  const staging = { ...own.environments.staging, registry: { server: 'registry.digitalocean.com', repository: 'example-todo/todo' } };
  const write = (sources: object): Promise<void> => writeFile(file, stringify({ ...own, environments: { ...own.environments, staging, prod: { ...own.environments.prod, registry: { server: registry, repository: 'todo/todo' }, sources } } }));
  await write({});
  const { desired } = await wantedOf(await loadPlatform({ cwd: project, environment: 'prod', env: {}, systems: SYSTEM_SCHEMAS }));
  await write({ charts: await writeSmallCharts(path.join(project, 'charts'), desired.releases) });
}
