// A plain-HTTP door to a test's API server that counts what comes through, and can say when so much has.
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { ApiServer } from './api-server.ts';

export interface WatchedApi {
  /** Kubeconfig whose context `admin` leads through the door. */
  kubeconfig: string;
  /** `PATCH /api/v1/…`, without queries, in their order. */
  requests: string[];
  /** Called with the number of requests so far, of the kind that changes something. */
  onChange: (changes: number) => void;
  stop(): Promise<void>;
}

export async function watchApi({ server, folder }: ApiServer): Promise<WatchedApi> {
  const ca = readFileSync(path.join(folder, 'ca.crt'));
  const agent = new https.Agent({ keepAlive: true, ca });
  const requests: string[] = [];
  let changes = 0;
  const watched: WatchedApi = { kubeconfig: path.join(folder, 'watched-kubeconfig'), requests, onChange: () => undefined, stop: async () => undefined };
  const door = http.createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const { host: _, ...others } = headers;
    requests.push(`${method} ${url.split('?')[0]}`);
    const onward = https.request(new URL(url, server), { method, agent, headers: { ...others, authorization: 'Bearer token-of-admin' } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      if (method !== 'GET' && !url.includes('dryRun=All')) watched.onChange(++changes);
    });
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as AddressInfo;
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'admin',
    clusters: [{ name: 'watched', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'admin', user: { token: 'of-no-use' } }],
    contexts: [{ name: 'admin', context: { cluster: 'watched', user: 'admin' } }],
  };
  writeFileSync(watched.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  watched.stop = async () => {
    door.closeAllConnections();
    await new Promise((resolve) => door.close(resolve));
    agent.destroy();
  };
  return watched;
}
