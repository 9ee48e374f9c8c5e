import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { ALONE } from './alone.ts';
import { getApacheKafka } from './get.ts';

export interface ApacheKafka {
  /** host:port of the one broker. */
  bootstrap: string;
  /** Where the jars are: the console tools are in them. */
  lib: string;
  /** Stops it and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

const START_MS = 90_000;
const STOP_MS = 20_000;

/** Starts one KRaft node of Apache Kafka on loopback (some 5 s), or says why it cannot. */
export async function startApacheKafka(): Promise<ApacheKafka | { skipped: string }> {
  const got = getApacheKafka();
  if ('skipped' in got) return got;
  const folder = mkdtempSync(path.join(tmpdir(), 'apache-kafka-'));
  const [port, controller] = await freePorts(2);
  const properties = path.join(folder, 'server.properties');
  writeFileSync(properties, settings(port as number, controller as number, path.join(folder, 'data')));
  const classpath = path.join(got.lib, '*');
  execFileSync('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '--standalone', '-t', 'todoctlTestClusterId00', '-c', properties], {
    stdio: 'ignore',
  });
  const launch = async (): Promise<ChildProcess> => {
    const log = createWriteStream(path.join(folder, 'kafka.out'), { flags: 'a' });
    const child = spawn('java', ['-Xmx512m', '-cp', classpath, 'kafka.Kafka', properties], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    await answering(port as number, child);
    return child;
  };
  let child = await launch();
  return {
    bootstrap: `127.0.0.1:${port}`,
    lib: got.lib,
    restart: async () => {
      await end(child);
      child = await launch();
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(port: number, controller: number, data: string): string {
  return `process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data}
num.partitions=1
${ALONE}
log.retention.check.interval.ms=1000
`;
}

// ApiVersions v0 answered without an error is what our own broker's readiness means too.
const API_VERSIONS = Buffer.from('0000000a00120000000000010000', 'hex');

/** Resolves when the broker answers ApiVersions; rejects when the process ends first or time is up. */
async function answering(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Apache Kafka ended with ${child.exitCode ?? child.signalCode}`);
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`Apache Kafka did not answer within ${START_MS / 1000} s`);
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    socket.on('error', () => socket.destroy());
    socket.write(API_VERSIONS);
    const data = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => undefined)]);
    return data !== undefined;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
