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

/** Where a transport may put what it reads, which spares a buffer and a copy per read. */
export interface Intake {
  /** Room for the next bytes, at least one. */
  room(): Buffer;
  /** So many bytes were put there. */
  filled(length: number): void;
}

/** How to reach a Kafka cluster from here: bytes only, so that TCP, TLS and a port-forward look the same to the reader. */
export interface KafkaAccess extends AsyncDisposable {
  /** For people: `local (127.0.0.1:9092)`. */
  readonly where: string;
  readonly bootstrap: readonly Address[];
  /**
   * Opens a byte stream to a broker, named as the cluster advertises it. The stream emits what it reads as 'data',
   * unless the transport knows how to hand it to `intake`.
   */
  connect(broker: Address, signal?: AbortSignal, intake?: Intake): Promise<Duplex>;
  readonly tls?: { ca?: string; servername?(broker: Address): string };
  /** Asked again with what the broker refused: it may have been rotated. */
  sasl?(refused?: Sasl): Promise<Sasl>;
}
