import { connect } from 'node:net';
import type { Address } from '../../../kafka/access.ts';
import type { Readiness } from './process-spec.ts';

/** Asks once whether a process is ready; the reason when it is not. Over plain sockets: node:http takes longer to load than the supervisor to start. */
export function probe(ready: Readiness, timeoutMs: number): Promise<string | undefined> {
  if ('tcp' in ready) return talk(ready.tcp, undefined, timeoutMs);
  const url = new URL(ready.http);
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
  return talk(address, `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`, timeoutMs);
}

/** True when anything accepts connections there. */
export async function answers(address: Address): Promise<boolean> {
  return (await talk(address, undefined, 1000)) === undefined;
}

function talk({ host, port }: Address, request: string | undefined, timeoutMs: number): Promise<string | undefined> {
  const where = `${request ? 'GET ' : ''}${host}:${port}${request?.split(' ')[1] ?? ''}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => { end(`${where}: no answer in ${timeoutMs} ms`); }, timeoutMs);
    const end = (reason: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    let text = '';
    socket.once('connect', () => {
      if (request) socket.write(request);
      else end(undefined);
    });
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
      if (status) end(status.startsWith('2') ? undefined : `${where}: ${status}`);
      else if (text.length > 1024) end(`${where}: not HTTP`);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => { end(`${where}: ${error.code === 'ECONNREFUSED' ? 'nobody listens' : error.message}`); });
    socket.once('close', () => { end(`${where}: closed without an answer`); });
  });
}
