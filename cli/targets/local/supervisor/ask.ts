import { connect } from 'node:net';
import { type Answer, lines, type Request } from './protocol.ts';

/** Sends one request to a supervisor's socket and returns its answer. Rejects when nobody answers in time. */
export function ask(socket: string, request: Request, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    const timer = setTimeout(() => { end(new Error(`the supervisor did not answer in ${timeoutMs} ms`)); }, timeoutMs);
    const end = (how: Error | Answer): void => {
      clearTimeout(timer);
      connection.destroy();
      if (how instanceof Error) reject(how);
      else resolve(how);
    };
    connection.setEncoding('utf8');
    connection.once('connect', () => connection.write(`${JSON.stringify(request)}\n`));
    const take = lines((line) => { end(JSON.parse(line) as Answer); });
    connection.on('data', (chunk) => {
      try {
        take(chunk.toString());
      } catch (error) {
        // Somebody else listens there by now.
        end(new Error('what answered is no supervisor', { cause: error }));
      }
    });
    connection.once('error', end);
    connection.once('close', () => { end(new Error('the supervisor closed the connection')); });
  });
}
