import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from '../../kafka/access.ts';

/** Opens a TCP connection to a broker. Nagle's wait is off: requests are small and each is waited for. */
export function connectTcp(broker: Address, signal?: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: broker.host, port: broker.port, noDelay: true, ...(signal && { signal }) });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The addresses of `host:port[,host:port…]`; undefined when one is none. */
export function parseBrokers(text: string): Address[] | undefined {
  const addresses: Address[] = [];
  for (const part of text.split(',')) {
    const [, bracketed, plain, port] = /^(?:\[([0-9a-f:]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(part.trim()) ?? [];
    const host = bracketed ?? plain;
    if (!host || Number(port) > 65_535) return undefined;
    addresses.push({ host, port: Number(port) });
  }
  return addresses;
}
