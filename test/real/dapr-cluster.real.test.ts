// The Dapr objects of a cluster, read by a real daprd: it signs in to Kafka as its service, keeps time, and takes policies and Configuration.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { platformIn, renderedOf } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { getDaprd } from '../tools/dapr/build.ts';
import { realPart } from './parts.ts';

const daprd = await realPart('daprd', getDaprd);

const PASSWORD = 'canary-of-task-api';
const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;

/** A broker that hears who signs in, in the clear, and then hangs up. */
function listeningBroker(heard: string[]): Server {
  return net.createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const request = received.subarray(4, 4 + received.readInt32BE(0));
        received = received.subarray(4 + request.length);
        const correlation = request.subarray(4, 8);
        const answer = (body: Buffer): void => {
          const size = Buffer.alloc(4);
          size.writeInt32BE(4 + body.length);
          socket.write(Buffer.concat([size, correlation, body]));
        };
        const apiKey = request.readInt16BE(0);
        // No error; one mechanism, PLAIN.
        if (apiKey === SASL_HANDSHAKE) answer(Buffer.from('0000000000010005504c41494e', 'hex'));
        // Version 0 of the answer, UNSUPPORTED_VERSION, which every client understands.
        else if (apiKey === API_VERSIONS) answer(Buffer.from('002300000000', 'hex'));
        else if (apiKey === SASL_AUTHENTICATE) {
          heard.push(request.toString('latin1').split('\0').slice(-2).join(' '));
          socket.destroy();
        } else socket.destroy();
      }
    });
  });
}

const listen = (server: Server | http.Server): Promise<number> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

interface Sidecar {
  said: string[];
  stop: () => Promise<void>;
}

/** A daprd for task-api that reads these objects, with what the injector would put into its environment. */
async function startSidecar(objects: readonly { file: string; text: string }[], appPort?: number): Promise<Sidecar> {
  const [folder, elsewhere, [api = 0, grpc = 0, internal = 0, metrics = 0, health = 0]] = await Promise.all([temporaryFolder(), temporaryFolder(), freePorts(5)]);
  for (const { file, text } of objects) await writeFile(path.join(file.startsWith('configuration') ? elsewhere : folder, file), text);
  const flags = {
    'app-id': 'task-api', ...(appPort === undefined ? {} : { 'app-port': appPort }), 'resources-path': folder, config: path.join(elsewhere, 'configuration-todo-task-api.yaml'),
    'dapr-http-port': api, 'dapr-grpc-port': grpc, 'dapr-internal-grpc-port': internal, 'metrics-port': metrics, 'dapr-public-port': health, 'dapr-listen-addresses': '127.0.0.1',
    'placement-host-address': '', 'scheduler-host-address': '',
  };
  const child = spawn(daprd?.binary ?? '', Object.entries(flags).map(([name, value]) => `--${name}=${value}`), {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NAMESPACE: 'todo', KAFKA_PASSWORD: PASSWORD, DAPR_ENV_KEYS: 'KAFKA_PASSWORD' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(...bytes.toString().split('\n')));
  const ended = once(child, 'exit');
  return {
    said,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe.skipIf(!daprd)('a daprd that reads what a sidecar in a cluster would', () => {
  async function objectsOfACluster(): Promise<{ file: string; text: string }[]> {
    const platform = await platformIn('prod', `platform: todo
topics: { task-events: { key: task } }
services:
  task-api: { publishes: [task-events], invokes: [audit], schedule: '@every 1s' }
  audit: { subscribes: [task-events], invokes: [task-api] }
environments:
  prod: { provider: existing, context: c, kafka: { brokers: 1 }, tracing: { enabled: false } }
`);
    return renderedOf(platform).filter(({ system, owner }) => system === 'dapr' && owner === 'release').map(({ path: file, text }) => ({ file: path.basename(file), text }));
  }

  test('signs in to Kafka by its app id, with the password of its variable, and never says it', async () => {
    const signedIn: string[] = [];
    const broker = listeningBroker(signedIn);
    const port = await listen(broker);
    // What cannot be here: Strimzi's address, its TLS, and a mechanism that hides the password from who listens.
    const here = (await objectsOfACluster()).map(({ file, text }) => ({
      file,
      text: text.replace(/todo-kafka-bootstrap[^"]*/, `127.0.0.1:${port}`).replace('SHA-512', 'PLAINTEXT').replace(/- name: caCert\n.*\n.*\n.*\n/, '- name: disableTls\n      value: "true"\n'),
    }));
    const { said, stop } = await startSidecar(here);
    try {
      await until('somebody signs in', () => signedIn.length > 0);
      expect(new Set(signedIn)).toEqual(new Set([`task-api ${PASSWORD}`]));
      expect(said.filter((line) => line.includes(PASSWORD))).toEqual([]);
    } finally {
      await stop();
      broker.close();
    }
  });

  test('takes Configuration and policies, and calls its service when it is time', async () => {
    const called: string[] = [];
    const app = http.createServer(({ method, url }, response) => {
      called.push(`${method} ${url}`);
      response.statusCode = url?.startsWith('/dapr/') ? 404 : 200;
      response.end();
    });
    const { said, stop } = await startSidecar((await objectsOfACluster()).filter(({ file }) => /^(?:configuration|resiliency|component-schedule)/.test(file)), await listen(app));
    try {
      await until('the clock strikes', () => called.includes('POST /schedule'));
      expect(said.join('\n')).toContain('Loading Resiliency configuration: todo');
      expect(said.filter((line) => /level=(?:error|fatal)/.test(line))).toEqual([]);
    } finally {
      await stop();
      app.close();
    }
  });
});
