import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrokerDeps, startBroker } from '../../../cli/broker/broker.ts';
import type { BrokerConfig } from '../../../cli/broker/config.ts';
import { jsonLog } from '../../../cli/io/json-log.ts';

export interface EmbeddedKafka {
  bootstrap: string;
  dataDir: string;
  /** What it has logged so far, one JSON line each. */
  logged: string[];
  /** Stops it and leaves its data; `resume` starts it again on the same port. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** The embedded broker in this process, on a free port and a data directory of its own. */
export async function startEmbedded(config: Partial<BrokerConfig> = {}, deps: Partial<BrokerDeps> = {}): Promise<EmbeddedKafka> {
  const dataDir = config.dataDir ?? mkdtempSync(path.join(tmpdir(), 'broker-'));
  const logged: string[] = [];
  const log = jsonLog({ name: 'broker', level: 'debug', write: (line) => logged.push(line) });
  const start = (port: number): ReturnType<typeof startBroker> =>
    startBroker({ host: '127.0.0.1', clusterId: 'test', dataDir, ...config, port }, { log, ...deps });
  let broker = await start(config.port ?? 0);
  const halt = (): Promise<void> => broker.stop();
  const resume = async (): Promise<void> => {
    broker = await start(broker.port);
  };
  return {
    bootstrap: `127.0.0.1:${broker.port}`,
    dataDir,
    logged,
    halt,
    resume,
    restart: async () => {
      await halt();
      await resume();
    },
    stop: async () => {
      await broker.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
