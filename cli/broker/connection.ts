import { once } from 'node:events';
import type { Socket } from 'node:net';
import { MalformedFrame } from '../kafka/wire.ts';
import { type Answer, dispatch, NotSpoken } from './dispatch.ts';
import { Frames } from './frames.ts';
import type { BrokerContext } from './handlers/context.ts';

/** Of one request. Producers send at most a few batches of 1 MiB; Kafka itself takes 100 MiB. */
const LARGEST_FRAME = 32 * 1024 * 1024;
/** What a client may send ahead while an answer is awaited; then its socket is not read. */
const MOST_AHEAD = 4 * 1024 * 1024;

/**
 * Serves one client: its requests one after the other, so that answers keep the order of the questions, as the protocol demands.
 * A frame that makes no sense ends this connection and nothing else.
 */
export function serve(socket: Socket, broker: BrokerContext): void {
  const frames = new Frames(LARGEST_FRAME);
  const closed = new AbortController();
  const host = socket.remoteAddress ?? '';
  let answering = false;

  const answerAll = async (): Promise<void> => {
    if (answering) return;
    answering = true;
    try {
      for (let frame = frames.next(); frame && !closed.signal.aborted; frame = frames.next()) {
        const answer = dispatch(frame, broker, host, closed.signal);
        const chunks = answer instanceof Promise ? await answer : answer;
        if (chunks && !closed.signal.aborted) await send(socket, chunks, closed.signal);
      }
    } catch (error) {
      if (error instanceof MalformedFrame || error instanceof NotSpoken) broker.log.warn('refused a request', { host, reason: error.message });
      else broker.log.error('a request failed', { host, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      socket.destroy();
    } finally {
      answering = false;
    }
    if (socket.isPaused()) socket.resume();
  };

  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    frames.push(chunk);
    if (answering && frames.held > MOST_AHEAD) socket.pause();
    void answerAll();
  });
  // Whatever went wrong with a socket, 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => closed.abort());
}

/** Writes an answer; waits while the client does not read, so that nothing piles up in memory. */
async function send(socket: Socket, chunks: NonNullable<Answer>, closed: AbortSignal): Promise<void> {
  socket.cork();
  let room = true;
  for (const chunk of chunks) room = socket.write(chunk);
  socket.uncork();
  if (room || !socket.writableNeedDrain) return;
  await once(socket, 'drain', { signal: closed }).catch(() => undefined);
}
