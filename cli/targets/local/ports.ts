import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { Platform, Service } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Address } from '../../kafka/access.ts';
import { parseBrokers } from '../../kafka/tcp.ts';
import { readJson, writePrivate } from './json-file.ts';

/** Port numbers by name: `entrance`, `kafka`, `postgres`, a replica's own (`task-api-0`) and its sidecar's (`task-api-0.dapr`). */
export type Ports = Readonly<Record<string, number>>;

/** `ports.json`: kept, so that a restart finds the same ports; read by every command that talks to the platform. */
export interface PortsFile {
  ports: Ports;
  bootstrap: readonly Address[];
}

// Below the range from which systems hand out ports for outgoing connections (32768 and up).
const LOWEST = 20_000;
const HOW_MANY = 10_000;

/** Names of a service's replicas, as they are known everywhere: `task-api-0`, `task-api-1`. */
export function replicasOf({ name, replicas }: Pick<Service, 'name' | 'replicas'>): string[] {
  return Array.from({ length: replicas }, (_, index) => `${name}-${index}`);
}

/** Further ports that a real daprd needs beside its HTTP port. */
const DAPRD_PORTS = ['grpc', 'internal-grpc', 'metrics'] as const;

/** Every port that the environment needs, in a fixed order. */
export function portNames({ environment, services }: Platform): string[] {
  const daprd = environment.dapr?.binary !== undefined;
  return [
    'entrance',
    ...(environment.kafka?.bootstrap ? [] : ['kafka']),
    ...(environment.postgres?.url ? [] : ['postgres']),
    ...services.flatMap((service) =>
      replicasOf(service).flatMap((replica) => [
        replica,
        ...(service.sidecar ? [`${replica}.dapr`] : []),
        ...(service.sidecar && daprd ? DAPRD_PORTS.map((port) => `${replica}.dapr-${port}`) : []),
      ]),
    ),
  ];
}

/** The name of the process that listens on the port of this name. One embedded sidecar serves all apps; each daprd serves its own. */
export function listenerOf(name: string, { environment }: Pick<Platform, 'environment'>): string {
  if (name === 'entrance') return 'gateway';
  if (name === 'kafka') return 'broker';
  const replica = /^(.*)\.dapr(?:-.*)?$/.exec(name)?.[1];
  if (replica === undefined) return name;
  return environment.dapr?.binary === undefined ? 'sidecar' : `${replica}.dapr`;
}

export interface AssignGiven {
  platform: Platform;
  /** What ports.json holds. */
  known: Ports;
  /** Where looking for free ports begins; the same project begins at the same place. */
  seed: string;
  /** True when the port is free, or used by this environment's own processes. */
  usable: (port: number) => Promise<boolean>;
  /** Who listens on a port, as far as it can be known. */
  holder: (port: number) => string | undefined;
}

/** A port for every name: the definition's, else the one it had, else a free one. Throws TODOCTL_PORT_TAKEN for a fixed port. */
export async function assignPorts({ platform, known, seed, usable, holder }: AssignGiven): Promise<Ports> {
  const fixed = fixedPorts(platform);
  const names = portNames(platform);
  const kept = new Map<string, number>();
  const taken = new Set<number>();
  const keep = (name: string, port: number): void => {
    kept.set(name, port);
    taken.add(port);
  };
  for (const [name, port] of Object.entries(fixed)) {
    if (!names.includes(name)) continue;
    if (!(await usable(port))) throw portTaken(name, port, holder(port));
    keep(name, port);
  }
  // What is known comes before what is new: no process may lose its port to a newcomer.
  for (const name of names) {
    const had = known[name];
    if (had !== undefined && !kept.has(name) && !taken.has(had) && (await usable(had))) keep(name, had);
  }
  for (const name of names) if (!kept.has(name)) keep(name, await firstFree(seed, taken, usable));
  return Object.fromEntries(names.map((name) => [name, kept.get(name) as number]));
}

/** The ports that the definition names. */
export function fixedPorts({ environment }: Platform): Ports {
  return Object.fromEntries(Object.entries(environment.ports).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

async function firstFree(seed: string, taken: ReadonlySet<number>, usable: (port: number) => Promise<boolean>): Promise<number> {
  const start = createHash('sha256').update(seed).digest().readUInt32BE() % HOW_MANY;
  for (let step = 0; step < HOW_MANY; step++) {
    const port = LOWEST + ((start + step) % HOW_MANY);
    if (!taken.has(port) && (await usable(port))) return port;
  }
  throw new TodoctlError('TODOCTL_PORT_TAKEN', { message: `no free port from ${LOWEST} to ${LOWEST + HOW_MANY - 1}` });
}

export function portTaken(name: string, port: number, holder: string | undefined): TodoctlError {
  return new TodoctlError('TODOCTL_PORT_TAKEN', { message: `Port ${port} (${name}) is taken${holder ? ` by ${holder}` : ''}` });
}

/** Tries to listen on 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Undefined when there is none, or when what is there cannot be used: then nothing is known of a deploy, and ports are given out anew. */
export async function readPorts(file: string): Promise<PortsFile | undefined> {
  const { ports, bootstrap } = ((await readJson(file)) ?? {}) as Partial<PortsFile>;
  return arePorts(ports) && areAddresses(bootstrap) ? { ports, bootstrap } : undefined;
}

function arePorts(value: Ports | null | undefined): value is Ports {
  return typeof value === 'object' && value !== null && isPort(value['entrance']) && Object.values(value).every(isPort);
}

function areAddresses(value: readonly Address[] | undefined): value is readonly Address[] {
  return Array.isArray(value) && value.every((address: Partial<Address> | null) => typeof address?.host === 'string' && isPort(address.port));
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

export async function writePorts(file: string, content: PortsFile): Promise<void> {
  await writePrivate(file, `${JSON.stringify(content, null, 2)}\n`);
}

/** Where Kafka is: the environment's own, or the embedded broker. */
export function bootstrapOf({ environment }: Platform, ports: Ports): Address[] {
  const own = environment.kafka?.bootstrap;
  return own ? (parseBrokers(own) ?? []) : [{ host: '127.0.0.1', port: portOf(ports, 'kafka') }];
}

export function portOf(ports: Ports, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port is known for ${name}`);
  return port;
}
