// A sidecar that does what a test tells it, over real HTTP: it keeps what it was given, and fails as scripted.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Published {
  topic: string;
  id: string;
  key: string;
  event: Record<string, unknown>;
}

/** What becomes of a bulk call: which entries get onto the topic, which of them are reported as failed. */
export type Verdict =
  | { answer: 'fine' }
  | { answer: 'partial'; failed: number[] }
  | { answer: 'refused'; status: number; body?: unknown }
  /** Everything is published, and then the connection breaks: nobody learns of it. */
  | { answer: 'lost' }
  | { answer: 'reset' }
  | { answer: 'silence' };

export interface BulkCall {
  topic: string;
  entries: { entryId: string; event: Record<string, unknown>; contentType: string; metadata: Record<string, string> }[];
  headers: IncomingMessage['headers'];
}

export interface OtherCall {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ScriptedSidecar {
  readonly port: number;
  /** What lies on the topics, in the order in which it got there. */
  readonly log: Published[];
  readonly calls: BulkCall[];
  readonly others: OtherCall[];
  /** Judges each bulk call; all fine unless set. */
  judge: (call: BulkCall, index: number) => Verdict | Promise<Verdict>;
  /** Answers everything that is no bulk publish. */
  other: (call: OtherCall) => { status: number; body?: unknown; headers?: Record<string, string> };
  stop(): Promise<void>;
}

export async function startScriptedSidecar(port = 0): Promise<ScriptedSidecar> {
  const server = createServer((message, response) => void answer(message, response));
  const peer: ScriptedSidecar = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    log: [],
    calls: [],
    others: [],
    judge: () => ({ answer: 'fine' }),
    other: () => ({ status: 204 }),
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const bulk = /^\/v1\.0\/publish\/bulk\/pubsub\/([^?]+)/.exec(message.url ?? '');
    if (!bulk) {
      const call = { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body };
      peer.others.push(call);
      const { status, body: told, headers = {} } = peer.other(call);
      response.writeHead(status, { ...(told === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
      response.end(told === undefined ? undefined : JSON.stringify(told));
      return;
    }
    const call: BulkCall = { topic: decodeURIComponent(bulk[1] ?? ''), entries: JSON.parse(body) as BulkCall['entries'], headers: message.headers };
    peer.calls.push(call);
    const verdict = await peer.judge(call, peer.calls.length - 1);
    const publish = (skip: readonly number[]): void => {
      for (const [index, { event, metadata }] of call.entries.entries()) {
        if (!skip.includes(index)) peer.log.push({ topic: call.topic, id: String(event['id']), key: metadata['partitionKey'] ?? '', event });
      }
    };
    switch (verdict.answer) {
      case 'fine':
        publish([]);
        return void response.writeHead(204).end();
      case 'partial': {
        const failed = verdict.failed.filter((index) => index < call.entries.length);
        publish(failed);
        const failedEntries = failed.map((index) => ({ entryId: call.entries[index]?.entryId, error: 'scripted' }));
        return void response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ failedEntries, errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE' }));
      }
      case 'refused':
        return void response.writeHead(verdict.status, { 'content-type': 'application/json' }).end(JSON.stringify(verdict.body ?? { errorCode: 'ERR_SCRIPTED', message: '' }));
      case 'lost':
        publish([]);
        return void response.destroy();
      case 'reset':
        return void response.destroy();
      case 'silence':
        return;
    }
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return peer;
}

/** The first appearance of each event, in order. */
export function withoutRepeats(log: readonly Published[]): Published[] {
  const seen = new Set<string>();
  return log.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Waits for a condition, asked again every few milliseconds; throws when it does not come true in time. Resolves with the time it took, ms. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs: number, what = 'the condition'): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (await condition()) return performance.now() - began;
    if (performance.now() - began > withinMs) throw new Error(`${what} did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
