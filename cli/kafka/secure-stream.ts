import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { Address, KafkaAccess } from './access.ts';

/** TLS over any byte stream. The certificate is checked against the name that the cluster advertises, also behind a port-forward. */
export function secureStream(socket: Duplex, tls: NonNullable<KafkaAccess['tls']>, broker: Address, signal: AbortSignal): Promise<Duplex> {
  const name = tls.servername?.(broker) ?? broker.host;
  return new Promise((resolve, reject) => {
    const stream = tlsConnect({
      socket,
      // SNI takes no addresses; the certificate of an address is checked against `host`.
      ...(isIP(name) ? { host: name } : { servername: name, host: name }),
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    });
    const fail = (error: Error): void => {
      stream.destroy();
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(signal.reason as Error);
    stream.once('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    stream.once('secureConnect', () => {
      stream.off('error', fail);
      signal.removeEventListener('abort', abort);
      resolve(stream);
    });
  });
}
