import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../../support/certificate.ts';

/** As much of an API server as a provider asks of one: who it is, its nodes, and who may ask. */
export interface ApiBehind extends AsyncDisposable {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  uid: string;
  token: string;
  nodes: { name: string; ready: boolean; message?: string }[];
  readonly asked: string[];
}

export async function startApiBehind(): Promise<ApiBehind> {
  const { cert, key } = selfSigned('127.0.0.1');
  const server = https.createServer({ cert, key }, (request, response) => {
    const { url = '' } = request;
    behind.asked.push(url);
    const answer = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${behind.token}`) return answer(401, { message: 'Unauthorized' });
    if (url === '/api/v1/namespaces/kube-system') return answer(200, { metadata: { uid: behind.uid } });
    if (url === '/api/v1/nodes') return answer(200, { items: behind.nodes.map(({ name, ready, message }) => ({ metadata: { name }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', message }] } })) });
    return answer(404, { message: `the server could not find ${url}` });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const behind: ApiBehind = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: cert,
    uid: 'uid-of-the-first',
    token: 'first-token-of-the-cluster',
    nodes: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, ready: true })),
    asked: [],
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return behind;
}
