import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Footprint } from '../../../systems/system.ts';
import type { Nodes } from './nodes.ts';

/** What pods request together: thousandths of a CPU, MiB, and how many volumes. */
export interface Requests {
  pods: number;
  cpu: number;
  memory: number;
  volumes: number;
}

export interface Room {
  /** At the fewest replicas. */
  least: Requests;
  /** With every autoscaler at its end. */
  most: Requests;
  nodes?: Nodes & {
    /** Nodes that the fewest replicas need, and the most: at least so many, whichever way pods are placed. */
    needed: { least: number; most: number };
  };
  /** Sentences about what is tight. */
  warnings: string[];
}

/**
 * Weighs what pods request against what nodes give.
 * Errors: TODOCTL_CAPACITY_NODES when the fewest replicas do not fit on the most nodes, or one pod on no node.
 */
export function weigh(footprints: readonly Footprint[], nodes: Nodes | undefined): Room {
  const least = sum(footprints, ({ replicas }) => replicas);
  const most = sum(footprints, ({ replicas, most: end }) => Math.max(replicas, end ?? replicas));
  if (!nodes) return { least, most, warnings: ['What the nodes give to pods is not known, so whether there is room is not either.'] };
  const needed = { least: nodesFor(least, nodes), most: nodesFor(most, nodes) };
  const large = footprints.filter(({ cpu, memory, volumes = [], replicas }) => replicas > 0 && (cpu > nodes.cpu || memory > nodes.memory || volumes.length > nodes.volumes));
  if (large.length > 0 || needed.least > nodes.most) throw tooSmall(least, nodes, needed.least, large);
  const warnings: string[] = [];
  if (needed.least > nodes.count) warnings.push(`${inWords(least)} need ${needed.least} nodes; there are ${nodes.count}, and up to ${nodes.most} by autoscaling.`);
  if (needed.most > nodes.most) warnings.push(`With every service at its most replicas, ${inWords(most)} need ${needed.most} nodes; there are ${nodes.most} at most. Some pods would wait.`);
  return { least, most, nodes: { ...nodes, needed }, warnings };
}

function sum(footprints: readonly Footprint[], replicasOf: (footprint: Footprint) => number): Requests {
  const total: Requests = { pods: 0, cpu: 0, memory: 0, volumes: 0 };
  for (const footprint of footprints) {
    const replicas = replicasOf(footprint);
    total.pods += replicas;
    total.cpu += footprint.cpu * replicas;
    total.memory += footprint.memory * replicas;
    total.volumes += (footprint.volumes?.length ?? 0) * replicas;
  }
  return total;
}

/** Fewer nodes than these cannot do, however well the pods are placed. */
function nodesFor({ cpu, memory, volumes }: Requests, nodes: Nodes): number {
  return Math.max(Math.ceil(cpu / nodes.cpu), Math.ceil(memory / nodes.memory), Math.ceil(volumes / nodes.volumes));
}

function tooSmall(least: Requests, nodes: Nodes, needed: number, large: readonly Footprint[]): TodoctlError {
  const node = `${nodes.size ?? 'node'}: ${amount(nodes)}, ${nodes.volumes} volumes`;
  return new TodoctlError('TODOCTL_CAPACITY_NODES', {
    message: needed > nodes.most ? `${inWords(least)} need ${needed} nodes; there are ${nodes.most} at most` : `No node has room for ${large.map(({ name }) => name).join(', ')}`,
    details: [
      `requested: ${amount(least)}, ${least.volumes} volumes`,
      `one ${node} (${nodes.source}${nodes.asOf === undefined ? '' : `, as of ${nodes.asOf}`})`,
      ...large.map(({ name, cpu, memory, volumes = [] }) => `one pod of ${name}: ${amount({ cpu, memory })}, ${volumes.length} volumes`),
    ],
  });
}

function inWords({ pods }: Requests): string {
  return `${pods} pods`;
}

/** `1.9 CPU and 2.5 GiB`. */
export function amount({ cpu, memory }: { cpu: number; memory: number }): string {
  return `${round(cpu / 1000)} CPU and ${round(memory / 1024)} GiB`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
