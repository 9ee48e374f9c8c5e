import { once } from 'node:events';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address, Intake } from './access.ts';

/**
 * Opens a TCP connection to a broker. Nagle's wait is off: requests are small and each is waited for.
 * The signal ends the attempt only: handed to net.connect it would end the open connection too.
 */
export async function connectTcp({ host, port }: Address, signal?: AbortSignal, intake?: Intake): Promise<Duplex> {
  const onread = intake && { buffer: () => intake.room(), callback: (length: number) => (intake.filled(length), true) };
  const socket = net.connect({ host, port, noDelay: true, ...(onread && { onread }) });
  try {
    await once(socket, 'connect', signal ? { signal } : {});
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
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
