// An API server that does what a test says with each port-forward: the kubelet's side of v4.channel.k8s.io, as plainly as it can be written.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Kubernetes } from '../../../cli/kubernetes/client.ts';
import { Redactor } from '../../../cli/io/redactor.ts';

/** The server's end of one forward. */
export class Kubelet {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly socket: Socket;
  /** What the client sent, frame by frame, unmasked. */
  readonly got: { opcode: number; payload: Buffer }[] = [];
  /** Called with what comes on the data channel. */
  onData: (bytes: Buffer) => void = () => undefined;
  onPing: () => void = () => undefined;
  #rest = Buffer.alloc(0);

  constructor(request: http.IncomingMessage, socket: Socket) {
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => undefined).on('end', () => socket.end());
  }

  /** Writes the number of the port to both channels, as the kubelet begins. */
  begin(port: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(port);
    return this.send(0, bytes).send(1, bytes);
  }

  send(channel: number, payload: Uint8Array): this {
    this.socket.write(frame(2, Buffer.concat([Buffer.from([channel]), payload])));
    return this;
  }

  raw(opcode: number, payload: Uint8Array = Buffer.alloc(0)): this {
    this.socket.write(frame(opcode, payload));
    return this;
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const rest = this.#rest;
      if (rest.length < 2) return;
      const short = (rest[1] ?? 0) & 0x7f;
      const at = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (rest.length < at) return;
      const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
      if (rest.length < at + 4 + length) return;
      const mask = rest.subarray(at, at + 4);
      const payload = Buffer.from(rest.subarray(at + 4, at + 4 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
      this.#rest = rest.subarray(at + 4 + length);
      const opcode = (rest[0] ?? 0) & 0x0f;
      this.got.push({ opcode, payload });
      if (opcode === 2 && payload[0] === 0) this.onData(payload.subarray(1));
      if (opcode === 9) this.onPing();
    }
  }
}

export function frame(opcode: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(payload.length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

export interface Served {
  forward?: (kubelet: Kubelet) => void;
  request?: (request: http.IncomingMessage, response: http.ServerResponse) => void;
  /** What the handshake says instead of what is right. */
  handshake?: Record<string, string>;
}

/** Starts such a server on loopback, and a client of it; both end with the test. */
export async function apiServerThat({ forward, request, handshake }: Served): Promise<Kubernetes> {
  const server = http.createServer(request ?? ((_, response) => void response.writeHead(404).end('{}')));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // Without somebody who takes them, upgrades are requests like others, and can be refused.
  if (forward || handshake) server.on('upgrade', (asked, socket) => {
    const accept = createHash('sha1').update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const headers = { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-accept': accept, 'sec-websocket-protocol': 'v4.channel.k8s.io', ...handshake };
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    forward?.(new Kubelet(asked, socket as Socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const kubernetes = new Kubernetes({ context: 'test', server: address, insecure: false, user: { token: 'canary-token' } }, { env: {}, redactor: new Redactor(), stop: new AbortController().signal });
  onTestFinished(() => {
    kubernetes[Symbol.dispose]();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return kubernetes;
}
