import type { Address, KafkaAccess } from '../../kafka/access.ts';
import { connectTcp } from '../../kafka/tcp.ts';

/** Kafka as it is reached from this machine: plain TCP to the address that a broker advertises. */
export function kafkaAccess(environment: string, bootstrap: readonly Address[]): KafkaAccess {
  return {
    where: `${environment} (${bootstrap.map(({ host, port }) => `${host}:${port}`).join(', ')})`,
    bootstrap,
    connect: connectTcp,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
