import { once } from 'node:events';
import { connect } from 'node:net';
import type { Address, KafkaAccess } from '../../kafka/access.ts';

/** Kafka as it is reached from this machine: plain TCP to the address that a broker advertises. */
export function kafkaAccess(environment: string, bootstrap: readonly Address[]): KafkaAccess {
  return {
    where: `${environment} (${bootstrap.map(({ host, port }) => `${host}:${port}`).join(', ')})`,
    bootstrap,
    async connect({ host, port }, signal) {
      const socket = connect({ host, port, noDelay: true });
      try {
        await once(socket, 'connect', signal ? { signal } : {});
        return socket;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
