import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** A cluster's API, as the admin of a kubeconfig that has its CA and a token in it. */
export interface Api {
  ask: <T>(method: string, path: string, body?: object) => Promise<{ status: number; body: T }>;
  /** Calls `changed` at each event of a watch, and once it is open; ends when the server ends it. */
  watch: (path: string, changed: () => void) => Promise<void>;
}

interface Kubeconfig {
  clusters: readonly [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: readonly [{ user: { token: string } }];
}

export function openApi(kubeconfig: string): Api {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const agent = new https.Agent({ keepAlive: true, ca: Buffer.from(ca, 'base64') });
  const send = async (method: string, path: string, body?: object): Promise<http.IncomingMessage> => {
    const headers = { authorization: `Bearer ${users[0].user.token}`, 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
    const request = https.request(new URL(path, server), { method, agent, headers });
    request.end(body && JSON.stringify(body));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return response;
  };
  return {
    ask: async <T>(method: string, path: string, body?: object) => {
      const response = await send(method, path, body);
      return { status: response.statusCode ?? 0, body: JSON.parse(await text(response)) as T };
    },
    watch: async (path, changed) => {
      const response = await send('GET', path);
      changed();
      response.on('data', changed);
      await once(response, 'close');
    },
  };
}
