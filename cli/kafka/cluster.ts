import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Address, KafkaAccess } from './access.ts';
import { findCoordinator } from './apis/groups.ts';
import { type Metadata, metadata } from './apis/metadata.ts';
import type { Connection } from './connection.ts';
import { addressText, check, ConnectionLost, KafkaError, mayPass } from './failures.ts';
import { openConnection } from './open.ts';
import { MalformedFrame } from './wire.ts';

/** The brokers behind one KafkaAccess: one connection to each for short questions, opened on first use. */
export class Cluster implements AsyncDisposable {
  readonly access: KafkaAccess;
  readonly #signal: AbortSignal | undefined;
  readonly #connections = new Map<string, Promise<Connection>>();
  #brokers = new Map<number, Address>();
  #controller = -1;

  constructor(access: KafkaAccess, signal?: AbortSignal) {
    this.access = access;
    this.#signal = signal;
  }

  /** What the cluster says of these topics, or of all. A topic's own error is left to the caller. */
  async metadata(topics: readonly string[] | null): Promise<Metadata> {
    const found = await this.anyBroker((connection) => connection.call(metadata, { topics }));
    this.#brokers = found.brokers;
    this.#controller = found.controller;
    return found;
  }

  /** Asks whichever broker answers first in turn: known ones, then bootstrap. Throws TODOCTL_KAFKA_UNREACHABLE when none does. */
  async anyBroker<T>(ask: (connection: Connection) => Promise<T>): Promise<T> {
    const failures: string[] = [];
    for (const address of this.#candidates()) {
      try {
        return await ask(await this.#connection(address));
      } catch (error) {
        if (this.#signal?.aborted) throw this.#signal.reason;
        if (error instanceof MalformedFrame) throw malformed(this.access, error);
        if (!(error instanceof ConnectionLost)) throw error;
        failures.push(error.message);
      }
    }
    throw new TodoctlError('TODOCTL_KAFKA_UNREACHABLE', { message: `No broker of Kafka at ${this.access.where} answers`, details: failures });
  }

  /** The shared connection to a broker of the last metadata. */
  async broker(node: number): Promise<Connection> {
    return this.#connection(await this.#address(node));
  }

  /** A connection of the caller's own: a waiting fetch holds up everything behind it. */
  async dial(node: number): Promise<Connection> {
    return openConnection(this.access, await this.#address(node), this.#signal);
  }

  /** The broker that makes and changes topics. */
  async controller(): Promise<Connection> {
    await this.metadata([]);
    return this.broker(this.#controller);
  }

  /** The broker that keeps a group's offsets. */
  async coordinator(group: string): Promise<Connection> {
    const found = await this.anyBroker((connection) => connection.call(findCoordinator, { group }));
    check(found.error, `coordinator of group ${group}`);
    return this.#connection(found.address);
  }

  /** Ids of the brokers in the last metadata. */
  nodes(): number[] {
    return [...this.#brokers.keys()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opening = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of await Promise.allSettled(opening)) if (connection.status === 'fulfilled') connection.value.close();
  }

  #candidates(): Address[] {
    const byText = new Map([...this.#brokers.values(), ...this.access.bootstrap].map((address) => [addressText(address), address]));
    return [...byText.values()];
  }

  async #address(node: number): Promise<Address> {
    if (!this.#brokers.has(node)) await this.metadata([]);
    const address = this.#brokers.get(node);
    if (!address) throw new ConnectionLost(`the cluster does not know broker ${node} (any more)`);
    return address;
  }

  async #connection(address: Address): Promise<Connection> {
    const key = addressText(address);
    const open = this.#connections.get(key);
    if (open) {
      const connection = await open;
      if (connection.open) return connection;
      this.#connections.delete(key);
    }
    const opening = openConnection(this.access, address, this.#signal);
    this.#connections.set(key, opening);
    // A failed attempt must not be remembered as the connection.
    opening.catch(() => this.#connections.delete(key));
    return opening;
  }
}

/** An error of the protocol or of the network as one that a person is shown; others as they are. */
export function shown(access: KafkaAccess, error: unknown): unknown {
  if (error instanceof MalformedFrame) return malformed(access, error);
  if (error instanceof ConnectionLost) return new TodoctlError('TODOCTL_KAFKA_UNREACHABLE', { message: `Kafka at ${access.where} is gone`, details: [error.message] });
  if (!(error instanceof KafkaError)) return error;
  const code = /AUTHORIZATION|SASL|SECURITY/.test(error.message) ? 'TODOCTL_KAFKA_AUTH_REFUSED' : 'TODOCTL_KAFKA_REFUSED';
  return new TodoctlError(code, { message: `Kafka at ${access.where} refused: ${error.message}` });
}

function malformed(access: KafkaAccess, error: MalformedFrame): TodoctlError {
  return new TodoctlError('TODOCTL_KAFKA_MALFORMED', { message: `What answers as Kafka at ${access.where} is not understood`, details: [error.message], cause: error });
}

const TRIES = 6;
const FIRST_PAUSE_MS = 50;

/** Runs `ask`, again with growing pauses while what fails may pass (a leader is being chosen, a broker restarts); about 3 s in all. */
export async function patiently<T>(ask: () => Promise<T>, wait: (ms: number) => Promise<void> = pause): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await ask();
    } catch (error) {
      if (tried === TRIES || !mayPass(error)) throw error;
      await wait(FIRST_PAUSE_MS * 2 ** tried);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
