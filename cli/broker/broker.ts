import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Log } from '../io/json-log.ts';
import type { BrokerConfig } from './config.ts';
import { serve } from './connection.ts';
import { takeDataDirectory } from './data-directory.ts';
import { Flusher } from './flusher.ts';
import { Coordinator } from './groups/coordinator.ts';
import type { BrokerContext } from './handlers/context.ts';
import { diskFiles, type Files } from './log/files.ts';
import { Offsets } from './offsets.ts';
import { Topics } from './topics.ts';

export interface Broker {
  /** As bound: the port is the real one when the config says 0. */
  readonly host: string;
  readonly port: number;
  /** Takes no more requests, writes everything down, lets the data directory go. */
  stop(): Promise<void>;
}

export interface BrokerDeps {
  log: Log;
  /** The disk, unless told. */
  files?: Files;
  /** The clock, ms; the system's unless told. */
  now?: () => number;
}

const BROKER_ID = 1;
const FLUSH_MS = 1000;
const RETENTION_CHECK_MS = 10_000;
const MOST_CONNECTIONS = 1000;
/** Producer ids begin at the time of the start, in steps that leave room for all ids of the start before, and stay below 2^53. */
const IDS_PER_MS = 1000;

/** Starts a broker on its data directory and port. Throws TodoctlError for the directory, the system's error for the port. */
export async function startBroker(config: BrokerConfig, { log, files = diskFiles, now = Date.now }: BrokerDeps): Promise<Broker> {
  const directory = takeDataDirectory(config.dataDir, files);
  const everyWrite = config.flush === 'every-write';
  const flusher = new Flusher(log);
  try {
    const offsets = new Offsets(directory.offsets, files, everyWrite);
    const topics = new Topics(directory.topics, {
      files,
      now,
      log,
      dirty: (segment) => (everyWrite ? segment.sync() : flusher.dirty(segment)),
      later: (work) => flusher.later(work),
      ...(config.segmentBytes === undefined ? {} : { segmentBytes: config.segmentBytes }),
    });
    const coordinator = new Coordinator(offsets);
    let producerId = now() * IDS_PER_MS;
    const sockets = new Set<Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      serve(socket, context);
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.listen(config.port, config.host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const context: BrokerContext = {
      clusterId: config.clusterId,
      address: { id: BROKER_ID, host: config.host, port },
      topics,
      offsets,
      coordinator,
      nextProducerId: () => producerId++,
      log,
    };
    if (!everyWrite) flusher.start(config.flush as number | undefined ?? FLUSH_MS, offsets);
    const retention = setInterval(() => topics.enforceRetention(), config.retentionCheckMs ?? RETENTION_CHECK_MS);
    const stop = async (): Promise<void> => {
      clearInterval(retention);
      const serverClosed = once(server, 'close');
      server.close();
      // What was answered still goes out; nothing new is read.
      for (const socket of sockets) socket.destroySoon();
      await serverClosed;
      coordinator.close();
      await flusher.stop();
      try {
        topics.close();
        offsets.close();
      } finally {
        directory.release();
      }
    };
    return { host: config.host, port, stop };
  } catch (error) {
    directory.release();
    throw error;
  }
}
