import { type Docker, startDocker } from '../support/node/docker.ts';
import { installMetricsServer } from '../support/node/metrics-server.ts';
import { nodeImageArchive } from '../support/node/node-image.ts';
import { type Node, startNode } from '../support/node/node.ts';
import { type NodePlatform, type NodePlatformGiven, prepareNodePlatform } from '../support/node/platform.ts';
import { type Registry, startRegistry } from '../support/node/registry.ts';
import { type FrontDoor, type FrontDoorGiven, startTraefik } from '../support/node/traefik.ts';
import { getHelm, type Helm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

/** A real node with all that a deploy of this project to it needs, and the project as it is deployed. */
export interface NodeStage {
  /** Ends all of it when it is disposed of. */
  node: Node;
  helm: Helm;
  /** Has the base image. */
  docker: Docker;
  registry: Registry;
  door: FrontDoor;
  platform: NodePlatform;
}

export interface NodeStageGiven {
  door?: (node: Node) => FrontDoorGiven;
  platform?: Pick<NodePlatformGiven, 'environment' | 'change'>;
}

/** Starts each part and writes down that it ran; undefined where one cannot be had, which is said at the end of the run. */
export async function openNodeStage(given: NodeStageGiven = {}): Promise<NodeStage | undefined> {
  const helm = await realPart('helm', getHelm);
  const node = helm && (await realPart('node', startNode));
  const parts = node && (await partsOn(node, given));
  if (parts) return { helm, node, ...parts };
  process.stderr.write('skipped: the platform on a real node (a part is missing; which, is said at the end)\n');
  await node?.[Symbol.asyncDispose]();
  return undefined;
}

async function partsOn(node: Node, { door: doorOf, platform: block }: NodeStageGiven): Promise<Omit<NodeStage, 'node' | 'helm'> | undefined> {
  const docker = await realPart('docker', () => startDocker(node));
  if (!docker) return undefined;
  const registry = await startRegistry(node);
  if ('skipped' in registry) return undefined;
  const door = await realPart('traefik', () => startTraefik(node, doorOf?.(node)));
  if (!door || !(await realPart('metrics-server', () => installMetricsServer(node)))) return undefined;
  const platform = await realPart('dapr-control-plane', () => prepareNodePlatform(node, { registry: registry.server, ...block }));
  if (!platform) return undefined;
  await docker.docker(['load', '--input', await nodeImageArchive()]);
  return { docker, registry, door, platform };
}
