import type { Duplex } from 'node:stream';

export interface Address {
  host: string;
  port: number;
}

export interface Sasl {
  mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  username: string;
  password: string;
}

/** How to reach a Kafka cluster from here: bytes only, so that TCP, TLS and a port-forward look the same to the reader. */
export interface KafkaAccess extends AsyncDisposable {
  /** For people: `local (127.0.0.1:9092)`. */
  readonly where: string;
  readonly bootstrap: readonly Address[];
  /** Opens a byte stream to a broker, named as the cluster advertises it. */
  connect(broker: Address, signal?: AbortSignal): Promise<Duplex>;
  readonly tls?: { ca?: string; servername?(broker: Address): string };
  /** Asked again when the broker refuses it: it may have been rotated. */
  sasl?(): Promise<Sasl>;
}
