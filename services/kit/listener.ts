import pg from 'pg';
import type { Clock } from './clock.ts';
import { asLibpqReads } from './database-url.ts';

export interface Listener {
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly url: string;
  readonly channel: string;
  readonly clock: Clock;
  /** A notification came, or the connection is new and one may have been missed. */
  readonly onWake: () => void;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

/** LISTENs on a connection of its own and gets it back when it breaks. Only a hint: whoever listens must poll slowly as well. */
export function listen({ url, channel, clock, onWake }: ListenOptions): Listener {
  let client: pg.Client | undefined;
  let cancelRetry = (): void => undefined;
  let retryMs = FIRST_RETRY_MS;
  let closed = false;

  const connect = async (): Promise<void> => {
    const mine = new pg.Client({ connectionString: asLibpqReads(url), keepAlive: true, connectionTimeoutMillis: 5000, application_name: channel });
    client = mine;
    let ended = false;
    const again = (): void => {
      if (ended || closed) return;
      ended = true;
      mine.end().catch(() => undefined);
      cancelRetry = clock.after(retryMs, () => void connect());
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    };
    mine.on('error', again);
    mine.on('end', again);
    mine.on('notification', onWake);
    try {
      await mine.connect();
      await mine.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      retryMs = FIRST_RETRY_MS;
      onWake();
    } catch {
      again();
    }
  };
  void connect();
  return {
    async close() {
      closed = true;
      cancelRetry();
      await client?.end().catch(() => undefined);
    },
  };
}
