import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { Duplex } from 'node:stream';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Kubernetes } from './client.ts';
import { BrokenFrame, encodeFrame, FrameParser, Opcode } from './websocket.ts';

/** A port of a pod. */
export interface PodPort {
  namespace: string;
  pod: string;
  port: number;
}

/** The pod is not there, does not listen, or is gone: what may be tried again. */
export class ForwardFailed extends Error {
  override readonly name = 'ForwardFailed';
}

/**
 * What the API server passes on to the kubelet as it is, and every container runtime's streaming server speaks (containerd 2.2 and
 * cri-streaming 0.36, read; tried with Kubernetes 1.36). kubectl's v2.portforward.k8s.io tunnels SPDY, which the API server would
 * have to take apart.
 */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;
/** Each channel of the server begins with the number of the port. */
const PORT_BYTES = 2;
const CHANNEL_OF_DATA = Buffer.from([DATA]);
const MOST_OF_A_REASON = 2000;
const ACCEPT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Proxies drop what is silent for a minute or less. */
const PING_MS = 15_000;
/** So many pings without a byte in return, and the other end is gone. */
const UNANSWERED = 2;

/**
 * Opens a byte stream to a port of a pod, through the API server: one WebSocket of its own, no listener, no kubectl. `signal` ends the
 * attempt only. Errors: ForwardFailed, TODOCTL_FORWARD_FORBIDDEN, and those of asking.
 */
export async function forwardPort(kubernetes: Kubernetes, to: PodPort, signal: AbortSignal, pingMs = PING_MS): Promise<Duplex> {
  const where = `${to.pod}:${to.port}`;
  const key = randomBytes(16).toString('base64');
  const path = `/api/v1/namespaces/${encodeURIComponent(to.namespace)}/pods/${encodeURIComponent(to.pod)}/portforward?ports=${to.port}`;
  const opened = await kubernetes.open(path, signal, {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': key, 'sec-websocket-protocol': PROTOCOL,
  });
  if ('refused' in opened) throw refused(to, opened);
  if ('body' in opened) {
    opened.body.destroy();
    throw new ForwardFailed(`${where}: the API server answered a port-forward with a page`);
  }
  const { socket, head, headers } = opened;
  if (headers['sec-websocket-accept'] !== createHash('sha1').update(key + ACCEPT).digest('base64') || headers['sec-websocket-protocol'] !== PROTOCOL) {
    socket.destroy();
    throw new ForwardFailed(`${where}: what answers speaks ${headers['sec-websocket-protocol'] ?? 'no protocol'}, not ${PROTOCOL}`);
  }
  return new PortForward(socket, head, where, pingMs);
}

function refused({ namespace, pod, port }: PodPort, { refused: status, reason }: { refused: number; reason: string }): Error {
  if (status !== 403) return new ForwardFailed(`${pod}:${port}: ${reason} (${status})`);
  return new TodoctlError('TODOCTL_FORWARD_FORBIDDEN', {
    message: `You may not forward ports of pods in the namespace ${namespace}`,
    details: [reason, 'it takes the verbs get and create on pods/portforward'],
  });
}

/**
 * Both ways wait for whoever is slower: reading stops while nobody takes, writing while the socket does not. The protocol knows no end
 * of one direction: who has written all still reads, until the other end goes or this one is destroyed.
 */
class PortForward extends Duplex {
  readonly #socket: Duplex;
  readonly #where: string;
  readonly #parser = new FrameParser({ data: (piece, first) => this.#data(piece, first), control: (opcode, payload) => this.#control(opcode, payload) });
  readonly #pinging: NodeJS.Timeout;
  /** Of the message at hand; undefined until its first byte. */
  #channel: number | undefined;
  readonly #skipped: [number, number] = [0, 0];
  #reason = '';
  #silent = 0;
  #paused = false;
  #over = false;

  constructor(socket: Duplex, head: Buffer, where: string, pingMs: number) {
    // What fits a read of TLS many times over, so that reading is not stopped and begun for each.
    super({ readableHighWaterMark: 1024 * 1024 });
    this.#socket = socket;
    this.#where = where;
    socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
    socket.on('error', (error) => this.destroy(new ForwardFailed(`${where}: ${error.message}`)));
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#ended());
    this.#pinging = setInterval(() => this.#ping(), pingMs);
    if (head.length > 0) this.#arrived(head);
  }

  override _read(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(Opcode.binary, [CHANNEL_OF_DATA, chunk], done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#pinging);
    this.#socket.destroy();
    done(error);
  }

  #arrived(chunk: Buffer): void {
    this.#silent = 0;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (!(error instanceof BrokenFrame)) throw error;
      this.destroy(new ForwardFailed(`${this.#where}: ${error.message}`));
    }
  }

  #data(whole: Buffer, first: boolean): void {
    let piece = whole;
    if (first) this.#channel = undefined;
    if (this.#channel === undefined) {
      if (piece.length === 0) return;
      this.#channel = piece[0];
      piece = piece.subarray(1);
    }
    const channel = this.#channel;
    if (channel !== DATA && channel !== ERROR) return;
    const skip = Math.min(PORT_BYTES - this.#skipped[channel], piece.length);
    this.#skipped[channel] += skip;
    if (skip === piece.length) return;
    if (skip > 0) piece = piece.subarray(skip);
    if (channel === ERROR) this.#reason = (this.#reason + piece.toString('utf8')).slice(0, MOST_OF_A_REASON);
    else if (!this.destroyed && !this.#over && !this.push(piece)) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #control(opcode: Opcode, payload: Buffer): void {
    if (opcode === Opcode.ping) this.#send(Opcode.pong, [payload], () => undefined);
    if (opcode === Opcode.close) this.#ended();
  }

  /** The other end said why, or went. */
  #ended(): void {
    if (this.destroyed) return;
    clearInterval(this.#pinging);
    if (this.#reason !== '') this.destroy(new ForwardFailed(`${this.#where}: ${this.#reason.trim()}`));
    else if (!this.#over) {
      this.#over = true;
      this.push(null);
    }
  }

  #ping(): void {
    // While reading waits for whoever takes, an answer could not be seen.
    if (this.#paused) return;
    if (++this.#silent > UNANSWERED) this.destroy(new ForwardFailed(`${this.#where} has not answered for some time`));
    else this.#send(Opcode.ping, [], () => undefined);
  }

  #send(opcode: Opcode, parts: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return done(new ForwardFailed(`${this.#where} is gone`));
    this.#socket.write(encodeFrame(opcode, parts, randomFillSync(Buffer.allocUnsafe(4))), done);
  }
}
